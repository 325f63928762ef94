/** Owns one exercise of every method of the platform, through dist/ against the simulator: a method without one fails here. */
import assert from "node:assert/strict";
import { cpSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { EntityIndex } from "../../utils/models/entity-format";
import { type Simulator, startSimulator } from "../../utils/simulator/simulator";
import { simulatedRoleArn, simulatorServiceInstance } from "../../utils/simulator/simulator-service-instance";
import { CLIENT_ID, type FakeEdge, startFakeEdge } from "../support/fake-edge";
import {
  adapterClass,
  distFolder,
  distJson,
  type LoadedAdapter,
  type Method,
  pronghorn,
  quiet,
} from "./loaded-adapter";

type Plain = Record<string, unknown>;

/** What a method is given, and what its answer must be like. */
interface Exercise {
  readonly given?: readonly unknown[];
  readonly answers: RegExp;
  /** Where the right answer is an error. */
  readonly fails?: true;
}

const FILES = ["pronghorn.json", "propertiesSchema.json", "error.json", "sampleProperties.json", "package.json"];
const Bucket = "example-configurations";

describe("contract: exercises", () => {
  let simulator: Simulator;
  let edge: FakeEdge;
  let folder: string;
  let adapter: LoadedAdapter;
  /** Generic requests are signed for the service of the instance. */
  let ofS3: LoadedAdapter;

  before(async () => {
    simulator = await startSimulator();
    edge = await startFakeEdge(simulator.port);
    edge.credentials = { credentialType: "ApiKey", expiresAt: null, data: { apiKey: "apiKeyOfNobody" } };
    folder = mkdtempSync(join(tmpdir(), "adapter-aws-"));
    for (const name of [...FILES, "entities"]) cpSync(join(distFolder, name), join(folder, name), { recursive: true });
    const properties = simulatorServiceInstance(simulator, { globalRole: "task-writer" });
    const overrides = { ...quiet, adapterFolder: folder };
    adapter = new (adapterClass())("exercise", properties, overrides);
    ofS3 = new (adapterClass())("exercise", { ...properties, service: "s3" }, overrides);
  });
  after(async () => {
    await edge.close();
    await simulator.close();
    rmSync(folder, { recursive: true });
  });

  /** Plain method and STSRole method are given the same; the role follows the method's own parameters. */
  function exercises(): Readonly<Record<string, Exercise>> {
    const role = [{ RoleArn: simulatedRoleArn(simulator.world, "task-writer") }, null];
    const both = (name: string, given: readonly unknown[], answers: RegExp): Record<string, Exercise> => ({
      [name]: { given, answers },
      [`${name}STSRole`]: { given: [...given, ...role], answers },
    });
    const request = ["README.txt", "GET", null, null, null];
    const server = { host: "api.example.com", port: "443" };
    const attestor = { clientId: CLIENT_ID, edgeApiUrl: edge.url };
    const object = { Bucket, Key: "exercise.txt" };
    return {
      ...both("awsRequest", ["s3", "ListBuckets", {}], /example-archive/),
      ...both("genericAdapterRequest", [`/${Bucket}/${request[0]}`, ...request.slice(1)], /Simulated/),
      ...both("genericAdapterRequestNoBasePath", [`/${Bucket}/${request[0]}`, ...request.slice(1)], /Simulated/),
      ...both(
        "iapExpandedGenericAdapterRequest",
        [null, `/${Bucket}/{pathv1}`, "GET", ["README.txt"], null, null, null],
        /Simulated/,
      ),
      ...both("getSignedCallerIdentity", [{}], /"url":/),
      ...both("edgeAuthenticate", [attestor], /accessToken/),
      ...both("edgeGetCredentials", [{ ...attestor, credentialType: "ApiKey", server }], /apiKey/),
      ...both("s3ConnectionUpsert", [{ ...object, Body: "exercised" }], /ETag/),
      ...both("s3ConnectionGet", [{ Bucket, Key: "README.txt" }], /Simulated/),
      ...both("s3ConnectionList", [{ Bucket, Prefix: "routers/" }], /edge-1\.cfg/),
      ...both("s3ConnectionQuery", [{ Bucket, Prefix: "routers/" }], /edge-2\.cfg/),
      ...both("s3ConnectionDelete", [object], /AD\.200/),
      getConfig: { given: ["web-1"], answers: /InstanceId/ },
      getDevice: { given: ["web-1"], answers: /203\.0\.113\.11/ },
      getDevicesFiltered: { given: [{ limit: 1, start: 0 }], answers: /"total":5/ },
      hasEntities: { given: ["Device", ["web-1"]], answers: /"web-1":true/ },
      iapActivateTasks: { given: [["s3ListBuckets"]], answers: /"task":true/ },
      iapDeactivateTasks: { given: [["s3ListBuckets"]], answers: /"task":false/ },
      iapFindAdapterPath: { given: ["/hostedzone"], answers: /route53/ },
      iapGetAdapterInventory: { answers: /"entities":\[/ },
      iapGetAdapterMetrics: { answers: /"rpc\.client\.call\.duration"[\s\S]*?"count":[1-9]/ },
      iapGetAdapterQueue: { answers: /"throttled":false/ },
      iapGetDeviceCount: { answers: /"count":5/ },
      iapMoveAdapterEntitiesToDB: { answers: /AD\.100/, fails: true },
      iapPopulateEntityCache: { given: [["Device"]], answers: /"Device":5/ },
      iapRetrieveEntitiesCache: { given: ["Device", { limit: 1 }], answers: /"total":5/ },
      iapRunAdapterBasicGet: { answers: /123456789012/ },
      iapRunAdapterConnectivity: { answers: /"reachable":true/ },
      iapRunAdapterHealthcheck: { answers: /"healthy":true/ },
      iapRunAdapterLint: { answers: /"passed":true/ },
      iapRunAdapterTests: { answers: /"passed":true/ },
      iapSuspendAdapter: { given: ["pause"], answers: /"suspended":true/ },
      iapUnsuspendAdapter: { answers: /"suspended":false/ },
      iapTestConnection: { given: [{}], answers: /123456789012/ },
      iapTroubleshootAdapter: { answers: /"checks"|"ok"|"status"/ },
      iapUpdateAdapterConfiguration: { given: ["package.json", { keywords: ["aws"] }], answers: /package\.json/ },
      isAlive: { given: ["web-1"], answers: /^true$/ },
    };
  }

  it("every method that is no operation has one, and no other", () => {
    const operations = Object.values(distJson<EntityIndex>("entities/index.json")).flatMap(({ prefix, operations }) =>
      operations.flatMap((name) => [`${prefix}${name}`, `${prefix}${name}STSRole`]),
    );
    const known = new Set(operations.map((name) => name.toLowerCase()));
    const listed = pronghorn()
      .methods.map(({ name }) => name)
      .filter((name) => !known.has(name.toLowerCase()));
    assert.deepEqual(Object.keys(exercises()).sort(), listed.sort());
  });

  it("every one of them answers as it should, to a callback, once", async () => {
    for (const [name, { given = [], answers, fails }] of Object.entries(exercises())) {
      const calls: unknown[][] = [];
      const answered = await new Promise<unknown>((resolve) => {
        const asked = /generic/i.test(name) ? ofS3 : adapter;
        (asked[name] as Method).call(asked, ...given, (data: unknown, error: unknown) => {
          calls.push([data, error]);
          resolve(fails === true ? error : (data ?? { [name]: error }));
        });
      });
      assert.match(JSON.stringify(answered), answers, `${name}: ${JSON.stringify(answered)}`);
      if (fails !== true && !/^(?:get(?!Signed)|is|has|iapGetDevice)/.test(name)) {
        assert.equal((answered as Plain)["icode"], "AD.200", name);
      }
      await new Promise((resolve) => setImmediate(resolve));
      assert.equal(calls.length, 1, name);
    }
  });
});
