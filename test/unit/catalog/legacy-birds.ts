/** Owns a made-up service as two packages have it: an old client without schemas, and the API model of a version 2. */
import { mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import type { C2jModel } from "../../../utils/catalog/c2j-model";
import type { LegacySource } from "../../../utils/catalog/capture-legacy-client";

export const UID = "birds-2020-01-01";

const CLIENT = `
var import_smithy_client = require("@smithy/smithy-client");
var import_middleware_serde = require("@smithy/middleware-serde");
var import_middleware_endpoint = require("@smithy/middleware-endpoint");
var import_bird_plugin = require("@aws-sdk/middleware-birds");
var import_runtimeConfig = require("./runtimeConfig");
var resolveClientEndpointParameters = (options) => ({ ...options, defaultSigningName: "birdsong" });
var commonParams = {
  UseFIPS: { type: "builtInParams", name: "useFipsEndpoint" },
  Region: { type: "builtInParams", name: "region" },
};
exports.BirdsClient = class BirdsClient extends import_smithy_client.Client {
  constructor(configuration) {
    const config = (0, import_middleware_endpoint.resolveEndpointConfig)(
      resolveClientEndpointParameters((0, import_runtimeConfig.getRuntimeConfig)(configuration)),
    );
    super(config);
    this.config = config;
    this.middlewareStack.use((0, import_middleware_endpoint.getRetryPlugin)(this.config));
    this.middlewareStack.use((0, import_bird_plugin.getPlumagePlugin)(this.config));
  }
};
exports.BirdsServiceException = class BirdsServiceException extends import_smithy_client.ServiceException {
  constructor(options) { super(options); }
};
exports.NoSuchBird = class NoSuchBird extends exports.BirdsServiceException {
  constructor(options) {
    super({ name: "NoSuchBird", $fault: "client", ...options });
    this.name = "NoSuchBird";
    this.$fault = "client";
  }
};
exports.NestFull = class NestFull extends exports.BirdsServiceException {
  constructor(options) { super({ name: "NestFull", $fault: "server", ...options }); }
};
exports.Cause = { AGE: "AGE", FOX: "FOX" };
var _RA = "RetryAfter";
var _ra = "retry-after";
var de_CommandError = async (output) => {
  switch (errorCode) {
    case "NoSuchBird":
    case "com.example.birds#NoSuchBird":
      throw await de_NoSuchBirdRes(parsedOutput, context);
  }
};
var de_NestFullRes = /* @__PURE__ */ __name(async (parsedOutput, context) => {
  const contents = map({
    [_RA]: [() => void 0 !== parsedOutput.headers[_ra], () => strictParseInt32(parsedOutput.headers[_ra])]
  });
  const doc = take(parsedOutput.body, {
    Size: [, import_smithy_client.expectInt32, \`nestSize\`],
    Message: import_smithy_client.expectString
  });
}, "de_NestFullRes");
function __name(target) { return target; }
const command = (name, params, plugins = []) => import_smithy_client.Command.classBuilder()
  .ep({ ...commonParams, ...params })
  .m(function (Command, cs, config, o) {
    return [
      (0, import_middleware_serde.getSerdePlugin)(config, this.serialize, this.deserialize),
      (0, import_middleware_endpoint.getEndpointPlugin)(config, Command.getEndpointParameterInstructions()),
      ...plugins.map((options) => (0, import_bird_plugin.getFeatherPlugin)(config, options)),
    ];
  })
  .s("BirdService", name, {})
  .n("BirdsClient", name + "Command")
  .f(void 0, void 0)
  .ser("se_" + name)
  .de("de_" + name)
  .build();
exports.RingBirdCommand = class extends command("RingBird", { Ring: { type: "contextParams", name: "RingId" } }, [{ long: true }]) {};
exports.CountBirdsCommand = class extends command("CountBirds", {}) {};
`;

const CONFIGURATION = `
const core = require("@aws-sdk/core");
exports.getRuntimeConfig = (config) => ({
  apiVersion: "2020-01-01",
  serviceId: config?.serviceId ?? "Birds",
  httpAuthSchemeProvider: ({ operation, region }) => operation === "CountBirds"
    ? [{ schemeId: "smithy.api#noAuth" }]
    : [{ schemeId: "aws.auth#sigv4", signingProperties: { name: "birdsong", region } }],
  logger: new core.NoOpLogger(),
});
`;

export const RULES = {
  version: "1.0",
  parameters: {
    Region: { required: false, type: "String" },
    UseFIPS: { required: true, default: false, type: "Boolean" },
  },
  rules: [
    {
      conditions: [],
      endpoint: { url: "https://birds.{Region}.example.com", properties: {}, headers: {} },
      type: "endpoint",
    },
  ],
};

const ERRORS = `
export declare const Cause: { readonly AGE: "AGE"; readonly FOX: "FOX"; };
export interface Sighting { Place?: string; At: Date | undefined; }
export declare class NoSuchBird extends __BaseException {
  readonly name: "NoSuchBird";
  readonly $fault: "client";
  Message: string | undefined;
  /** <p>Why it left. Nobody knows.</p> */
  Cause?: Cause;
  Sightings?: (Sighting)[];
  Names?: string[];
  Notes?: Record<string, string>;
  Count?: number;
  Ringed?: boolean;
}
export declare class NestFull extends __BaseException {
  readonly name: "NestFull";
  readonly $fault: "server";
  RetryAfter?: number;
  Size?: number;
}
`;

/** Every trait that is understood, once. */
export const MODEL: Omit<C2jModel, "paginators" | "waiters"> = {
  metadata: { apiVersion: "2020-01-01", protocol: "rest-json", serviceId: "Birds", uid: UID },
  operations: {
    RingBird: {
      http: { method: "PUT", requestUri: "/rings/{ring-id}/{path+}?ring", responseCode: 201 },
      idempotent: true,
      httpChecksumRequired: true,
      endpoint: { hostPrefix: "{Flock}." },
      input: {
        type: "structure",
        required: ["RingId", "Photo"],
        payload: "Photo",
        members: {
          Token: { idempotencyToken: true, location: "header", locationName: "x-token" },
          RingId: { location: "uri", locationName: "ring-id" },
          path: { location: "uri", locationName: "path" },
          Flock: { hostLabel: true, location: "header" },
          Since: { type: "timestamp", timestampFormat: "rfc822", location: "querystring", locationName: "since" },
          More: { shape: "S1", location: "querystring" },
          Marks: { type: "map", key: {}, value: { type: "integer" }, location: "headers", locationName: "x-mark-" },
          Photo: { type: "blob", streaming: true },
        },
      },
      output: {
        type: "structure",
        members: { Status: { type: "integer", location: "statusCode" }, Bird: { shape: "S2" } },
      },
    },
    CountBirds: { http: { method: "GET", requestUri: "/birds" }, output: { type: "structure", members: {} } },
    FeedBird: { http: { requestUri: "/food" } },
  },
  shapes: {
    S1: { type: "map", key: {}, value: {} },
    S2: {
      type: "structure",
      required: ["Id"],
      members: {
        Name: { locationName: "birdName" },
        Id: {},
        Password: { sensitive: true },
        Hatched: { type: "timestamp" },
        Seen: { type: "list", member: { type: "timestamp", timestampFormat: "iso8601" } },
        Dossier: { jsonvalue: true },
        Free: { type: "structure", members: {}, document: true },
        Chicks: { type: "list", member: { shape: "S2" } },
        Song: { type: "structure", union: true, members: { Text: {}, Sound: { type: "blob" } } },
        Weights: {
          type: "map",
          key: {},
          value: { type: "structure", sensitive: true, members: { Grams: { type: "double" } } },
        },
      },
    },
  },
};

const DECLARATIONS = `
interface Blob {}
declare class Birds extends Service {
  constructor(options?: Birds.Types.ClientConfiguration)
  /**
   * Puts a ring on a bird.  The bird must hold still.
   */
  ringBird(params: Birds.Types.RingBirdRequest, callback?: (err: AWSError, data: Birds.Types.RingBirdResponse) => void): Request<Birds.Types.RingBirdResponse, AWSError>;
  ringBird(callback?: (err: AWSError, data: Birds.Types.RingBirdResponse) => void): Request<Birds.Types.RingBirdResponse, AWSError>;
  /**
   * Counts them.
   */
  countBirds(callback?: (err: AWSError, data: {}) => void): Request<{}, AWSError>;
}
declare namespace Birds {
  export interface RingBirdRequest {
    Token?: Token;
    /**
     * Of the ring. Not of the bird.
     */
    RingId: RingId;
    path?: Path;
    Flock?: Flock;
    Since?: Time;
    More?: TextMap;
    Marks?: MarkMap;
    Photo: _Blob;
  }
  export interface RingBirdResponse { Status?: Integer; Bird?: Bird; }
  export interface Bird {
    Name?: Name; Id: Id; Password?: Password; Hatched?: Time; Seen?: Times; Dossier?: Dossier; Free?: FreeForm;
    Chicks?: Birds; Song?: Song; Weights?: WeightMap;
  }
  export interface Song { Text?: Kind; Sound?: _Blob; }
  export interface Weight { Grams?: Double; }
  export type _Blob = Buffer|Uint8Array|Blob|string|Readable;
  export type Birds = Bird[];
  export type Times = Time[];
  export type Time = Date;
  export type Kind = "CALL"|"SONG"|string;
  export type TextMap = {[key: string]: Name};
  export type MarkMap = {[key: string]: Integer};
  export type WeightMap = {[key: string]: Weight};
  export import Types = Birds;
}
export = Birds;
`;

const PAGINATORS = {
  pagination: {
    CountBirds: { input_token: "Next", output_token: "Next", limit_key: "Most", result_key: "Birds" },
    RingBird: { input_token: ["A", "B"], output_token: ["A", "B"] },
    FeedBird: { result_key: "Food" },
  },
};

const WAITERS = {
  version: 2,
  waiters: {
    BirdsCounted: {
      operation: "CountBirds",
      delay: 3,
      maxAttempts: 9,
      acceptors: [
        { state: "success", matcher: "pathAll", argument: "Birds[].State", expected: "here" },
        { state: "failure", matcher: "pathAny", argument: "Birds[].State", expected: "gone" },
        { state: "failure", matcher: "path", argument: "Lost", expected: true },
        { state: "retry", matcher: "error", expected: "NoSuchBird" },
        { state: "success", matcher: "status", expected: 200 },
      ],
    },
    BirdsFed: {
      operation: "CountBirds",
      delay: 1,
      maxAttempts: 2,
      acceptors: [{ state: "success", matcher: "status", expected: 404 }],
    },
  },
};

/** What a case may have otherwise. */
export interface Changes {
  readonly model?: object;
  readonly client?: (code: string) => string;
  readonly declarations?: (text: string) => string;
  readonly errors?: (text: string) => string;
}

/** Writes both packages into a folder of their own, which the system empties. */
export function birdPackages({ model = MODEL, ...texts }: Changes = {}): LegacySource {
  const folder = mkdtempSync(join(tmpdir(), "legacy-birds-"));
  const same = (text: string): string => text;
  const { client = same, declarations = same, errors = same } = texts;
  const files: Readonly<Record<string, string>> = {
    "client/package.json": JSON.stringify({ name: "@aws-sdk/client-birds", version: "3.1.0" }),
    "client/dist-cjs/index.js": client(CLIENT),
    "client/dist-cjs/runtimeConfig.js": 'throw new Error("it would look at the environment");',
    "client/dist-cjs/runtimeConfig.shared.js": CONFIGURATION,
    "client/dist-cjs/endpoint/ruleset.js": `exports.ruleSet = ${JSON.stringify(RULES)};`,
    "client/dist-types/models/models_0.d.ts": errors(ERRORS),
    [`model/apis/${UID}.min.json`]: JSON.stringify(model),
    [`model/apis/${UID}.paginators.json`]: JSON.stringify(PAGINATORS),
    [`model/apis/${UID}.waiters2.json`]: JSON.stringify(WAITERS),
    "model/clients/birds.d.ts": declarations(DECLARATIONS),
  };
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), text);
  }
  return { clientFolder: join(folder, "client"), modelFolder: join(folder, "model"), uid: UID, declarations: "birds" };
}
