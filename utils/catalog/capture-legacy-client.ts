/** Owns the joining of an API model with an old client package into what a client with schemas would have shown. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { type Declarations, declaredDocumentation, readDeclarations } from "./c2j-declarations";
import { type C2jModel, type C2jOperation, type C2jShape, checkModel, readModel } from "./c2j-model";
import { C2jShapes } from "./c2j-shapes";
import { packTraits } from "./c2j-traits";
import { paginatorsOfModel, waitersOfModel } from "./c2j-waiters";
import { splitCommonParameters } from "./capture-class-builder";
import type { CapturedClient, CapturedOperation, RawSchema, ServiceDocumentation } from "./captured-client";
import { ExtractionError } from "./extraction-error";
import { legacyErrors } from "./legacy-errors";
import { memberDocumentation } from "./member-documentation";
import { diagramOfRuleSet } from "./rule-set-diagram";
import { loadUnlinkedClient, type UnlinkedClient, type UnlinkedOperation } from "./unlinked-client";

/** Where the two packages are unpacked. */
export interface LegacySource {
  readonly clientFolder: string;
  readonly modelFolder: string;
  /** `networkmanager-2019-07-05` */
  readonly uid: string;
  /** `networkmanager`, as the file of its declarations is called. */
  readonly declarations: string;
}

/** Queries and XML are not here: their errors' codes and the names in them are published in code only. */
const PROTOCOLS: Readonly<Record<string, string>> = {
  "json 1.0": "AwsJson1_0Protocol",
  "json 1.1": "AwsJson1_1Protocol",
  "rest-json": "AwsRestJsonProtocol",
};

const lowerFirst = (text: string): string => text.charAt(0).toLowerCase() + text.slice(1);

function protocolOf(subject: string, { protocol, jsonVersion, awsQueryCompatible }: C2jModel["metadata"]): string {
  if (awsQueryCompatible !== undefined)
    throw new ExtractionError(subject, "its errors have the codes of queries, which it does not say");
  const name = protocol === "json" ? `json ${jsonVersion ?? "1.0"}` : protocol;
  const found = PROTOCOLS[name];
  if (found === undefined) throw new ExtractionError(subject, `models of the protocol ${name} are not understood`);
  return found;
}

/** The old client's deserializers name every error with its namespace. */
function namespaceOf({ source, packageName }: UnlinkedClient): string {
  const found = /case "([\w.]+)#\w+":/.exec(source)?.[1];
  if (found === undefined) throw new ExtractionError(packageName, "it names no shape with its namespace");
  return found;
}

/** A label of the path is called what its member is called. */
function pathOf({ http = {}, input }: C2jOperation): string {
  const members = Object.entries(input?.members ?? {}).filter(([, { location }]) => location === "uri");
  const names = new Map(members.map(([name, { locationName }]) => [locationName ?? name, name]));
  return (http.requestUri ?? "/").replace(/\{([^{}+]+)(\+?)\}/g, (label, name: string, greedy: string) =>
    names.has(name) ? `{${names.get(name)}${greedy}}` : label,
  );
}

function operationTraits(operation: C2jOperation, isRest: boolean): Readonly<Record<string, unknown>> {
  const { http = {}, endpoint, idempotent, httpChecksumRequired } = operation;
  return {
    ...(isRest ? { http: [http.method ?? "POST", pathOf(operation), http.responseCode ?? 200] } : {}),
    ...(idempotent === true ? { idempotent: 1 } : {}),
    ...(httpChecksumRequired === true ? { httpChecksumRequired: 1 } : {}),
    ...(endpoint?.hostPrefix === undefined ? {} : { endpoint: [endpoint.hostPrefix] }),
  };
}

interface Parts {
  readonly subject: string;
  readonly client: UnlinkedClient;
  readonly namespace: string;
  readonly isRest: boolean;
  readonly shapes: C2jShapes;
  readonly declarations: Declarations;
}

