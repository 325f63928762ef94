/** Owns the trial of the rules and parameters taken out of a client that is older than schemas. */
import assert from "node:assert/strict";
import { rmSync } from "node:fs";
import type { C2jShape } from "../../../utils/catalog/c2j-model";
import { captureLegacyClient } from "../../../utils/catalog/capture-legacy-client";
import { extractService } from "../../../utils/catalog/extract-service";
import { ExtractionError } from "../../../utils/catalog/extraction-error";
import { birdPackages, type Changes, MODEL } from "./legacy-birds";

function extracted(changes: Changes = {}) {
  const source = birdPackages(changes);
  try {
    const client = captureLegacyClient(source);
    // What is read later must not need the folders.
    for (const folder of [source.clientFolder, source.modelFolder]) rmSync(folder, { recursive: true });
    return extractService(client);
  } finally {
    for (const folder of [source.clientFolder, source.modelFolder]) rmSync(folder, { recursive: true, force: true });
  }
}

const refused = (changes: Changes, reason: RegExp): void =>
  assert.throws(
    () => extracted(changes),
    (error: unknown) => error instanceof ExtractionError && reason.test(error.message),
  );

/** A model whose bird has other members. */
const birdOf = (members: Readonly<Record<string, C2jShape>>): Changes => ({
  model: { ...MODEL, shapes: { ...MODEL.shapes, S2: { ...MODEL.shapes["S2"], required: [], members } } },
  declarations: (text) => text.replace(/interface Bird \{[^}]*\}/, "interface Bird { Name?: Name; }"),
});

