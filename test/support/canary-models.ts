/** Owns the canary that walks the models: every operation with a sensitive member, called with a fresh secret in each, and answered with another. */
import { randomBytes } from "node:crypto";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { NormalizedSchema } from "@smithy/core/schema";

import AwsAdapter = require("../../adapter");

import { createLogger, logLevels } from "../../utils/logging/platform-logger";
import { ModelCatalog } from "../../utils/models/model-catalog";
import type { OperationModel } from "../../utils/models/operation-model";
import { nodeFiles } from "../../utils/runtime/node-files";
import type { LogLevel } from "../../utils/types/logger";
import { foundSecrets } from "./canary";

/** What a call meets. `echo`: a refusal that repeats what was sent, as validation errors do. */
export const encounters = ["answer", "refusal", "echo", "page", "cut"] as const;
export type Encounter = (typeof encounters)[number];

const models = new ModelCatalog(join(__dirname, "..", "..", "entities"), nodeFiles);

const DEEPEST = 6;
/** With the characters that encodings treat differently, and none that a header cannot carry. */
const secretText = (): string =>
  `${randomBytes(9).toString("base64url")}/+&<"'=%${randomBytes(9).toString("base64url")}`;

/** Whether a secret may stand in a value of this shape. */
function leads(shape: NormalizedSchema, open: ReadonlySet<unknown> = new Set()): boolean {
  if (shape.getMergedTraits().sensitive) return true;
  const schema = shape.getSchema();
  if (open.has(schema) || open.size > DEEPEST) return false;
  const inside = new Set(open).add(schema);
  if (shape.isStructSchema()) return [...shape.structIterator()].some(([, member]) => leads(member, inside));
  if (shape.isListSchema() || shape.isMapSchema()) return leads(shape.getValueSchema(), inside);
  return false;
}

/** @returns every operation whose input or output has a sensitive member, and no stream of events */
export function sensitiveOperations(): OperationModel[] {
  return models.services().flatMap((service) => {
    const model = models.service(service);
    return model.operationNames().flatMap((name) => {
      const operation = model.operation(name);
      const shapes = [operation.input, operation.output].map((ref) => NormalizedSchema.of(ref));
      const isEvents = operation.eventStreamInput !== undefined || operation.eventStreamOutput !== undefined;
      return !isEvents && shapes.some((shape) => !shape.isUnitSchema() && leads(shape)) ? [operation] : [];
    });
  });
}

/** A structure lists its required members first, and says how many they are. */
function requiredMembers(shape: NormalizedSchema): ReadonlySet<string> {
  const count = Number((shape.getSchema() as readonly unknown[])[6] ?? 0);
  return new Set([...shape.structIterator()].slice(0, count).map(([name]) => name));
}

/** A value that fits the shape, with the secret wherever one belongs; members that lead to none are left out. */
function filled(
  shape: NormalizedSchema,
  secret: string,
  form: "input" | "json",
  depth = 0,
  inherited = false,
): unknown {
  const { sensitive, httpLabel, hostLabel } = shape.getMergedTraits();
  const isSecret = inherited || Boolean(sensitive);
  if (shape.isStructSchema()) {
    const required = form === "input" ? requiredMembers(shape) : new Set<string>();
    const members = [...shape.structIterator()].filter(
      ([name, member]) => depth < DEEPEST && (isSecret || leads(member) || required.has(name)),
    );
    const chosen = shape.isUnionSchema() ? members.slice(0, 1) : members;
    return Object.fromEntries(
      chosen.map(([name, member]) => {
        const wire = form === "json" ? String(member.getMergedTraits().jsonName ?? name) : name;
        return [wire, filled(member, secret, form, depth + 1, isSecret)];
      }),
    );
  }
  if (shape.isListSchema()) return [filled(shape.getValueSchema(), secret, form, depth + 1, isSecret)];
  if (shape.isMapSchema()) return { key: filled(shape.getValueSchema(), secret, form, depth + 1, isSecret) };
  if (shape.isBlobSchema()) {
    const base64 = Buffer.from(isSecret ? secret : "x").toString("base64");
    return form === "input" ? { base64 } : base64;
  }
  if (shape.isBooleanSchema()) return true;
  if (shape.isNumericSchema()) return 1;
  if (shape.isTimestampSchema()) return form === "input" ? "2026-01-01T00:00:00Z" : 1;
  if (shape.isDocumentSchema()) return isSecret ? { key: secret } : {};
  return isSecret && !httpLabel && !hostLabel ? secret : "abc";
}

