/** Owns the comparison of our requests with those of the AWS SDK's own clients: the same random input, every operation, no difference. */
import assert from "node:assert/strict";
import { NormalizedSchema } from "@smithy/core/schema";
import { AdapterError } from "../../utils/errors/adapter-error";
import type { OperationModel } from "../../utils/models/operation-model";
import { need } from "../support/needs";
import { fixture, models } from "../unit/client/client-fixture";
import { Choices } from "../unit/client/random-values";
import { randomInput } from "./random-input";
import { hasSdkClient, SDK_REGION, sdkClient, sdkClients } from "./sdk-client";

const ROUNDS = Number(process.env["DIFFERENTIAL_ROUNDS"] ?? 2);

interface Wire {
  readonly method: string;
  readonly protocol: string;
  readonly hostname: string;
  readonly port?: number | undefined;
  readonly path: string;
  readonly query?: Readonly<Record<string, unknown>> | undefined;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: unknown;
}

/** Headers that name the sender, carry the date, or follow from the others. */
const NOT_COMPARED =
  /^(?:authorization|x-amz-date|user-agent|x-amz-user-agent|amz-sdk-.*|content-length|host|accept-encoding)$/i;
const UUID = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g;

function comparable(request: Wire): unknown {
  const headers: Record<string, string> = {};
  for (const name of Object.keys(request.headers).sort()) {
    if (NOT_COMPARED.test(name)) continue;
    const value = String(request.headers[name]).replace(UUID, "UUID");
    headers[name.toLowerCase()] = name.toLowerCase() === "x-amz-content-sha256" && value.length === 64 ? "hash" : value;
  }
  // A digest over an idempotency token that each side made for itself.
  if (headers["content-md5"] !== undefined && new RegExp(UUID).test(bodyText(request.body)))
    headers["content-md5"] = "digest";
  const query = Object.fromEntries(
    Object.entries(request.query ?? {})
      .sort()
      .map(([key, value]) => [key, String(value).replace(UUID, "UUID")]),
  );
  const body = bodyText(request.body)
    .replace(UUID, "UUID")
    .replace(/PresignedUrl=[^&]*/, "PresignedUrl=P");
  const port = request.port === undefined ? "" : `:${request.port}`;
  return {
    method: request.method,
    url: `${request.protocol}//${request.hostname}${port}${request.path}`,
    query,
    headers,
    body: isForm(request) ? body.split("&").sort() : body,
  };
}

/** The order of a form's fields means nothing. */
const isForm = ({ headers }: Wire): boolean => headers["content-type"] === "application/x-www-form-urlencoded";

function bodyText(body: unknown): string {
  if (body === undefined || body === null) return "";
  return body instanceof Uint8Array
    ? Buffer.from(body.buffer, body.byteOffset, body.byteLength).toString("utf8")
    : String(body);
}

class Sent extends Error {}

/** The SDK's client of a service, which hands over its request in place of sending it. */
function sdkSender(service: string): (operation: string, input: unknown) => Promise<Wire> {
  let captured: Wire | undefined;
  const send = sdkClient<Wire>(service, async (request) => {
    captured = request;
    throw new Sent("sent");
  });
  return async (operation, input) => {
    captured = undefined;
    try {
      await send(operation, input);
    } catch (error) {
      if (captured === undefined) throw error;
    }
    return captured as unknown as Wire;
  };
}

async function ourRequest(operation: OperationModel, input: unknown): Promise<Wire> {
  const stop = new AdapterError("ABORTED", { waitedFor: "the test", reason: "sent" });
  const { client, handler, options } = fixture(() => stop, { endpoint: { region: SDK_REGION } });
  try {
    await client.send(operation.service.name, operation.name, input, options());
  } catch (error) {
    if (error !== stop) throw error;
  }
  return handler.requests[0] as unknown as Wire;
}

describe("requests", () => {
  const services = models.services().filter(hasSdkClient);

  need(sdkClients);

  for (const service of services) {
    it(`of every operation of ${service} are those of the SDK's client`, async function () {
      this.timeout(300_000);
      const send = sdkSender(service);
      const differences: string[] = [];
      let compared = 0;
      for (const [index, name] of models.service(service).operationNames().entries()) {
        const operation = models.service(service).operation(name);
        for (let round = 0; round < ROUNDS; round++) {
          const choices = new Choices(index * 1000 + round);
          const input = randomInput(NormalizedSchema.of(operation.input), choices, service);
          const [theirs, ours] = await Promise.allSettled([
            send(name, structuredClone(input)),
            ourRequest(operation, structuredClone(input)),
          ]);
          if (theirs.status === "rejected" && ours.status === "rejected") continue;
          if (theirs.status === "rejected" || ours.status === "rejected") {
            const who =
              theirs.status === "rejected"
                ? `the SDK: ${theirs.reason}`
                : `ours: ${(ours as PromiseRejectedResult).reason}`;
            differences.push(`${name} is refused by ${who}`);
            continue;
          }
          compared++;
          try {
            assert.deepEqual(comparable(ours.value), comparable(theirs.value));
          } catch (error) {
            differences.push(`${name}, round ${round}: ${(error as Error).message}`);
          }
        }
      }
      assert.deepEqual(differences.slice(0, 5), [], `${differences.length} of ${compared} differ`);
      assert.ok(compared >= models.service(service).operationNames().length, `only ${compared} requests compared`);
    });
  }
});
