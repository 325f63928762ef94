/** Owns the proof that STS is reached through proxies and load balancers that others wrote: squid, tinyproxy, microsocks, haproxy, nginx. */
import { strict as assert } from "node:assert";
import { join } from "node:path";
import { type Simulator, startSimulator } from "../../utils/simulator/simulator";
import { simulatedRoleArn, simulatorServiceInstance } from "../../utils/simulator/simulator-service-instance";
import { need, programs } from "../support/needs";
import { type WorkFolder, workFolder } from "../support/work-folder";
import { type Daemon, type IssuedCertificate, issueCertificate, openssl, readText, startDaemon } from "./daemon";
import { bringOnline, type LoadedAdapter } from "./platform";

const user = "adapter";
const password = "p@ss:w/rd of a proxy";
const STS_HOST = "sts.us-east-1.amazonaws.com";
const asUrl = (scheme: string, port: number, secret = password): string =>
  `${scheme}://${user}:${encodeURIComponent(secret)}@127.0.0.1:${port}`;

const proxyPrograms = {
  squid(folder: WorkFolder): Promise<Daemon> {
    const users = folder.write("squid-users", `${user}:${openssl("passwd", "-apr1", password).trim()}\n`);
    return startDaemon("squid", (port) => {
      const configuration = folder.write(
        "squid.conf",
        [
          `http_port 127.0.0.1:${port}`,
          `auth_param basic program /usr/lib/squid/basic_ncsa_auth ${users}`,
          "auth_param basic children 1",
          "acl known proxy_auth REQUIRED",
          "http_access allow known",
          "http_access deny all",
          "cache deny all",
          "pid_filename none",
          `access_log stdio:${folder.path}/squid-access.log`,
          "buffered_logs off",
          `cache_log ${folder.path}/squid-cache.log`,
          "max_filedescriptors 1024",
          "shutdown_lifetime 0 seconds",
          "visible_hostname proxy.test",
          "",
        ].join("\n"),
      );
      return ["-N", "-f", configuration];
    });
  },
  tinyproxy(folder: WorkFolder): Promise<Daemon> {
    return startDaemon("tinyproxy", (port) => {
      const configuration = folder.write(
        "tinyproxy.conf",
        [
          `Port ${port}`,
          "Listen 127.0.0.1",
          "Timeout 60",
          "MaxClients 20",
          `BasicAuth ${user} ${tinyproxyPassword}`,
          "LogLevel Connect",
          "",
        ].join("\n"),
      );
      return ["-d", "-c", configuration];
    });
  },
  microsocks: (): Promise<Daemon> =>
    startDaemon("microsocks", (port) => ["-i", "127.0.0.1", "-p", String(port), "-u", user, "-P", password]),
};

/** Its configuration knows no quotes. */
const tinyproxyPassword = "p4ssw0rd-0f-a-pr0xy";

const balancerPrograms = {
  haproxy: (folder: WorkFolder, target: number): Promise<Daemon> =>
    startDaemon("haproxy", (port) => {
      const configuration = folder.write(
        "haproxy.cfg",
        [
          "global",
          "  maxconn 100",
          "defaults",
          "  mode tcp",
          "  timeout connect 5s",
          "  timeout client 30s",
          "  timeout server 30s",
          "listen sts",
          `  bind 127.0.0.1:${port}`,
          `  server one 127.0.0.1:${target}`,
          "",
        ].join("\n"),
      );
      return ["-db", "-f", configuration];
    }),
  nginx: (folder: WorkFolder, target: number): Promise<Daemon> =>
    startDaemon("nginx", (port) => {
      const configuration = folder.write(
        "nginx.conf",
        [
          "load_module /usr/lib/nginx/modules/ngx_stream_module.so;",
          "daemon off;",
          "master_process off;",
          `pid ${folder.path}/nginx.pid;`,
          "error_log stderr;",
          "events { worker_connections 64; }",
          `stream { server { listen 127.0.0.1:${port}; proxy_pass 127.0.0.1:${target}; } }`,
          "",
        ].join("\n"),
      );
      return ["-e", "stderr", "-c", configuration, "-p", folder.path];
    }),
};