const escaped = (text: string): string =>
  text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;");

/** The same as an element of XML. */
function element(shape: NormalizedSchema, name: string, secret: string, depth = 0, inherited = false): string {
  const traits = shape.getMergedTraits() as Record<string, unknown>;
  const isSecret = inherited || Boolean(traits["sensitive"]);
  if (shape.isStructSchema()) return `<${name}>${membersOf(shape, secret, depth, isSecret)}</${name}>`;
  if (shape.isListSchema()) {
    const item = shape.getValueSchema();
    const inner = traits["xmlFlattened"] ? name : String(item.getMemberTraits().xmlName ?? "member");
    const one = element(item, inner, secret, depth + 1, isSecret);
    return traits["xmlFlattened"] ? one : `<${name}>${one}</${name}>`;
  }
  if (shape.isMapSchema()) {
    const value = element(shape.getValueSchema(), "value", secret, depth + 1, isSecret);
    return `<${name}><entry><key>key</key>${value}</entry></${name}>`;
  }
  return `<${name}>${escaped(String(filled(shape, secret, "json", depth, isSecret)))}</${name}>`;
}

function membersOf(shape: NormalizedSchema, secret: string, depth: number, isSecret: boolean): string {
  if (depth >= DEEPEST) return "";
  const members = [...shape.structIterator()].filter(([, member]) => isSecret || leads(member));
  return (shape.isUnionSchema() ? members.slice(0, 1) : members)
    .map(([name, member]) => {
      const { xmlName } = member.getMemberTraits() as { xmlName?: string };
      return element(member, xmlName ?? name, secret, depth + 1, isSecret);
    })
    .join("");
}

interface Answer {
  readonly status: number;
  readonly headers: Record<string, string>;
  readonly body: string;
}

const isXml = (operation: OperationModel): boolean => /Query|RestXml/.test(operation.service.protocol);

function answerOf(operation: OperationModel, secret: string): Answer {
  const shape = NormalizedSchema.of(operation.output);
  const headers: Record<string, string> = {};
  let body: NormalizedSchema = shape;
  if (!shape.isUnitSchema()) {
    for (const [, member] of shape.structIterator()) {
      const { httpHeader, httpPayload, sensitive } = member.getMergedTraits() as Record<string, unknown>;
      if (typeof httpHeader === "string" && sensitive) headers[httpHeader] = secret.replaceAll('"', "");
      if (httpPayload) body = member;
    }
  }
  if (shape.isUnitSchema())
    return { status: 200, headers, body: isXml(operation) ? `<${operation.name}Response/>` : "{}" };
  if (body.isBlobSchema() || body.isStringSchema()) {
    return { status: 200, headers, body: body.getMergedTraits().sensitive ? secret : "x" };
  }
  if (!isXml(operation)) return { status: 200, headers, body: JSON.stringify(filled(body, secret, "json")) };
  const inner = membersOf(body, secret, 0, false);
  const { name } = operation;
  const isQuery = /AwsQuery/.test(operation.service.protocol);
  return {
    status: 200,
    headers,
    body: `<${name}Response>${isQuery ? `<${name}Result>${inner}</${name}Result>` : inner}</${name}Response>`,
  };
}

