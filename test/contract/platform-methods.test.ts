/** Owns the trial of the methods that every adapter of the platform has: built, loaded, against the simulator. */
import assert from "node:assert/strict";
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import type { FaultKind } from "../../utils/simulator/faults";
import { type Simulator, startSimulator } from "../../utils/simulator/simulator";
import { simulatedRoleArn, simulatorServiceInstance } from "../../utils/simulator/simulator-service-instance";
import { adapterClass, distFolder, type LoadedAdapter, type Method, platformMethods, quiet } from "./loaded-adapter";

type Plain = Record<string, unknown>;
const FILES = ["pronghorn.json", "propertiesSchema.json", "error.json", "sampleProperties.json", "package.json"];

describe("contract: platform methods", () => {
  let simulator: Simulator;
  let folder: string;
  const opened = (more: object = {}): LoadedAdapter => {
    const properties = { ...simulatorServiceInstance(simulator), ...more };
    return new (adapterClass())("platform", properties, { ...quiet, adapterFolder: folder });
  };
  const ask = (adapter: LoadedAdapter, name: string, ...given: unknown[]) =>
    (adapter[name] as Method).call(adapter, ...given) as Promise<Plain>;
  const response = async (adapter: LoadedAdapter, name: string, ...given: unknown[]) => {
    const { icode, status, code, metrics, response: answered } = await ask(adapter, name, ...given);
    assert.deepEqual([icode, status, code, typeof metrics], ["AD.200", "success", 200, "object"], name);
    return answered as Plain;
  };

  before(async () => {
    simulator = await startSimulator();
    folder = mkdtempSync(join(tmpdir(), "adapter-aws-"));
    for (const name of FILES) cpSync(join(distFolder, name), join(folder, name));
    cpSync(join(distFolder, "entities"), join(folder, "entities"), { recursive: true });
  });
  after(async () => {
    await simulator.close();
    rmSync(folder, { recursive: true });
  });

  it("EC2 instances are devices: one, some, whether they run, their description, their number", async () => {
    const adapter = opened();
    const { total, list } = (await ask(adapter, "getDevicesFiltered", { sort: { name: -1 }, start: 1, limit: 2 })) as {
      total: number;
      list: Plain[];
    };
    assert.deepEqual([total, list.map(({ name }) => name)], [5, ["web-1", "orders-database"]]);
    const filtered = (await ask(adapter, "getDevicesFiltered", { filter: { name: ["web"] } })) as { total: number };
    assert.equal(filtered.total, 2);
    const { name, id, ipaddress, status } = await ask(adapter, "getDevice", "web-1");
    assert.deepEqual([name, ipaddress, status], ["web-1", "203.0.113.11", "running"]);
    assert.deepEqual(await ask(adapter, "getDevice", id), await ask(adapter, "getDevice", "web-1"));
    assert.deepEqual(
      [await ask(adapter, "isAlive", "web-1"), await ask(adapter, "isAlive", "batch-worker")],
      [true, false],
    );
    assert.equal(((await ask(adapter, "getConfig", id)) as { response: Plain }).response["InstanceId"], id);
    assert.deepEqual(await ask(adapter, "iapGetDeviceCount"), { count: 5 });
    for (const unknown of ["nobody", undefined])
      await assert.rejects(ask(adapter, "getDevice", unknown), { icode: "AD.300" });
  });

  it("devices are listed as the role and in the region of devicebroker", async () => {
    const stsParams = { RoleArn: simulatedRoleArn(simulator.world, "task-reader") };
    const adapter = opened({ devicebroker: { stsParams, region: "eu-west-1" } });
    assert.deepEqual(await ask(adapter, "iapGetDeviceCount"), { count: 1 });
    const seen = simulator.requests.at(-1);
    assert.match(`${seen?.principalArn} ${seen?.region}`, /assumed-role\/task-reader\/.* eu-west-1/);
  });

  it("entities are listed, kept, found by name", async () => {
    const bucket = { entityType: "Bucket", service: "s3", operation: "ListBuckets", path: "Buckets", name: "Name" };
    const adapter = opened({ cache: { entities: [bucket] } });
    assert.deepEqual(await response(adapter, "iapPopulateEntityCache"), { Device: 5, Bucket: 2 });
    const before = simulator.requests.length;
    const kept = await response(adapter, "iapRetrieveEntitiesCache", "Bucket", { filter: { name: "archive" } });
    assert.equal(kept["total"], 1);
    assert.deepEqual(await ask(adapter, "hasEntities", "Device", ["web-1"]), { "web-1": true });
    assert.equal(simulator.requests.length, before, "what is kept is not asked for again");
    assert.deepEqual(await ask(adapter, "hasEntities", "Device", ["web-1", "x"]), { "web-1": true, x: false });
    await assert.rejects(ask(adapter, "iapPopulateEntityCache", ["Car"]), { icode: "AD.300" });
  });

  it("the checks: connectivity step by step, health, the simplest call, files, all of them", async () => {
    const adapter = opened();
    const { reachable, steps } = (await response(adapter, "iapRunAdapterConnectivity")) as {
      reachable: boolean;
      steps: Plain[];
    };
    assert.deepEqual([reachable, steps.map(({ step }) => step)], [true, ["dns", "tcp", "http"]]);
    assert.ok(steps.every(({ ok, durationMs }) => ok === true && typeof durationMs === "number"));
    assert.deepEqual(await response(adapter, "iapRunAdapterHealthcheck"), { healthy: true });
    assert.equal((await response(adapter, "iapRunAdapterBasicGet"))["Account"], "123456789012");
    assert.deepEqual(await response(adapter, "iapRunAdapterLint"), { passed: true, problems: [] });
    assert.equal((await response(adapter, "iapRunAdapterTests"))["passed"], true);
    const dead = opened({ host: "127.0.0.1", port: 1, authentication: { auth_method: "aws_authentication" } });
    await assert.rejects(ask(dead, "iapRunAdapterBasicGet"), (error: Plain) =>
      /^AD\.[45]/.test(String(error["icode"])),
    );
    await assert.rejects(ask(adapter, "iapMoveAdapterEntitiesToDB"), { icode: "AD.100" });
  });

  it("connectivity names the step that fails, and TLS is one", async () => {
    const { port } = new URL(simulator.url);
    const sts = { region: "us-east-1", endpoint: `localhost:${port}`, sslEnable: true };
    const authentication = { ...(simulatorServiceInstance(simulator)["authentication"] as object), aws_sts: sts };
    const adapter = opened({ host: "localhost", protocol: "https", authentication });
    const { reachable, steps } = (await response(adapter, "iapRunAdapterConnectivity")) as {
      reachable: boolean;
      steps: Plain[];
    };
    assert.equal(reachable, false);
    assert.deepEqual(
      steps.map(({ step, ok }) => `${step} ${ok}`),
      ["dns true", "tcp true", "tls false"],
    );
  });

  it("suspended: calls fail at once, or wait and go on; the adapter's own checks go through", async () => {
    const adapter = opened();
    await response(adapter, "iapSuspendAdapter", "error");
    await assert.rejects(ask(adapter, "s3ListBuckets", {}), { icode: "AD.600" });
    assert.equal((await response(adapter, "iapRunAdapterHealthcheck"))["healthy"], true);
    await response(adapter, "iapSuspendAdapter", "pause");
    const waiting = ask(adapter, "s3ListBuckets", {});
    assert.equal((await response(adapter, "iapGetAdapterQueue"))["paused"], 1);
    assert.deepEqual(await response(adapter, "iapUnsuspendAdapter"), { suspended: false, released: 1 });
    assert.equal((await waiting)["icode"], "AD.200");
    await assert.rejects(ask(adapter, "iapSuspendAdapter", "sleep"), { icode: "AD.300" });
  });

  it("finds operations by path, and describes what is installed", async () => {
    const found = await response(opened(), "iapFindAdapterPath", "/hostedzone/{Id}");
    assert.ok((found["foundIn"] as Plain[]).some(({ methodName }) => methodName === "route53GetHostedZone"));
    assert.equal((await response(opened(), "iapFindAdapterPath", "/nowhere"))["found"], false);
    const { name, entities, methods } = await response(opened(), "iapGetAdapterInventory");
    assert.equal(name, "adapter-aws");
    assert.ok((entities as Plain[]).length > 8 && (methods as { total: number }).total > 100);
  });

  it("task flags are set in pronghorn.json, one line each, nothing else changes", async () => {
    const path = join(folder, "pronghorn.json");
    const before = readFileSync(path, "utf8");
    const names = ["ec2RunInstances", "ec2RunInstancesSTSRole"];
    assert.deepEqual((await response(opened(), "iapDeactivateTasks", names))["changed"], names);
    const off = (JSON.parse(readFileSync(path, "utf8")) as { methods: { name: string; task: boolean }[] }).methods;
    assert.deepEqual(
      off.filter(({ task }) => !task).map((method) => method.name),
      names,
    );
    await response(opened(), "iapActivateTasks", names);
    assert.equal(readFileSync(path, "utf8"), before);
    await assert.rejects(ask(opened(), "iapActivateTasks", ["ec2RunInstance"]), { icode: "AD.300" });
  });

  it("configuration: checked before it is written, entities take effect at once, nothing leaves the folder", async () => {
    const adapter = opened();
    const update = (...given: unknown[]) => ask(adapter, "iapUpdateAdapterConfiguration", ...given);
    const action = join(folder, "entities", "sqs", "action.json");
    const before = readFileSync(action, "utf8");
    await update("action.json", { documentation: "Ours, ä." }, "sqs", "action", "AddPermission");
    const after = readFileSync(action, "utf8");
    const changed = after.split("\n").filter((line, at) => line !== before.split("\n")[at]);
    assert.deepEqual([changed.length, /"Ours, \\u00e4\."/.test(String(changed[0]))], [1, true]);
    const refusals: unknown[][] = [
      ["action.json", { input: "NoSuchShape" }, "sqs", "action", "AddPermission"],
      ["action.json", { method: 7 }, "sqs", "action", "AddPermission"],
      ["schema.json", { AddPermissionRequest: null }, "sqs", "schema"],
      ["action.json", { a: 1 }, "sqs", "action", "Nothing"],
      ["action.json", { a: 1 }, "../sqs", "action", "AddPermission"],
      ["package.json", { name: "other" }],
      ["propertiesSchema.json", { type: "nonsense" }],
      ["sampleProperties.json", { properties: { port: "x" } }],
      ["../package.json", { a: 1 }],
      ["adapter.js", { a: 1 }],
      ["../../x.json", { a: 1 }, "sqs", "mock"],
    ];
    const all = () =>
      FILES.map((name) => readFileSync(join(folder, name), "utf8")).concat(readFileSync(action, "utf8"));
    const untouched = all();
    for (const given of refusals) {
      await assert.rejects(
        update(...given),
        (error: Plain) => /^AD\.3/.test(String(error["icode"])),
        JSON.stringify(given),
      );
    }
    assert.deepEqual(all(), untouched);
    const outside = mkdtempSync(join(tmpdir(), "outside-"));
    writeFileSync(join(outside, "GetQueueUrl.json"), "{}");
    symlinkSync(outside, join(folder, "entities", "sqs", "mockdata"));
    await assert.rejects(update("GetQueueUrl.json", { a: 1 }, "sqs", "mock"), { icode: "AD.303" });
    assert.equal(readFileSync(join(outside, "GetQueueUrl.json"), "utf8"), "{}");
    rmSync(join(folder, "entities", "sqs", "mockdata"));
    rmSync(outside, { recursive: true });
  });

  it("stub: every method has an example, or the user's own, and nobody is called", async () => {
    const before = simulator.requests.length;
    const adapter = opened({ stub: true, authentication: { auth_method: "aws_authentication" } });
    await ask(adapter, "connect");
    assert.equal(adapter["healthy"], true);
    const { Reservations } = await response(adapter, "ec2DescribeInstances", {});
    assert.ok(Array.isArray(Reservations));
    assert.equal((await response(adapter, "s3GetObjectSTSRole", {}, { RoleArn: "any" }, null))["Body"], "example");
    assert.equal((await response(adapter, "genericAdapterRequest", "/x", "GET"))["path"], "/x");
    await ask(adapter, "iapUpdateAdapterConfiguration", "GetQueueUrl.json", { QueueUrl: "mine" }, "sqs", "mock");
    assert.deepEqual(await response(adapter, "sqsGetQueueUrl", {}), { QueueUrl: "mine" });
    assert.equal(simulator.requests.length, before);
  });

  it("values of a service instance may be encoded or encrypted", async () => {
    const { authentication, ...others } = simulatorServiceInstance(simulator);
    const given = authentication as { aws_access_key: string; aws_secret_key: string };
    const adapter = opened();
    const encoded = await response(adapter, "encryptProperty", given.aws_access_key, "encode");
    const encrypted = await response(adapter, "encryptProperty", given.aws_secret_key, "encrypt");
    assert.match(`${encoded} ${encrypted}`, /^\{code\}\S+ \{crypt\}\S+$/);
    const secret = { ...given, aws_access_key: encoded, aws_secret_key: encrypted };
    const other = opened({ ...others, authentication: secret });
    assert.equal((await response(other, "iapRunAdapterBasicGet"))["Account"], "123456789012");
    const wrong = opened({ authentication: { ...secret, aws_secret_key: "{crypt}AAAA" } });
    await assert.rejects(ask(wrong, "s3ListBuckets", {}), { icode: "AD.305" });
  });

  it("checks properties and action files without a callback", () => {
    const adapter = opened();
    assert.deepEqual((adapter["checkActionFiles"] as Method).call(adapter), []);
    const check = adapter["checkProperties"] as Method;
    const complete = check.call(adapter, { authentication: { auth_method: "aws_authentication" } }) as Plain;
    assert.equal((complete["request"] as Plain)["attempt_timeout"], 5000);
    assert.match(String((check.call(adapter, {}) as Plain)["exception"]), /authentication/);
  });

  it("every one of them answers exactly once, whatever is given and whatever AWS does", async () => {
    const kinds: readonly (FaultKind | undefined)[] = [
      undefined,
      "503",
      "throttle",
      "malformed",
      "html-502",
      "empty",
      "expired-token",
      "silent",
    ];
    const request = { number_retries: 0, attempt_timeout: 1000 };
    const something = fc.oneof(
      fc.constantFrom("/", "GET", "web-1", "Device", "pause", "error", null, undefined, "", 0, true),
      fc.constantFrom({}, [], { limit: 1 }, ["web-1"], { RoleArn: "x" }),
    );
    const property = fc.asyncProperty(
      ...([
        fc.constantFrom(...platformMethods),
        fc.constantFrom(...kinds),
        fc.array(something, { maxLength: 9 }),
      ] as const),
      async (name, kind, given) => {
        const adapter = opened({ request });
        if (kind !== undefined) for (const service of ["s3", "ec2", "sts"]) simulator.faults.set(service, { kind });
        try {
          const answers: unknown[][] = [];
          await new Promise<void>((resolve) => {
            (adapter[name] as Method).call(adapter, ...given, (...answer: unknown[]) => {
              answers.push(answer);
              setImmediate(resolve);
            });
          });
          assert.equal(answers.length, 1);
          const [data, error] = answers[0] as [unknown, Plain | null];
          assert.ok((data === null) !== (error === null), name);
          if (error !== null)
            assert.match(String((error["IAPerror"] as Plain)["origin"]), new RegExp(`platform-adapter-${name}$`));
        } finally {
          for (const service of ["s3", "ec2", "sts"]) simulator.faults.clear(service);
        }
      },
    );
    await fc.assert(property, { numRuns: 120 });
  }).timeout(60_000);
});