describe("captureLegacyClient", () => {
  it("takes names, signing, plugins and endpoint parameters from the client", () => {
    const { service } = extracted();
    assert.deepEqual(service, {
      package: "@aws-sdk/client-birds",
      version: "3.1.0",
      sdkId: "Birds",
      signingName: "birdsong",
      signingEscapePath: true,
      apiVersion: "2020-01-01",
      protocol: "AwsRestJsonProtocol",
      protocolSettings: { defaultNamespace: "com.example.birds", version: "2020-01-01", serviceTarget: "BirdService" },
      clientPlugins: ["getPlumagePlugin"],
      authSchemes: [["sigv4", "birdsong"]],
      endpointParameters: {
        UseFIPS: { type: "builtIn", name: "useFipsEndpoint" },
        Region: { type: "builtIn", name: "region" },
      },
    });
  });

  it("takes operations from the model, labels by the names of their members", () => {
    assert.deepEqual(extracted().operations, [
      [
        "CountBirds",
        {
          ...{ method: "GET", path: "/birds", code: 200, idempotency: "idempotent" },
          ...{ input: "smithy.api#Unit", output: "smithy.api#Unit", authSchemes: [["noAuth"]] },
          pagination: { inputToken: "Next", outputToken: "Next", pageSize: "Most" },
          waiters: {
            BirdsCounted: {
              minDelaySeconds: 3,
              maxDelaySeconds: 120,
              acceptors: [
                {
                  state: "success",
                  matcher: { output: { path: "Birds[].State", expected: "here", comparator: "allStringEquals" } },
                },
                {
                  state: "failure",
                  matcher: { output: { path: "Birds[].State", expected: "gone", comparator: "anyStringEquals" } },
                },
                {
                  state: "failure",
                  matcher: { output: { path: "Lost", expected: "true", comparator: "booleanEquals" } },
                },
                { state: "retry", matcher: { errorType: "NoSuchBird" } },
                { state: "success", matcher: { success: true } },
              ],
            },
          },
          documentation: "Counts them.",
        },
      ],
      [
        "RingBird",
        {
          ...{ method: "PUT", path: "/rings/{RingId}/{path+}?ring", code: 201, idempotency: "idempotent" },
          ...{ input: "RingBirdRequest", output: "RingBirdResponse" },
          traits: { endpoint: ["{Flock}."], httpChecksumRequired: 1, idempotent: 1 },
          endpointParameters: { Ring: { type: "context", name: "RingId" } },
          plugins: [["getFeatherPlugin", { long: true }]],
          streamingInput: "Photo",
          documentation: "Puts a ring on a bird.",
        },
      ],
    ]);
  });

  it("takes shapes from the model, their names and what is required from the declarations, errors from the client", () => {
    assert.deepEqual(Object.fromEntries(extracted().shapes), {
      RingBirdRequest: [
        3,
        0,
        ["RingId", "Photo", "Token", "path", "Flock", "Since", "More", "Marks"],
        [
          ...[
            [0, 1],
            ["Blob", 16],
            [0, { httpHeader: "x-token", idempotencyToken: 1 }],
            [0, 1],
          ],
          ...[
            [0, { hostLabel: 1, httpHeader: "Flock" }],
            [6, { httpQuery: "since" }],
          ],
          ...[
            [128, 64],
            [129, { httpPrefixHeaders: "x-mark-" }],
          ],
        ],
        2,
      ],
      Blob: [0, { streaming: 1 }, 42],
      RingBirdResponse: [3, 0, ["Status", "Bird"], [[1, 32], "Bird"]],
      Bird: [
        3,
        0,
        ["Id", "Name", "Password", "Hatched", "Seen", "Dossier", "Free", "Chicks", "Song", "Weights"],
        [0, [0, { jsonName: "birdName" }], "Password", 4, 69, "Dossier", 15, "Birds", "Song", "WeightMap"],
        1,
      ],
      Password: [0, 8, 0],
      Dossier: [0, { mediaType: "application/json" }, 0],
      Birds: [1, 0, "Bird"],
      Song: [4, 0, ["Text", "Sound"], [0, 21]],
      WeightMap: [2, 0, 0, "Weight"],
      Weight: [3, 8, ["Grams"], [1]],
      NoSuchBird: [
        -3,
        { error: "client" },
        ["Message", "Cause", "Sightings", "Names", "Notes", "Count", "Ringed"],
        [0, 0, "SightingList", 64, 128, 1, 2],
        1,
      ],
      NestFull: [
        -3,
        { error: "server" },
        ["message", "RetryAfter", "Size"],
        [0, [1, { httpHeader: "retry-after" }], [1, { jsonName: "nestSize" }]],
      ],
      SightingList: [1, 0, "Sighting"],
      Sighting: [3, 0, ["At", "Place"], [4, 0], 1],
    });
  });

  it("keeps a sentence for each member, and the values of enumerations", () => {
    const { documentation } = extracted();
    assert.deepEqual(documentation, {
      shapes: [
        ["NoSuchBird", { Cause: ["Why it left.", "Cause"] }],
        ["RingBirdRequest", { RingId: ["Of the ring."] }],
        ["Song", { Text: ["", "Kind"] }],
      ],
      enumerations: [
        ["Cause", ["AGE", "FOX"]],
        ["Kind", ["CALL", "SONG"]],
      ],
    });
  });

  it("says what it left out", () => {
    assert.deepEqual(extracted().omissions, [
      "operation FeedBird, which the client package does not have",
      "waiter BirdsFed of CountBirds is written in an unknown way",
    ]);
    const { FeedBird: _f, CountBirds: _c, ...operations } = MODEL.operations;
    assert.deepEqual(extracted({ model: { ...MODEL, operations } }).omissions, [
      "operation CountBirds, which the model does not have",
      "waiter BirdsFed of CountBirds is written in an unknown way",
    ]);
  });

  it("refuses what it does not understand, and names it", () => {
    const metadata = (changes: object): Changes => ({
      model: { ...MODEL, metadata: { ...MODEL.metadata, ...changes } },
    });
    refused(metadata({ protocol: "query" }), /models of the protocol query are not understood/);
    refused(metadata({ protocol: "rest-xml" }), /models of the protocol rest-xml/);
    refused(metadata({ awsQueryCompatible: {} }), /its errors have the codes of queries/);
    refused(metadata({ protocol: "json", jsonVersion: "2.0" }), /models of the protocol json 2.0/);
    refused(birdOf({ Name: { xmlFlattened: true } }), /S2.Name says xmlFlattened/);
    refused(birdOf({ Name: { type: "list", member: { eventpayload: true } } }), /S2.Name.member says eventpayload/);
    refused(birdOf({ Name: { location: "cookie" } }), /Bird.Name: the location cookie/);
    refused(birdOf({ Name: { type: "timestamp", timestampFormat: "lunar" } }), /the timestamp format lunar/);
    refused(birdOf({ Name: { type: "quaternion" } }), /the type quaternion/);
    refused(birdOf({ Name: { shape: "S99" } }), /there is no shape S99/);
    const CountBirds = { ...MODEL.operations["CountBirds"], endpointdiscovery: {} };
    refused({ model: { ...MODEL, operations: { CountBirds } } }, /CountBirds says endpointdiscovery/);
  });

  it("refuses a model and declarations that differ", () => {
    refused(birdOf({ Beak: {} }), /Bird has other members than it is declared with/);
    refused(birdOf({ Name: { type: "list", member: {} } }), /Name is a list, but declared as nothing/);
    const optional = (text: string): string => text.replace("Id: Id;", "Id?: Id;");
    refused({ declarations: optional }, /Bird.Id is required, but not declared so/);
    const nothing = (text: string): string => text.replaceAll("data: Birds.Types.RingBirdResponse", "data: {}");
    refused({ declarations: nothing }, /a side of RingBird is not declared/);
    const twice = (text: string): string => text.replace("Bird?: Bird;", "Bird?: RingBirdRequest;");
    refused({ declarations: twice }, /two shapes are called RingBirdRequest/);
  });

  it("refuses a model of another service or version", () => {
    const changed = (changes: object): Changes => ({
      model: { ...MODEL, metadata: { ...MODEL.metadata, ...changes } },
    });
    refused(changed({ serviceId: "Fish" }), /it is of Fish 2020-01-01, not of Birds 2020-01-01/);
    refused(changed({ apiVersion: "2021-01-01" }), /it is of Birds 2021-01-01/);
  });

  it("refuses a client that is built in an unknown way", () => {
    refused({ client: () => "" }, /its commands are built in an unknown way/);
    const nameless = (code: string): string => code.replace("getPlumagePlugin)(this.config)", "plumage)({})");
    refused({ client: nameless }, /it has a plugin without a name/);
    refused({ client: (code) => code.replaceAll("BirdsClient", "Aviary") }, /it exports nothing like/);
    refused(
      { client: (code) => code.replace("defaultSigningName", "other") },
      /its configuration has no defaultSigningName/,
    );
    refused({ client: (code) => code.replace("com.example.birds#", "") }, /it names no shape with its namespace/);
    refused({ errors: (text) => text.replace("NestFull", "NestEmpty") }, /NestFull is not declared/);
    refused({ errors: (text) => text.replace("Count?: number", "Count?: Abacus") }, /the type of NoSuchBird.Count/);
  });
});