function refusalOf(operation: OperationModel, message: string): Answer {
  const code = "ValidationException";
  const xml = `<Error><Code>${code}</Code><Message>${escaped(message)}</Message></Error>`;
  const body = !isXml(operation)
    ? JSON.stringify({ __type: code, message })
    : /RestXml/.test(operation.service.protocol)
      ? xml
      : /Ec2/.test(operation.service.protocol)
        ? `<Response><Errors>${xml}</Errors><RequestID>1</RequestID></Response>`
        : `<ErrorResponse>${xml}<RequestId>1</RequestId></ErrorResponse>`;
  return { status: 400, headers: {}, body };
}

export interface ModelCanary {
  /** Calls that were made, those that reached the server, and those that succeeded. */
  readonly calls: number;
  readonly reached: number;
  readonly succeeded: number;
  readonly found: readonly string[];
}

/** Calls each operation once for each encounter, and searches all that was printed. */
export async function modelCanary(
  operations: readonly OperationModel[],
  { level, authLogging, met }: { level: LogLevel; authLogging: boolean; met: readonly Encounter[] },
): Promise<ModelCanary> {
  const secretAccessKey = randomBytes(30).toString("base64");
  const written: unknown[] = [];
  let answer: Answer = { status: 500, headers: {}, body: "" };
  let reached = 0;
  let succeeded = 0;
  let calls = 0;
  let cut = false;
  const server = createServer((incoming: IncomingMessage, outgoing: ServerResponse) => {
    incoming.resume().on("end", () => {
      reached += 1;
      outgoing.writeHead(answer.status, { ...answer.headers, "content-length": Buffer.byteLength(answer.body) });
      if (cut) {
        outgoing.write(answer.body.slice(0, Math.ceil(answer.body.length / 2)));
        setImmediate(() => outgoing.destroy());
      } else outgoing.end(answer.body);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const found: string[] = [];
  try {
    const write = (message: unknown): void => void written.push(message);
    const sink = Object.fromEntries(logLevels.map((name) => [name, write]));
    const adapter = new AwsAdapter(
      "canary",
      {
        ...{ host: "127.0.0.1", port: (server.address() as AddressInfo).port, protocol: "http", region: "us-east-1" },
        s3: { addressing_style: "path" },
        authentication: {
          auth_method: "aws_authentication",
          aws_access_key: "AKIAIOSFODNN7EXAMPLE",
          aws_secret_key: secretAccessKey,
          auth_logging: authLogging,
        },
        request: { number_retries: 0, attempt_timeout: 5000 },
      },
      { environment: {}, logger: createLogger("canary", { ...sink, level }), random: () => 0 },
    );
    for (const operation of operations) {
      for (const encounter of met) {
        const sent = secretText();
        const got = secretText();
        const words = { sent, got };
        cut = encounter === "cut";
        answer =
          encounter === "answer" || encounter === "cut"
            ? answerOf(operation, got)
            : encounter === "page"
              ? { status: 502, headers: { "content-type": "text/html" }, body: "<html>Bad Gateway</html>" }
              : refusalOf(operation, encounter === "echo" ? `Value '${sent}' failed to satisfy constraint` : "no");
        const shape = NormalizedSchema.of(operation.input);
        const input = shape.isUnitSchema() ? {} : filled(shape, sent, "input");
        const given = JSON.stringify(input);
        const isSent = given.includes(JSON.stringify(sent)) || given.includes(Buffer.from(sent).toString("base64"));
        // S3 gets keys in base64, so it cannot repeat them as they were given.
        if (encounter === "echo" && (!isSent || operation.service.name === "s3")) continue;
        written.length = 0;
        calls += 1;
        await (adapter.awsRequest(operation.service.name, operation.name, input) as Promise<{ metrics: unknown }>).then(
          ({ metrics }) => {
            succeeded += 1;
            written.push(metrics);
          },
          (reason) => written.push(reason, (reason as Error).stack, (reason as Error).cause),
        );
        for (const hit of foundSecrets(written, [...Object.values(words), secretAccessKey])) {
          found.push(`${operation.service.name} ${operation.name}, ${encounter}: ${hit}`);
        }
      }
    }
  } finally {
    server.closeAllConnections();
    server.close();
  }
  return { calls, reached, succeeded, found };
}
