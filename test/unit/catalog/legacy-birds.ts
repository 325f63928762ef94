/** Owns a made-up service as two packages have it: an old client without schemas, and the API model of a version 2. */
import { mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import type { C2jModel } from "../../../utils/catalog/c2j-model";
import type { LegacySource } from "../../../utils/catalog/capture-legacy-client";
import { CLIENT, CONFIGURATION, ERRORS, RULES } from "./birds-client";

export const UID = "birds-2020-01-01";

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