function capturedOperation(
  name: string,
  operation: C2jOperation,
  { endpointParameters, plugins, authSchemes }: UnlinkedOperation,
  parts: Parts,
): CapturedOperation {
  const { subject, namespace, isRest, shapes, declarations } = parts;
  const declared = declarations.operations.get(lowerFirst(name));
  const side = (given: C2jShape | undefined, shape: string | undefined): (() => unknown) => {
    if (shape === undefined) {
      if (Object.keys(given?.members ?? {}).length === 0) return () => "unit";
      throw new ExtractionError(subject, `a side of ${name} is not declared`);
    }
    return () => shapes.reference(shape, given ?? { type: "structure", members: {} });
  };
  const traits = packTraits(operationTraits(operation, isRest));
  const schema: RawSchema = [
    ...([9, namespace, name, traits] as const),
    ...[side(operation.input, declared?.input), side(operation.output, declared?.output)],
  ];
  return { name, schema, endpointParameters, plugins, authSchemes };
}

/** What the model says of its shapes, and the client of its errors. */
function joined(
  ofModel: ServiceDocumentation,
  ofClient: ServiceDocumentation,
  keep: (shape: string) => boolean,
): ServiceDocumentation {
  const sorted = <T>(entries: readonly (readonly [string, T])[]): readonly (readonly [string, T])[] =>
    [...new Map(entries)].sort(([left], [right]) => (left < right ? -1 : 1));
  const errors = ofClient.shapes.filter(([shape]) => keep(shape));
  const used = new Set(errors.flatMap(([, members]) => Object.values(members).map(([, enumeration]) => enumeration)));
  const enumerations = ofClient.enumerations.filter(([name]) => used.has(name));
  return {
    shapes: sorted([...errors, ...ofModel.shapes]),
    enumerations: sorted([...enumerations, ...ofModel.enumerations]),
  };
}

/**
 * Reads all that is needed of both packages at once: their folders may be gone afterwards.
 * @throws ExtractionError when one of them has something that is not understood, or when they do not belong together
 */
export function captureLegacyClient({
  clientFolder,
  modelFolder,
  uid,
  declarations: file,
}: LegacySource): CapturedClient {
  const client = loadUnlinkedClient(clientFolder);
  const subject = `apis/${uid}.min.json`;
  const model = readModel(modelFolder, uid);
  const { serviceId, apiVersion } = model.metadata;
  const { config } = client;
  if (serviceId !== config.serviceId || apiVersion !== config.apiVersion)
    throw new ExtractionError(
      subject,
      `it is of ${serviceId} ${apiVersion}, not of ${config.serviceId} ${config.apiVersion}`,
    );
  const protocol = protocolOf(subject, model.metadata);
  checkModel(subject, model);
  const namespace = namespaceOf(client);
  const declarations = readDeclarations(readFileSync(join(modelFolder, "clients", `${file}.d.ts`), "utf8"));
  const shapes = new C2jShapes(subject, namespace, model, declarations);
  const parts = { subject, client, namespace, isRest: protocol === PROTOCOLS["rest-json"], shapes, declarations };
  // Who may call an operation without a signature, or on what its endpoint depends, the client alone says.
  const captured = Object.entries(model.operations).flatMap(([name, operation]) => {
    const known = client.operations.get(name);
    return known === undefined ? [] : [capturedOperation(name, operation, known, parts)];
  });
  const newer = Object.keys(model.operations).filter((name) => !client.operations.has(name));
  const older = [...client.operations.keys()].filter((name) => model.operations[name] === undefined);
  const ofClient = memberDocumentation(
    { folder: clientFolder, exports: client.exports },
    (shape) => !declarations.shapes.has(shape),
  );
  const { common, operations } = splitCommonParameters(captured);
  return {
    packageName: client.packageName,
    version: client.version,
    folder: clientFolder,
    sdkId: serviceId,
    signingName: config.defaultSigningName,
    signingEscapePath: config.signingEscapePath !== false,
    apiVersion,
    protocol,
    protocolSettings: { defaultNamespace: namespace, version: apiVersion, serviceTarget: client.serviceShape },
    errorSchemas: legacyErrors(client, clientFolder, namespace),
    clientPlugins: client.clientPlugins,
    commonEndpointParameters: common,
    rules: diagramOfRuleSet(client.packageName, client.ruleSet),
    operations,
    paginators: paginatorsOfModel(model),
    exports: client.exports,
    description: {
      operation: (name) => declarations.operations.get(lowerFirst(name))?.sentence ?? "",
      members: (keep) => joined(declaredDocumentation(declarations, keep), ofClient, keep),
      waiters: () => waitersOfModel(model),
    },
    omissions: [
      ...newer.map((name) => `operation ${name}, which the client package does not have`),
      ...older.map((name) => `operation ${name}, which the model does not have`),
    ],
  };
}
