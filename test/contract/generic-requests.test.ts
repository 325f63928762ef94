/** Owns the trial of generic requests: the built adapter against the simulator, which verifies every signature. */
import assert from "node:assert/strict";
import { type Simulator, startSimulator } from "../../utils/simulator/simulator";
import { simulatedRoleArn, simulatorServiceInstance } from "../../utils/simulator/simulator-service-instance";
import { adapterClass, type LoadedAdapter, type Method, quiet } from "./loaded-adapter";

interface Answer {
  readonly code: number;
  readonly response: unknown;
  readonly headers: Record<string, string>;
}

const BUCKET = "/example-configurations";
const FORM = { "Content-Type": "application/x-www-form-urlencoded" };

describe("contract: generic requests", () => {
  let simulator: Simulator;
  let writer: { RoleArn: string };
  const opened = (more: object = {}): LoadedAdapter =>
    new (adapterClass())("generic", { ...simulatorServiceInstance(simulator), service: "s3", ...more }, quiet);
  const send = (adapter: LoadedAdapter, method: string, ...given: unknown[]) =>
    (adapter[method] as Method).call(adapter, ...given) as Promise<Answer>;
  const asWriter = (
    adapter: LoadedAdapter,
    path: string,
    verb: string,
    body: unknown = null,
    headers: unknown = null,
  ) => send(adapter, "genericAdapterRequestSTSRole", path, verb, null, body, headers, writer, null);

  before(async () => {
    simulator = await startSimulator();
    writer = { RoleArn: simulatedRoleArn(simulator.world, "task-writer") };
  });
  after(() => simulator.close());

  it("reaches another object for each slash; HEAD is HEAD; a role acts", async () => {
    const adapter = opened();
    for (const path of ["/a/b", "/a//b", "/a/b/"]) {
      assert.equal((await asWriter(adapter, BUCKET + path, "PUT", `at ${path}`)).code, 200);
    }
    for (const path of ["/a/b", "/a//b", "/a/b/"]) {
      const { response, headers } = await asWriter(adapter, BUCKET + path, "GET");
      assert.equal(response, `at ${path}`);
      assert.equal(headers["content-length"], String(`at ${path}`.length));
      const head = await asWriter(adapter, BUCKET + path, "HEAD");
      assert.deepEqual([head.response, head.headers["content-length"]], ["", headers["content-length"]]);
      assert.equal((await asWriter(adapter, BUCKET + path, "DELETE")).code, 204);
    }
    assert.ok(simulator.requests.some(({ action, roleArn }) => action === "AssumeRole" && roleArn === writer.RoleArn));
  });

  it("sends bodies with DELETE, and an empty POST, without hanging", async () => {
    const adapter = opened({ service: "ec2" });
    const remove = send(adapter, "genericAdapterRequest", "/", "DELETE", null, { a: 1 }, null);
    await assert.rejects(remove, { icode: "AD.500" });
    await assert.rejects(send(adapter, "genericAdapterRequest", "/", "POST", null, null, null), { icode: "AD.500" });
  });

  it("signs for the service of the instance, or for the one that the call names with its host", async () => {
    const adapter = opened();
    const { host, port, protocol } = simulatorServiceInstance(simulator) as Record<string, unknown>;
    const metadata = { service: "ec2", callProperties: { host, port, protocol, region: "eu-west-1" } };
    const body = { Action: "DescribeInstances", Version: "2016-11-15" };
    const { response } = await send(
      ...([
        adapter,
        "iapExpandedGenericAdapterRequest",
        metadata,
        "/{pathv1}",
        "POST",
        [""],
        null,
        body,
        FORM,
      ] as const),
    );
    assert.ok("DescribeInstancesResponse" in (response as object));
    const seen = simulator.requests.at(-1);
    assert.deepEqual([seen?.service, seen?.action, seen?.region], ["ec2", "DescribeInstances", "eu-west-1"]);
    const plain = await send(adapter, "genericAdapterRequest", "/", "GET", null, null, null);
    assert.ok("ListAllMyBucketsResult" in (plain.response as object));
  });

  it("puts base_path in front, or not", async () => {
    const adapter = opened({ base_path: BUCKET });
    await asWriter(adapter, "/based", "PUT", "x");
    const values = [`${BUCKET}/based`, "GET", null, null, null, writer, null];
    assert.equal((await send(adapter, "genericAdapterRequestNoBasePathSTSRole", ...values)).code, 200);
    await assert.rejects(send(adapter, "genericAdapterRequestSTSRole", ...values), { icode: "AD.500" });
  });

  it("answers errors in AWS's words, with failover where the service instance asks for it", async () => {
    const adapter = opened({ request: { failover_codes: ["400-404"], number_retries: 0 } });
    await assert.rejects(
      send(adapter, "genericAdapterRequest", `${BUCKET}/none`, "GET"),
      (error: { aws?: { code?: string }; failover?: boolean }) => {
        assert.equal(error.aws?.code, "AccessDenied");
        assert.equal(error.failover, true);
        return true;
      },
    );
  });

  it("retries the statuses that limit_retry_error names, by number, list or range, and no others", async () => {
    for (const [limit, attempts] of [
      [403, 2],
      [[403], 2],
      [["400-499"], 2],
      [["405-499"], 1],
    ] as const) {
      const adapter = opened({ request: { limit_retry_error: limit, number_retries: 1 } });
      const before = simulator.requests.length;
      await assert.rejects(send(adapter, "genericAdapterRequest", `${BUCKET}/none`, "GET"));
      assert.equal(simulator.requests.length - before, attempts, JSON.stringify(limit));
    }
  });
});