describe("interop: proxies and load balancers in front of STS", () => {
  need(programs("openssl", "squid", "tinyproxy", "microsocks", "haproxy", "nginx"));
  let folder: WorkFolder;
  let certificate: IssuedCertificate;
  /** An STS that speaks TLS, and has a certificate for the name of AWS's own. */
  let sts: Simulator;
  let daemons: Daemon[] = [];
  let adapters = 0;

  before(async () => {
    folder = workFolder();
    certificate = issueCertificate(folder, [`DNS:${STS_HOST}`, "DNS:localhost", "IP:127.0.0.1"]);
    sts = await startSimulator({ tls: certificate });
  });
  beforeEach(() => sts.clearRequests());
  afterEach(async () => {
    await Promise.all(daemons.map((daemon) => daemon.close()));
    daemons = [];
  });
  after(async () => {
    await sts?.close();
    folder?.remove();
  });

  const started = async (daemon: Promise<Daemon>): Promise<Daemon> => {
    daemons.push(await daemon);
    return daemon;
  };

  /** Services are called directly; `awsSts` says how STS is reached. */
  async function adapter(awsSts: Record<string, unknown>, more: Record<string, unknown> = {}): Promise<LoadedAdapter> {
    const properties = simulatorServiceInstance(sts, { globalRole: "adapter" });
    const authentication = properties["authentication"] as Record<string, unknown>;
    adapters += 1;
    return bringOnline(`proxied-${adapters}`, {
      ...properties,
      authentication: { ...authentication, aws_sts: { region: "us-east-1", ...awsSts } },
      ssl: { enabled: true, ca_file: certificate.caFile },
      healthcheck: { type: "none" },
      request: { number_retries: 0, attempt_timeout: 10_000, limit_retry_error: 0, healthcheck_on_timeout: false },
      ...more,
    });
  }

  const taskCall = (loaded: LoadedAdapter) =>
    loaded.call("stsGetCallerIdentitySTSRole", {}, { RoleArn: simulatedRoleArn(sts.world, "task-reader") }, null);

  async function assertCarried(loaded: LoadedAdapter, secret: string): Promise<void> {
    const { data, error } = await taskCall(loaded);
    assert.match(String(data?.response?.["Arn"]), /assumed-role\/task-reader\//, JSON.stringify(error));
    assert.deepEqual(sts.counts(), { "sts.AssumeRole": 2, "sts.GetCallerIdentity": 1 });
    assert.ok(!loaded.log.entries.join("\n").includes(secret), "the password of the proxy is in the log");
  }

  describe("a forward proxy with user and password carries STS over TLS", () => {
    const own = () => `localhost:${sts.port}`;

    it("squid", async () => {
      const { port } = await started(proxyPrograms.squid(folder));
      await assertCarried(await adapter({ endpoint: own(), proxy: asUrl("http", port) }), password);
      // A tunnel is logged when it ends. The service's own call has none.
      await daemons.pop()?.close();
      const tunnels = readText(join(folder.path, "squid-access.log")).match(/ CONNECT .*/g) ?? [];
      assert.equal(tunnels.length, 1, tunnels.join("\n"));
      assert.match(String(tunnels[0]), new RegExp(`^ CONNECT ${own()} ${user} `));
    });

    it("squid refuses a wrong password, and the error says whose it is", async () => {
      const { port } = await started(proxyPrograms.squid(folder));
      const { error } = await taskCall(await adapter({ endpoint: own(), proxy: asUrl("http", port, "wrong") }));
      assert.match(String(error?.IAPerror.displayString), /refused the connection with HTTP 407/);
      assert.match(String(error?.IAPerror.recommendation), /user and password of the proxy/);
      assert.doesNotMatch(JSON.stringify(error), /wrong/);
      assert.match(String(error?.aws?.step), /step 1 of 2/);
      assert.deepEqual(sts.counts(), {});
    });

    it("tinyproxy", async () => {
      const daemon = await started(proxyPrograms.tinyproxy(folder));
      const proxy = asUrl("http", daemon.port, tinyproxyPassword);
      await assertCarried(await adapter({ endpoint: own(), proxy }), tinyproxyPassword);
      assert.equal(daemon.output().match(new RegExp(`CONNECT ${own()}`, "g"))?.length, 1, daemon.output());
    });

    it("microsocks, SOCKS5", async () => {
      const { port } = await started(proxyPrograms.microsocks());
      await assertCarried(await adapter({ endpoint: own(), proxy: asUrl("socks5", port) }), password);
    });

    it("microsocks refuses a wrong password, and the error does not tell it", async () => {
      const { port } = await started(proxyPrograms.microsocks());
      const { error } = await taskCall(await adapter({ endpoint: own(), proxy: asUrl("socks5", port, "wrong-one") }));
      assert.match(String(error?.IAPerror.displayString), /the proxy socks5:\/\/127\.0\.0\.1:\d+ made no connection/);
      assert.doesNotMatch(JSON.stringify(error), /wrong-one/);
    });

    it("nobody is asked when the proxy is down, and the error names it", async () => {
      const { port } = await started(proxyPrograms.microsocks());
      await daemons.pop()?.close();
      const { error } = await taskCall(await adapter({ endpoint: own(), proxy: `http://127.0.0.1:${port}` }));
      assert.match(String(error?.IAPerror.displayString), new RegExp(`proxy http://127.0.0.1:${port}.*refused`));
      assert.deepEqual(sts.counts(), {});
    });
  });

  it("the proxy of all calls carries services and STS", async () => {
    const daemon = await started(proxyPrograms.tinyproxy(folder));
    const proxy = { enabled: true, host: "127.0.0.1", port: daemon.port, protocol: "http", username: user };
    const all = { proxy: { ...proxy, password: tinyproxyPassword }, host: "localhost" };
    await assertCarried(await adapter({ endpoint: `localhost:${sts.port}` }, all), tinyproxyPassword);
    const tunnels = daemon.output().match(/CONNECT localhost:\d+/g) ?? [];
    assert.ok(tunnels.length >= 1, daemon.output());
  });

  for (const [name, start] of Object.entries(balancerPrograms)) {
    describe(`a load balancer in TCP mode: ${name}`, () => {
      it("is accepted with aws_sts.endpoint: the certificate is that of the endpoint", async () => {
        const { port } = await started(start(folder, sts.port));
        await assertCarried(await adapter({ endpoint: STS_HOST, proxy: `127.0.0.1:${port}` }), password);
      });

      it("is refused without it: the certificate is not for the host that the region names", async () => {
        const { port } = await started(start(folder, sts.port));
        const { error } = await taskCall(await adapter({ region: "eu-west-1", proxy: `127.0.0.1:${port}` }));
        const { displayString = "", recommendation = "" } = error?.IAPerror ?? {};
        assert.match(displayString, /sts\.eu-west-1\.amazonaws\.com/);
        assert.match(displayString, /certificate|altnames/i);
        assert.match(recommendation, /Set aws_sts\.endpoint to the host that the load balancer forwards to/);
        assert.deepEqual(sts.counts(), {});
      });
    });
  }

  it("a private authority is trusted by ssl.ca_file, and by nothing else", async () => {
    const endpoint = `localhost:${sts.port}`;
    const { error } = await taskCall(await adapter({ endpoint }, { ssl: { enabled: false } }));
    assert.match(String(error?.IAPerror.displayString), /certificate|issuer/);
    assert.match(String(error?.IAPerror.recommendation), /ssl\.ca_file/);
    await assertCarried(await adapter({ endpoint }), password);
  });

  it("sslEnable false speaks plain http to STS, with a proxy and without", async () => {
    const plain = await startSimulator();
    try {
      const { port } = await started(proxyPrograms.squid(folder));
      for (const proxy of ["", asUrl("http", port)]) {
        plain.clearRequests();
        const properties = simulatorServiceInstance(plain, { globalRole: "adapter" });
        const authentication = properties["authentication"] as Record<string, unknown>;
        const awsSts = { region: "us-east-1", endpoint: `https://127.0.0.1:${plain.port}`, sslEnable: false, proxy };
        const loaded = await bringOnline(`plain-${proxy.length}`, {
          ...properties,
          authentication: { ...authentication, aws_sts: awsSts },
          healthcheck: { type: "none" },
        });
        const { data, error } = await loaded.call("stsGetCallerIdentity", {});
        assert.match(String(data?.response?.["Arn"]), /assumed-role\/adapter\//, JSON.stringify(error));
        assert.deepEqual(plain.counts(), { "sts.AssumeRole": 1, "sts.GetCallerIdentity": 1 });
      }
      const log = readText(join(folder.path, "squid-access.log"));
      assert.match(log, new RegExp(`POST http://127\\.0\\.0\\.1:${plain.port}/ ${user} `));
    } finally {
      await plain.close();
    }
  });
});
