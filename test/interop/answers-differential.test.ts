/** Owns the comparison of what we read with what the AWS SDK's own clients read: the same random answer, every operation. */
import assert from "node:assert/strict";
import { Readable } from "node:stream";
import { NormalizedSchema } from "@smithy/core/schema";
import { AdapterError } from "../../utils/errors/adapter-error";
import type { OperationModel } from "../../utils/models/operation-model";
import { need } from "../support/needs";
import { type Answer, answers, fixture, models } from "../unit/client/client-fixture";
import { JsonAnswers } from "../unit/client/random-json";
import { Choices, XmlAnswers } from "../unit/client/random-values";
import { randomInput } from "./random-input";
import { hasSdkClient, SDK_REGION, sdkClient, sdkClients } from "./sdk-client";

/** `FULL_DIFFERENTIAL=3` runs three rounds over every operation; without it, a sample of them, another for each service. */
const ROUNDS = Number(process.env["FULL_DIFFERENTIAL"] ?? 0);
const SAMPLE = 12;

type Members = Record<string, unknown>;

function headerValue(member: NormalizedSchema, choices: Choices): string {
  if (member.isNumericSchema()) return "7";
  if (member.isBooleanSchema()) return choices.pick(["true", "false"]);
  if (member.isListSchema()) return "one, two";
  if (!member.isTimestampSchema()) return member.getMergedTraits().mediaType ? "eyJhIjoxfQ==" : "a text";
  const seconds = 1.5e9 + choices.integer(1e8);
  if (member.getSchema() === 7) return String(seconds);
  return new Date(seconds * 1000)[member.getSchema() === 5 ? "toISOString" : "toUTCString"]();
}

function randomHeaders(output: NormalizedSchema, choices: Choices): Record<string, string> {
  const headers: Record<string, string> = { "x-amzn-requestid": "R" };
  if (output.isUnitSchema()) return headers;
  for (const [, member] of output.structIterator()) {
    const { httpHeader, httpPrefixHeaders } = member.getMergedTraits();
    if (typeof httpPrefixHeaders === "string") headers[`${httpPrefixHeaders}one`] = "1";
    // A checksum is the business of whoever checks it.
    if (typeof httpHeader !== "string" || /checksum|-sdk-/i.test(httpHeader) || choices.chance(0.3)) continue;
    headers[httpHeader.toLowerCase()] = headerValue(member, choices);
  }
  return headers;
}

function randomBody(operation: OperationModel, output: NormalizedSchema, choices: Choices): string {
  const { protocol } = operation.service;
  const isXml = /Xml|Query/.test(protocol);
  const xml = new XmlAnswers(choices);
  const json = new JsonAnswers(choices);
  if (output.isUnitSchema()) return protocol.endsWith("QueryProtocol") ? `<${operation.name}Response/>` : "";
  const payload = [...output.structIterator()].find(([, member]) => member.getMergedTraits().httpPayload);
  if (payload !== undefined) {
    const [name, member] = payload;
    if (!member.isStructSchema() && !member.isDocumentSchema()) return choices.pick(["text", "üñ", '{"a":1}']);
    return isXml ? xml.element(member, name) : JSON.stringify(json.value(member, 1));
  }
  if (!isXml) return JSON.stringify(json.structure(output));
  if (protocol !== "AwsQueryProtocol") return xml.element(output, `${operation.name}Response`);
  return `<${operation.name}Response>${xml.element(output, `${operation.name}Result`)}</${operation.name}Response>`;
}

/** What the SDK hands over, as JSON; by what a value is, not by its shape: nothing of ours decides. */
async function plain(value: unknown): Promise<unknown> {
  if (value instanceof Date) return value.toISOString();
  if (value instanceof Readable)
    return Buffer.concat((await value.toArray()).map((part) => Buffer.from(part))).toString("utf8");
  if (value instanceof Uint8Array) return Buffer.from(value).toString("base64");
  if (typeof value === "bigint") return Number(value);
  if (typeof value === "number" && !Number.isFinite(value)) return String(value);
  if (Array.isArray(value)) return Promise.all(value.map(plain));
  if (typeof value !== "object" || value === null) return value;
  if (value instanceof String) return String(value);
  if ("string" in value && "type" in value && value.type === "bigDecimal") return String(value.string);
  const members: Members = {};
  for (const [name, member] of Object.entries(value)) {
    if (member === undefined || name === "$metadata") continue;
    if (name === "$unknown") {
      const [unknown, content] = member as [string, unknown];
      members[unknown] = await plain(content);
    } else {
      Object.defineProperty(members, name, { value: await plain(member), enumerable: true });
    }
  }
  return members;
}

/** Of a stream we say how its text is encoded. */
function withoutEncoding(output: Members, { streamingOutput }: OperationModel): Members {
  if (streamingOutput === undefined) return output;
  const { [`${streamingOutput}Encoding`]: encoding, ...others } = output;
  assert.equal(encoding, "utf8");
  return others;
}

type Outcome =
  | { readonly output: unknown }
  | { readonly code: string; readonly message: string; readonly status: unknown };

