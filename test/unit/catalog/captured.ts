/** Owns a small captured client for tests: what one operation of a made-up service looks like. */
import type { CapturedClient, CapturedOperation, RawSchema } from "../../../utils/catalog/captured-client";

const NAMESPACE = "com.amazonaws.birds";

const request: RawSchema = [
  3,
  NAMESPACE,
  "RingBirdRequest",
  0,
  ["RingId", "Token", "Photo"],
  [0, [0, 4], [() => photo, 16]],
  1,
];
const photo: RawSchema = [0, NAMESPACE, "Photo", { streaming: 1 }, 42];

export const ringBird: CapturedOperation = {
  name: "RingBird",
  schema: [9, NAMESPACE, "RingBird", { http: ["POST", "/rings/{RingId}", 201] }, () => request, () => "unit"],
  endpointParameters: {},
  plugins: [],
  authSchemes: [["sigv4", "birds"]],
};

export function capturedClient(changes: Partial<CapturedClient> = {}): CapturedClient {
  return {
    packageName: "@aws-sdk/client-birds",
    version: "3.0.0",
    folder: "/nowhere",
    sdkId: "Birds",
    signingName: "birds",
    signingEscapePath: true,
    apiVersion: "2020-01-01",
    protocol: "AwsRestJsonProtocol",
    protocolSettings: { defaultNamespace: NAMESPACE },
    errorSchemas: [],
    clientPlugins: [],
    commonEndpointParameters: { Region: { type: "builtInParams", name: "region" } },
    rules: { nodes: [-1, 1, -1], root: 2, conditions: [], results: [], parameters: ["Region"] },
    operations: [ringBird],
    paginators: new Map(),
    exports: {},
    ...changes,
  };
}
