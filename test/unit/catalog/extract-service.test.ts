/** Owns the trial of a service taken out of a client package, and of the refusal of what is none. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { captureClient } from "../../../utils/catalog/capture-client";
import { entityFiles } from "../../../utils/catalog/entity-files";
import { extractService } from "../../../utils/catalog/extract-service";
import { ExtractionError } from "../../../utils/catalog/extraction-error";
import { verifyService } from "../../../utils/catalog/verify-service";
import { capturedClient, ringBird } from "./captured";

const refusal = (reason: RegExp) => (error: unknown) => error instanceof ExtractionError && reason.test(error.message);

describe("extractService", () => {
  it("makes the files of entities/sts out of the client that the adapter ships", () => {
    const folder = dirname(require.resolve("@aws-sdk/client-sts/package.json"));
    const client = captureClient(folder);
    const entity = extractService(client);
    const files = entityFiles(entity);
    verifyService(client, entity, files.get("schema.json") as string);
    for (const [name, text] of files) {
      const present = readFileSync(join(resolve(__dirname, "../../../entities/sts"), name), "utf8");
      assert.equal(text, present, `entities/sts/${name}: run npm run entities`);
    }
  });

  it("splits an operation into binding, references, streams and the reason to repeat it", () => {
    const { operations, shapes } = extractService(capturedClient());
    assert.deepEqual(operations, [
      [
        "RingBird",
        {
          method: "POST",
          path: "/rings/{RingId}",
          code: 201,
          idempotency: "idempotent",
          input: "RingBirdRequest",
          output: "smithy.api#Unit",
          streamingInput: "Photo",
          documentation: "",
        },
      ],
    ]);
    assert.deepEqual(shapes, [
      ["Photo", [0, { streaming: 1 }, 42]],
      ["RingBirdRequest", [3, 0, ["RingId", "Token", "Photo"], [0, [0, 4], ["Photo", 16]], 1]],
    ]);
  });

  it("refuses a trait that is code", () => {
    const schema = [9, "n", "RingBird", { custom: () => 1 }, () => "unit", () => "unit"] as const;
    const client = capturedClient({ operations: [{ ...ringBird, schema }] });
    assert.throws(() => extractService(client), refusal(/client-birds: trait custom is code/));
  });

  it("refuses two different shapes of one name", () => {
    const twin = (type: number) => [1, "com.amazonaws.birds", "Names", 0, type] as const;
    const input = [3, "com.amazonaws.birds", "In", 0, ["A", "B"], [twin(0), twin(1)]] as const;
    const schema = [9, "n", "RingBird", 0, () => input, () => "unit"] as const;
    const client = capturedClient({ operations: [{ ...ringBird, schema }] });
    assert.throws(() => extractService(client), refusal(/two shapes are called Names/));
  });

  it("refuses an endpoint parameter whose getter it cannot read", () => {
    const endpointParameters = {
      Arn: { type: "operationContextParams", get: (input: unknown) => String(input).trim() },
    };
    const client = capturedClient({ operations: [{ ...ringBird, endpointParameters }] });
    assert.throws(() => extractService(client), refusal(/the getter of endpoint parameter Arn/));
  });

  it("refuses a plugin option that is no data", () => {
    const plugins = [{ plugin: "getNestPlugin", options: { build: () => 1 } }];
    const client = capturedClient({ operations: [{ ...ringBird, plugins }] });
    assert.throws(() => extractService(client), refusal(/getNestPlugin of RingBird has an option that is no data/));
  });
});

describe("verifyService", () => {
  const client = capturedClient();
  const entity = extractService(client);
  const schemaText = entityFiles(entity).get("schema.json") as string;

  it("accepts what was extracted", () => verifyService(client, entity, schemaText));

  it("sees a changed shape", () => {
    const changed = schemaText.replace('"Token"', '"Tokens"');
    assert.throws(() => verifyService(client, entity, changed), refusal(/RingBird reads back differently/));
  });

  it("sees a changed trait", () => {
    const changed = schemaText.replace("[0,4]", "[0,8]");
    assert.throws(() => verifyService(client, entity, changed), refusal(/RingBird reads back differently/));
  });

  it("refuses a protocol that the adapter cannot speak", () => {
    const spoken = { ...entity, service: { ...entity.service, protocol: "CarrierPigeonProtocol" } };
    assert.throws(() => verifyService(client, spoken, schemaText), refusal(/CarrierPigeonProtocol/));
  });
});