/** Both sides' reading of the same answers. */
function readers(service: string) {
  let given: Answer = {};
  const theirs = sdkClient(service, async () => ({
    response: { statusCode: given.statusCode, headers: { ...given.headers }, body: Readable.from([given.body ?? ""]) },
  }));
  const read = async (operation: OperationModel, input: unknown, answer: Answer) => {
    given = answer;
    const f = fixture(answers(answer), { endpoint: { region: SDK_REGION }, request: { maxRetries: 0 } });
    const [sdk, ours] = await Promise.allSettled([
      theirs(operation.name, structuredClone(input)).then(
        async (output): Promise<Outcome> => ({ output: await plain(output) }),
      ),
      f.client.send(service, operation.name, structuredClone(input), f.options()),
    ]);
    return { sdk: sdk.status === "fulfilled" ? sdk.value : refusalOf(sdk.reason), ours };
  };
  return read;
}

const refusalOf = (thrown: Error & { readonly $metadata?: { readonly httpStatusCode?: number } }): Outcome => ({
  code: thrown.name,
  message: thrown.message,
  status: thrown.$metadata?.httpStatusCode,
});

function ourOutcome(ours: PromiseSettledResult<{ readonly output: unknown }>, operation: OperationModel): Outcome {
  if (ours.status === "fulfilled") {
    const output = withoutEncoding(ours.value.output as Members, operation);
    return { output: JSON.parse(JSON.stringify(output)) };
  }
  const error = ours.reason as AdapterError;
  assert.ok(error instanceof AdapterError, String(error));
  return {
    code: error.aws?.code ?? error.code,
    message: error.aws?.message ?? error.message,
    status: error.statusCode,
  };
}

/** The input or the endpoint was refused, or a digest did not fit: in each side's own words, not AWS's. */
const isOwnRefusal = (outcome: Outcome): boolean => "status" in outcome && outcome.status === undefined;

/** A refusal as the protocol's services write it. */
function randomRefusal(operation: OperationModel, choices: Choices): Answer {
  const code = choices.pick(["ResourceNotFoundException", "ValidationException", "AccessDenied", "SomethingNew"]);
  const message = choices.pick(["It is not there: ü", 'a "quoted" <word>']);
  const statusCode = choices.pick([400, 403, 404, 409, 500]);
  const headers = { "x-amzn-requestid": "R" };
  const { protocol } = operation.service;
  if (protocol.startsWith("AwsJson")) {
    return { statusCode, headers, body: JSON.stringify({ __type: `com.amazonaws.service#${code}`, message }) };
  }
  if (protocol === "AwsRestJsonProtocol") {
    return {
      statusCode,
      headers: { ...headers, "x-amzn-errortype": `${code}:http://x` },
      body: JSON.stringify({ message }),
    };
  }
  const escaped = message.replaceAll("<", "&lt;").replaceAll(">", "&gt;");
  const error = `<Error><Code>${code}</Code><Message>${escaped}</Message></Error>`;
  if (protocol === "AwsEc2QueryProtocol")
    return { statusCode, headers, body: `<Response><Errors>${error}</Errors></Response>` };
  return {
    statusCode,
    headers,
    body: protocol === "S3RestXmlProtocol" ? error : `<ErrorResponse>${error}</ErrorResponse>`,
  };
}

function* operationsOf(service: string): Generator<readonly [number, OperationModel]> {
  const names = models.service(service).operationNames();
  const every = ROUNDS > 0 ? 1 : Math.max(1, Math.floor(names.length / SAMPLE));
  for (const [index, name] of names.entries()) {
    if (index % every !== 0) continue;
    const operation = models.service(service).operation(name);
    if (operation.eventStreamInput === undefined && operation.eventStreamOutput === undefined) yield [index, operation];
  }
}

describe("answers", () => {
  need(sdkClients);

  for (const service of models.services().filter(hasSdkClient)) {
    it(`of ${service} are read as the SDK's client reads them`, async function () {
      this.timeout(ROUNDS > 0 ? 600_000 : 60_000);
      const read = readers(service);
      const differences: string[] = [];
      let compared = 0;
      for (const [index, operation] of operationsOf(service)) {
        const output = NormalizedSchema.of(operation.output);
        for (let round = 0; round < Math.max(1, ROUNDS); round++) {
          const choices = new Choices(index * 1000 + round + 1);
          const input = randomInput(NormalizedSchema.of(operation.input), choices, service);
          const success = {
            statusCode: 200,
            headers: randomHeaders(output, choices),
            body: randomBody(operation, output, choices),
          };
          for (const answer of [success, randomRefusal(operation, choices)]) {
            const { sdk, ours } = await read(operation, input, answer);
            try {
              const outcome = ourOutcome(ours, operation);
              if (isOwnRefusal(sdk) && isOwnRefusal(outcome)) continue;
              assert.deepEqual(outcome, sdk);
              compared++;
            } catch (error) {
              differences.push(`${operation.name}, round ${round}: ${(error as Error).message}\n${answer.body}`);
            }
          }
        }
      }
      assert.deepEqual(differences.slice(0, 5), [], `${differences.length} differ, ${compared} are equal`);
      assert.ok(compared > 8, `compared only ${compared} answers`);
      if (ROUNDS > 0) console.error(`      ${compared} answers`);
    });
  }
});
