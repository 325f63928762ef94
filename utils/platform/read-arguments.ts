/** Owns what a platform may pass for a method's arguments: fewer, more, null, JSON as text, the callback early. */
import { AdapterError } from "../errors/adapter-error";
import type { IapMetadata, StsParams } from "../types/call";

/** `(data, error)`: exactly one of the two is not null. */
export type PlatformCallback<Data = unknown, Fault = unknown> = (data: Data | null, error: Fault | null) => void;

/** The arguments of a method, before anybody looked into them. */
export interface GivenArguments {
  readonly values: readonly unknown[];
  readonly callback: PlatformCallback | undefined;
}

/** As whom a call is made, and what else was said about it. */
export interface RoleArguments {
  readonly kind: "plain" | "STSRole";
  readonly stsParams: StsParams | null;
  readonly roleName: string | null;
  readonly metadata: IapMetadata | undefined;
}

/** One call of an operation, its arguments of the right kind. */
export interface OperationCall extends RoleArguments {
  readonly service: string;
  readonly operation: string;
  readonly params: Record<string, unknown>;
  /** `sts`: on the connections of AssumeRole, through a proxy or load balancer of its own. */
  readonly way?: "sts";
}

/** The first function among the arguments is the callback: a workflow may leave out what is optional before it. */
export function splitCallback(given: ArrayLike<unknown>): GivenArguments {
  let at = 0;
  while (at < given.length && typeof given[at] !== "function") at += 1;
  // Of the right size at once: one that grows has room for seventeen, and ten thousand calls may be made at a time.
  const values = Array.prototype.slice.call(given, 0, at) as unknown[];
  return { values, callback: given[at] as PlatformCallback | undefined };
}

function kindOf(value: unknown): string {
  if (Array.isArray(value)) return "an array";
  if (value instanceof Map || value instanceof Set) return value instanceof Map ? "a Map" : "a Set";
  if (typeof value === "string") return "text that is no JSON object";
  return typeof value === "object" ? "an object" : `a ${typeof value}`;
}

/**
 * @param parameter - its name, for the error
 * @param value - an object, its JSON as text, or nothing
 * @throws AdapterError `INVALID_INPUT`; the value itself is not repeated, it may hold a secret
 */
export function objectArgument(parameter: string, value: unknown): Record<string, unknown> | undefined {
  if (value === undefined || value === null || value === "") return undefined;
  let object = value;
  if (typeof value === "string") {
    try {
      object = JSON.parse(value);
    } catch {
      object = value;
    }
    if (object === null) return undefined;
  }
  // A Map or a Set has members too, but none that would be found by name: what it says would be lost without a word.
  if (typeof object === "object" && object !== null && !(Symbol.iterator in object)) {
    return object as Record<string, unknown>;
  }
  throw new AdapterError("INVALID_INPUT", {
    parameter,
    found: kindOf(object),
    expected: "an object, or its JSON as text",
    documentation: `${parameter} is an object with named members.`,
  });
}

/** @throws AdapterError `INVALID_INPUT` for anything but text or nothing */
export function textArgument(parameter: string, value: unknown): string | undefined {
  if (value === undefined || value === null || value === "") return undefined;
  if (typeof value === "string") return value;
  throw new AdapterError("INVALID_INPUT", {
    parameter,
    found: kindOf(value),
    expected: "text",
    documentation: `${parameter} is text.`,
  });
}

/** Where a role is given to a method that takes none, the call would act as somebody else: rather not at all. */
function checkNoRoleIsLost(kind: OperationCall["kind"], iapMetadata: unknown, further: readonly unknown[]): void {
  const surplus = further.some((value) => value !== undefined && value !== null && value !== "");
  const misplaced = typeof iapMetadata === "object" && iapMetadata !== null && "RoleArn" in iapMetadata;
  if (!surplus && !misplaced) return;
  const order =
    kind === "STSRole" ? "params, stsParams, roleName, iapMetadata, callback" : "params, iapMetadata, callback";
  throw new AdapterError("INVALID_INPUT", {
    parameter: misplaced ? "iapMetadata" : "arguments",
    found: misplaced ? "RoleArn" : "more than the method takes",
    expected: order,
    documentation: "a role is given to the methods whose names end in STSRole.",
  });
}

const metadataObjects = ["addlHeaders", "uriQuery", "payload", "callProperties", "events"] as const;

/** Members that a form left empty count as not given; what is no object would be ignored, and the call go elsewhere. */
function metadataArgument(given: unknown): IapMetadata | undefined {
  const metadata = objectArgument("iapMetadata", given);
  if (metadata === undefined) return undefined;
  const read: Record<string, unknown> = { ...metadata };
  for (const name of metadataObjects) setOrDrop(read, name, objectArgument(`iapMetadata.${name}`, read[name]));
  setOrDrop(read, "saveTo", textArgument("iapMetadata.saveTo", read["saveTo"]));
  const { callProperties } = read;
  if (callProperties !== undefined) {
    const set = Object.entries(callProperties as object).filter(([, value]) => value !== null && value !== "");
    read["callProperties"] = Object.fromEntries(set);
  }
  return read;
}

function setOrDrop(target: Record<string, unknown>, name: string, value: unknown): void {
  if (value === undefined) delete target[name];
  else target[name] = value;
}

/**
 * @param values - stsParams, roleName, iapMetadata; nothing may follow
 * @throws AdapterError `INVALID_INPUT`
 */
export function roleArguments(kind: RoleArguments["kind"], values: readonly unknown[]): RoleArguments {
  const stsParams = values[0];
  const roleName = values[1];
  const iapMetadata = values[2];
  checkNoRoleIsLost(kind, iapMetadata, values.slice(3));
  return {
    kind,
    stsParams: objectArgument("stsParams", stsParams) ?? null,
    roleName: textArgument("roleName", roleName) ?? null,
    metadata: metadataArgument(iapMetadata),
  };
}

/** What a method was asked to call; `values` holds params, then stsParams and roleName of an STSRole method, then iapMetadata. */
export function operationCall(
  service: string,
  operation: string,
  kind: OperationCall["kind"],
  values: readonly unknown[],
): OperationCall {
  const rest = kind === "STSRole" ? values.slice(1) : [null, null, ...values.slice(1)];
  const { stsParams, roleName, metadata } = roleArguments(kind, rest);
  return { service, operation, params: objectArgument("params", values[0]) ?? {}, kind, stsParams, roleName, metadata };
}

/** @param values - service, operation, then as {@link operationCall} */
export function anyOperationCall(kind: OperationCall["kind"], values: readonly unknown[]): OperationCall {
  const [service, operation, ...rest] = values;
  const named = { service: textArgument("service", service), operation: textArgument("operation", operation) };
  return operationCall(named.service ?? "", named.operation ?? "", kind, rest);
}
