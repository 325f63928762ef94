/** Owns the trial of iapRunAdapterConnectivity where something stands between the adapter and AWS. */
import assert from "node:assert/strict";
import { type Simulator, startSimulator } from "../../utils/simulator/simulator";
import { simulatorServiceInstance } from "../../utils/simulator/simulator-service-instance";
import { httpProxy, type RecordingProxy, socksProxy } from "../unit/http/proxies";
import { adapterClass, type Method, quiet } from "./loaded-adapter";

interface Step {
  readonly step: string;
  readonly ok: boolean;
  readonly found: string;
}

describe("contract: connectivity through a proxy", () => {
  let simulator: Simulator;
  let proxy: RecordingProxy | undefined;
  before(async () => {
    simulator = await startSimulator();
  });
  after(() => simulator.close());
  afterEach(async () => {
    await proxy?.close();
    proxy = undefined;
  });

  /** @param sts - members of `aws_sts` in place of the simulator's */
  async function steps(sts: object, more: object = {}): Promise<readonly Step[]> {
    const properties = { ...simulatorServiceInstance(simulator), ...more };
    const authentication = properties["authentication"] as { aws_sts: object };
    const given = {
      ...properties,
      authentication: { ...authentication, aws_sts: { ...authentication.aws_sts, ...sts } },
    };
    const adapter = new (adapterClass())("way", given, quiet);
    const answered = (await (adapter["iapRunAdapterConnectivity"] as Method).call(adapter)) as {
      response: { reachable: boolean; steps: Step[] };
    };
    assert.equal(
      answered.response.reachable,
      answered.response.steps.every(({ ok }) => ok),
    );
    return answered.response.steps;
  }
  const words = (found: readonly Step[]) => found.map(({ step, ok }) => `${step} ${ok}`).join(", ");

  it("goes the way of aws_sts: to the proxy, and the request through it", async () => {
    proxy = await httpProxy();
    assert.equal(words(await steps({ proxy: `http://127.0.0.1:${proxy.port}` })), "dns true, tcp true, http true");
    assert.deepEqual(
      proxy.seen.map(({ line }) => line),
      [`POST http://127.0.0.1:${simulator.port}/`],
    );
  });

  it("names the proxy as a step of its own where it makes a tunnel", async () => {
    proxy = await socksProxy();
    const found = await steps({ proxy: `socks5://127.0.0.1:${proxy.port}` });
    assert.equal(words(found), "dns true, tcp true, proxy true, http true");
    assert.match(found[2]?.found ?? "", /socks5 proxy, connected to 127\.0\.0\.1/);
  });

  it("ends at a proxy that refuses, and says what it said; the password of the proxy is in no answer", async () => {
    proxy = await httpProxy({ refuseWith: "403 Forbidden" });
    const found = await steps({ proxy: `http://me:hush-hush@127.0.0.1:${proxy.port}`, sslEnable: true });
    assert.equal(words(found), "dns true, tcp true, proxy false");
    assert.match(found[2]?.found ?? "", /403/);
    assert.doesNotMatch(JSON.stringify(found), /hush/);
  });

  it("ends where the proxy is not there, also with the proxy of all calls", async () => {
    proxy = await httpProxy();
    const { port } = proxy;
    await proxy.close();
    proxy = undefined;
    assert.equal(words(await steps({ proxy: `http://127.0.0.1:${port}` })), "dns true, tcp false");
    const ofAll = { proxy: { enabled: true, host: "127.0.0.1", port, protocol: "http" } };
    assert.equal(words(await steps({}, ofAll)), "dns true, tcp false");
  });

  it("knocks at the load balancer in front of STS", async () => {
    const { port } = simulator;
    const found = await steps({ endpoint: "sts.us-east-1.amazonaws.com", proxy: `127.0.0.1:${port}` }, { host: "" });
    assert.equal(words(found), "dns true, tcp true, http true");
    assert.match(found[1]?.found ?? "", new RegExp(`:${port}$`));
  });
});
