/** Owns the judging of Smithy RPC v2 CBOR: CloudWatch's operations through the SDK's client, told to speak it, and through ours. */
import assert from "node:assert/strict";
import { AwsSmithyRpcV2CborProtocol } from "@aws-sdk/core/protocols";
import { cbor, dateToTag } from "@smithy/core/cbor";
import { NormalizedSchema } from "@smithy/core/schema";
import { AdapterError } from "../../utils/errors/adapter-error";
import { ModelCatalog } from "../../utils/models/model-catalog";
import type { HttpRequest } from "../../utils/types/http";
import { need } from "../support/needs";
import { type Answer, answers, ENTITIES, files, fixture } from "../unit/client/client-fixture";
import { Choices } from "../unit/client/random-values";
import { randomInput } from "./random-input";
import { SDK_REGION, sdkClient, sdkClients } from "./sdk-client";

const SERVICE = "cloudwatch";

/** CloudWatch as it is, but for its protocol: no client that is published here speaks CBOR by itself. */
const models = new ModelCatalog(ENTITIES, {
  ...files,
  read: (path) =>
    path.endsWith(`${SERVICE}/action.json`)
      ? Buffer.from(files.read(path).toString("utf8").replace("AwsJson1_0Protocol", "AwsSmithyRpcV2CborProtocol"))
      : files.read(path),
});

type Wire = Pick<HttpRequest, "method" | "path" | "headers" | "body">;

const OWN_HEADERS = /^(?:authorization|x-amz-date|user-agent|x-amz-user-agent|amz-sdk-.*|x-amz-content-sha256|host)$/;

function comparable({ method, path, headers, body }: Wire): unknown {
  const kept = Object.entries(headers).filter(([name]) => !OWN_HEADERS.test(name.toLowerCase()));
  const bytes = Buffer.from((body ?? "") as Uint8Array);
  const document: unknown = bytes.length === 0 ? undefined : cbor.deserialize(new Uint8Array(bytes));
  return {
    method,
    path,
    headers: Object.fromEntries(kept.map(([name, value]) => [name.toLowerCase(), String(value)]).sort()),
    document,
  };
}

/** Dates are tagged numbers on the wire. */
function tagged(value: unknown): unknown {
  if (value instanceof Date) return dateToTag(value);
  if (value instanceof Uint8Array || typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) return value.map(tagged);
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, tagged(member)]));
}

function plain(value: unknown): unknown {
  if (value instanceof Date) return value.toISOString();
  if (value instanceof Uint8Array) return Buffer.from(value).toString("base64");
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value !== "object" || value === null) return value;
  const members = Object.entries(value).filter(([name, member]) => member !== undefined && name !== "$metadata");
  return Object.fromEntries(members.map(([name, member]) => [name, plain(member)]));
}

describe("CBOR", () => {
  need(sdkClients);

  let sent: Wire | undefined;
  let given: Answer = {};
  const theirs = (): ReturnType<typeof sdkClient> =>
    sdkClient<Wire>(
      SERVICE,
      async (request) => {
        sent = request;
        const body = new Uint8Array(given.body as Buffer);
        return { response: { statusCode: given.statusCode, headers: { ...given.headers }, body } };
      },
      { protocol: AwsSmithyRpcV2CborProtocol },
    );
  const headers = { "smithy-protocol": "rpc-v2-cbor", "content-type": "application/cbor", "x-amzn-requestid": "R" };
  const call = async (operation: string, input: object, answer: Answer) => {
    const f = fixture(answers(answer), { models, endpoint: { region: SDK_REGION }, request: { maxRetries: 0 } });
    const options = f.options();
    const ours = f.client.send(SERVICE, operation, structuredClone(input), options);
    return { handler: f.handler, ours: await ours.catch((error: unknown) => error) };
  };

  it("requests and answers of every operation are the SDK's", async () => {
    const send = theirs();
    let compared = 0;
    for (const [index, name] of models.service(SERVICE).operationNames().entries()) {
      const operation = models.service(SERVICE).operation(name);
      const choices = new Choices(index);
      const input = randomInput(NormalizedSchema.of(operation.input), choices, SERVICE);
      const output = NormalizedSchema.of(operation.output);
      // The SDK's reader gives up on a member that it does not know in a structure of which it knows none.
      const unknown = output.isUnitSchema() || [...output.structIterator()].length === 0 ? {} : { new: [1] };
      const document = output.isUnitSchema()
        ? undefined
        : tagged({ ...randomInput(output, choices, SERVICE), ...unknown });
      given = { statusCode: 200, headers, body: Buffer.from(document === undefined ? "" : cbor.serialize(document)) };
      const expected = plain(await send(name, structuredClone(input)));
      const { handler, ours } = await call(name, input, given);
      assert.ok(!(ours instanceof Error), `${name}: ${ours}`);
      assert.deepEqual(comparable(handler.requests[0] as Wire), comparable(sent as Wire), name);
      assert.deepEqual(JSON.parse(JSON.stringify((ours as { output: unknown }).output)), expected, name);
      compared++;
    }
    assert.ok(compared > 30, String(compared));
  });

  it("a refusal keeps AWS's code and message", async () => {
    const body = Buffer.from(
      cbor.serialize({ __type: "com.amazonaws.cloudwatch#LimitExceededFault", message: "Too many" }),
    );
    const { ours } = await call("DescribeAlarms", {}, { statusCode: 400, headers, body });
    assert.ok(ours instanceof AdapterError);
    assert.deepEqual([ours.aws?.code, ours.aws?.message, ours.statusCode], ["LimitExceededFault", "Too many", 400]);
  });

  it("what is no CBOR, or is cut off, is an error and not a success", async () => {
    const whole = Buffer.from(cbor.serialize({ MetricAlarms: [{ AlarmName: "a" }], NextToken: "t" }));
    for (const body of [Buffer.from("<html></html>"), whole.subarray(0, 20), Buffer.from("{}")]) {
      const { ours } = await call("DescribeAlarms", {}, { headers: {}, body });
      assert.ok(ours instanceof AdapterError, `${body}: ${JSON.stringify(ours)}`);
      assert.equal(ours.code, "RESPONSE_UNREADABLE");
    }
  });
});
