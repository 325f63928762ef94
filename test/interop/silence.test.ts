/** Owns the proof that nobody waits for ever: what is silent ends in an error within the attempt's limit, and says who was silent. */
import { strict as assert } from "node:assert";
import { once } from "node:events";
import { createServer as createHttpServer, type Server as HttpServer, type IncomingMessage, request } from "node:http";
import { type AddressInfo, createServer, type Server, type Socket } from "node:net";
import { performance } from "node:perf_hooks";
import { setTimeout } from "node:timers/promises";
import { type Simulator, startSimulator } from "../../utils/simulator/simulator";
import {
  type ServiceInstanceOptions,
  simulatedRoleArn,
  simulatorServiceInstance,
} from "../../utils/simulator/simulator-service-instance";
import { bringOnline, type LoadedAdapter, type Refusal } from "./platform";

const limitMs = 1000;
/** What an error may take of the time of a plain timer of `attempt_timeout`: on a machine under load both are late. */
const SHARE = 1.1;

interface Listening {
  readonly port: number;
  /** Connections that were made. */
  connections(): number;
  close(): Promise<void>;
}

async function listening(server: Server | HttpServer): Promise<Listening> {
  const sockets = new Set<Socket>();
  let connections = 0;
  server.on("connection", (socket: Socket) => {
    connections += 1;
    sockets.add(socket);
    socket.on("error", () => undefined);
    socket.on("close", () => sockets.delete(socket));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    port: (server.address() as AddressInfo).port,
    connections: () => connections,
    close: () => {
      for (const socket of sockets) socket.destroy();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}

/** Takes every connection and never says a word. */
const silence = (): Promise<Listening> => listening(createServer());

/** An STS whose first answers come late, and all after those never. */
function fadingSts(simulator: Simulator, answers: number, delayMs: number): Promise<Listening> {
  let seen = 0;
  return listening(
    createHttpServer((incoming, outgoing) => {
      seen += 1;
      if (seen > answers) return;
      const { method, url: path, headers } = incoming;
      const onward = request(
        { host: "127.0.0.1", port: simulator.port, method, path, headers },
        (answer: IncomingMessage) => {
          outgoing.writeHead(answer.statusCode ?? 0, answer.headers);
          answer.pipe(outgoing);
        },
      );
      void setTimeout(delayMs).then(() => incoming.pipe(onward));
    }),
  );
}

describe("interop: silence, through the built adapter and its callback", () => {
  let simulator: Simulator;
  let silent: Listening;
  let adapters = 0;
  before(async () => {
    simulator = await startSimulator();
    silent = await silence();
  });
  afterEach(() => simulator.faults.clear());
  after(async () => {
    await simulator.close();
    await silent.close();
  });

  async function adapter(
    options: ServiceInstanceOptions & { readonly sts?: Record<string, unknown>; readonly timeoutMs?: number } = {},
    environment: Record<string, string> = {},
  ): Promise<LoadedAdapter> {
    const properties = simulatorServiceInstance(simulator, options);
    const authentication = properties["authentication"] as Record<string, unknown>;
    adapters += 1;
    const given = {
      ...properties,
      authentication: { ...authentication, aws_sts: { ...(authentication["aws_sts"] as object), ...options.sts } },
      healthcheck: { type: "none" },
      request: {
        number_retries: 3,
        attempt_timeout: options.timeoutMs ?? limitMs,
        limit_retry_error: 0,
        healthcheck_on_timeout: false,
      },
    };
    return bringOnline(`silent-${adapters}`, given, environment);
  }
  const taskRole = () => ({ RoleArn: simulatedRoleArn(simulator.world, "task-reader") });

  /** A refusal, and what a plain timer took that began with the call. */
  interface Refused {
    readonly error: Refusal;
    readonly text: string;
    readonly ms: number;
    readonly timerMs: number;
  }

  async function refusedBeside(timer: number, loaded: LoadedAdapter, method: string, ...given: readonly unknown[]) {
    const started = performance.now();
    const since = (): number => performance.now() - started;
    const refusal = loaded.refusal(method, ...given);
    const timerMs = setTimeout(timer).then(since);
    const error = await refusal;
    const ms = since();
    return { error, text: error.IAPerror.displayString, ms, timerMs: await timerMs } satisfies Refused;
  }
  const refusedAfter = (loaded: LoadedAdapter, method: string, ...given: readonly unknown[]): Promise<Refused> =>
    refusedBeside(limitMs, loaded, method, ...given);
  const inTime = ({ ms, timerMs }: Refused): void =>
    assert.ok(ms < SHARE * timerMs, `${ms} ms, a timer of ${limitMs} ms ${timerMs}`);

  it("STS is silent at the first step", async () => {
    const loaded = await adapter({ globalRole: "adapter" });
    simulator.faults.set("sts", { kind: "silent" });
    const refused = await refusedAfter(loaded, "ec2DescribeInstances", {});
    inTime(refused);
    const { text, error } = refused;
    assert.match(text, /step 1 of 1, AssumeRole \S+:role\/adapter/);
    assert.equal(error.icode, "AD.501");
  });

  it("STS is silent at a later step, the first one being cached", async () => {
    const loaded = await adapter({ globalRole: "adapter" });
    await loaded.answer("ec2DescribeInstances", {});
    simulator.faults.set("sts", { kind: "silent" });
    const refused = await refusedAfter(loaded, "ec2DescribeInstancesSTSRole", {}, taskRole(), null);
    inTime(refused);
    assert.match(refused.text, /step 2 of 2, AssumeRole \S+:role\/task-reader/);
    assert.equal((await loaded.answer("ec2DescribeInstances", {}))["Reservations"] !== undefined, true);
  });

  it("the first step is slow and the second one silent: the limit is that of both together", async () => {
    const sts = await fadingSts(simulator, 1, 0.7 * limitMs);
    try {
      const loaded = await adapter({ globalRole: "adapter", sts: { endpoint: `127.0.0.1:${sts.port}` } });
      const refused = await refusedAfter(loaded, "ec2DescribeInstancesSTSRole", {}, taskRole(), null);
      inTime(refused);
      assert.ok(refused.ms > 0.7 * limitMs, `${refused.ms} ms`);
      assert.match(refused.text, /step 2 of 2/);
    } finally {
      await sts.close();
    }
  });

  it("STS is silent in the TLS handshake", async () => {
    const sts = { endpoint: `https://127.0.0.1:${silent.port}`, sslEnable: true };
    const refused = await refusedAfter(await adapter({ globalRole: "adapter", sts }), "ec2DescribeInstances", {});
    inTime(refused);
    assert.match(refused.text, /TLS handshake/);
  });

  it("the proxy in front of STS is silent", async () => {
    const sts = {
      proxy: `http://127.0.0.1:${silent.port}`,
      endpoint: "https://sts.us-east-1.amazonaws.com",
      sslEnable: true,
    };
    const refused = await refusedAfter(await adapter({ globalRole: "adapter", sts }), "ec2DescribeInstances", {});
    inTime(refused);
    assert.match(refused.text, /waiting for the proxy/);
  });

  it("a hundred calls that wait for one silent STS all have their error in time, and STS one request", async () => {
    const loaded = await adapter({ globalRole: "adapter" });
    simulator.clearRequests();
    simulator.faults.set("sts", { kind: "silent" });
    const all = await Promise.all(Array.from({ length: 100 }, () => refusedAfter(loaded, "ec2DescribeInstances", {})));
    for (const refused of all) inTime(refused);
    assert.equal(simulator.requests.filter(({ service }) => service === "sts").length, 1);
  });

  for (const [name, endpoint] of [
    ["is silent", () => `http://127.0.0.1:${silent.port}`],
    ["refuses connections", () => "http://127.0.0.1:9"],
  ] as const) {
    it(`instance metadata ${name}: under 2 s in total, then remembered for a short while`, async () => {
      const environment = { AWS_EC2_METADATA_DISABLED: "false", AWS_EC2_METADATA_SERVICE_ENDPOINT: endpoint() };
      const loaded = await adapter({ keysOf: "none", timeoutMs: 5000 }, environment);
      const { ms, timerMs, error } = await refusedBeside(2000, loaded, "ec2DescribeInstances", {});
      assert.ok(ms < timerMs, `${ms} ms, a timer of 2 s ${timerMs}`);
      assert.match(error.IAPerror.displayString, /instance metadata/);
      assert.match(error.IAPerror.recommendation, /hop limit/);
      const connections = silent.connections();
      const again = await refusedBeside(200, loaded, "ec2DescribeInstances", {});
      assert.ok(again.ms < again.timerMs, `${again.ms} ms, a timer of 200 ms ${again.timerMs}`);
      assert.equal(silent.connections(), connections);
    });
  }

  it("the container endpoint is silent", async () => {
    const environment = { AWS_CONTAINER_CREDENTIALS_FULL_URI: `http://127.0.0.1:${silent.port}/v1/credentials` };
    const loaded = await adapter({ keysOf: "none" }, environment);
    const refused = await refusedAfter(loaded, "ec2DescribeInstances", {});
    inTime(refused);
    assert.match(refused.text, /container credentials/);
  });

  it("STS is silent for a web identity token", async () => {
    const environment = {
      AWS_WEB_IDENTITY_TOKEN_FILE: `${__dirname}/world/web-identity-token`,
      AWS_ROLE_ARN: simulatedRoleArn(simulator.world, "web-identity"),
    };
    const loaded = await adapter({ keysOf: "none" }, environment);
    simulator.faults.set("sts", { kind: "silent" });
    const refused = await refusedAfter(loaded, "ec2DescribeInstances", {});
    inTime(refused);
    assert.match(refused.text, /web identity/);
  });
});
