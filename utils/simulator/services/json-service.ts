/** Owns what the simulated services of the JSON protocols have in common. https://smithy.io/2.0/aws/protocols/aws-json-1_0-protocol.html */
import { crc32 } from "node:zlib";
import type { Answer } from "../answer";
import { type Action, defineService, type SignedCallContext, type SimulatedService } from "../service";
import { ServiceFault } from "../service-fault";

export type JsonInput = Readonly<Record<string, unknown>>;
export type JsonAction = Action<JsonInput>;

export interface JsonServiceDefinition {
  readonly name: string;
  readonly version: "1.0" | "1.1";
  readonly actions: Readonly<Record<string, JsonAction>>;
}

/** @returns a service that reads its action from `X-Amz-Target` and its input from the body */
export function defineJsonService({ name, actions }: JsonServiceDefinition): SimulatedService {
  return defineService<JsonInput>({
    name,
    family: "json",
    read(request, payload) {
      const action = request.headers.get("x-amz-target")?.split(".")[1] ?? "";
      try {
        const input = JSON.parse(payload.length === 0 ? "{}" : payload.toString("utf8")) as unknown;
        if (typeof input === "object" && input !== null) return { action, input: input as JsonInput };
      } catch {
        // Answered below, as any other body that is no object.
      }
      throw new ServiceFault("SerializationException", "Start of structure or map found where not expected.", 400);
    },
    actions,
  });
}

/** A JSON answer, with the checksum that DynamoDB clients compare. */
export function jsonAnswer(context: SignedCallContext, version: "1.0" | "1.1", output: unknown): Answer {
  const body = Buffer.from(JSON.stringify(output));
  const headers = {
    "content-type": `application/x-amz-json-${version}`,
    "x-amzn-requestid": context.requestId,
    "x-amz-crc32": String(crc32(body) >>> 0),
  };
  return { status: 200, headers, body };
}

/**
 * @param fault - makes the service's own fault from the text
 * @throws what `fault` makes when the member is absent or no text
 */
export function requiredText(input: JsonInput, member: string, fault: (text: string) => ServiceFault): string {
  const value = input[member];
  if (typeof value === "string" && value !== "") return value;
  const lower = member[0]?.toLowerCase() + member.slice(1);
  throw fault(
    `1 validation error detected: Value null at '${lower}' failed to satisfy constraint: Member must not be null`,
  );
}

/** A member that is text, or undefined. */
export const textOf = (input: JsonInput, member: string): string | undefined =>
  typeof input[member] === "string" ? (input[member] as string) : undefined;

/** A member that is a number, or undefined. */
export const numberOf = (input: JsonInput, member: string): number | undefined =>
  typeof input[member] === "number" ? (input[member] as number) : undefined;
