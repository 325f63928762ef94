/** The credential cache on Redis as it is really run: with TLS, ACL users, Sentinels, as a cluster, and with a wrong password. */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Redis } from "ioredis";
import type { CredentialStore } from "../../../utils/credentials/credential-store/credential-store";
import { storedFetch } from "../../../utils/credentials/credential-store/stored-fetch";
import { openCredentialStore } from "../../../utils/runtime/open-credential-store";
import { systemClock } from "../../../utils/runtime/system-clock";
import { parseSettings } from "../../../utils/settings/parse-settings";
import type { RedisStoreSettings } from "../../../utils/settings/settings";
import type { AwsCredentialIdentity } from "../../../utils/types/identity";
import { ROOT_FOLDER } from "../../cases/roles-anywhere/world";
import { need } from "../../support/needs";
import { anyRedis, freePort, type RedisServer, redisPrograms, startRedis } from "../../support/redis-server";

const KEY = "Zm9yIHRoZSB0cmlhbHMgYW5kIG5vdGhpbmcgZWxzZSE=";
const PASSWORD = "p@ss/word:of#trials";
const HOUR_MS = 3_600_000;
const NAMESPACE = "production";

const [program] = redisPrograms();

describe("interop: Redis with TLS, ACLs, Sentinels, cluster", function () {
  this.timeout(120_000);
  const servers: RedisServer[] = [];
  const stores: CredentialStore[] = [];
  let log: string[];
  let folder: string;

  need(anyRedis);
  beforeEach(() => {
    log = [];
    folder = mkdtempSync(join(tmpdir(), "redis-topologies-"));
  });
  afterEach(async () => {
    for (const store of stores.splice(0)) store.close?.();
    await Promise.all(servers.splice(0).map((server) => server.stop()));
    rmSync(folder, { recursive: true, force: true });
  });

  const start = async (options: Parameters<typeof startRedis>[0] = {}): Promise<RedisServer> => {
    const server = await startRedis({ program: program as string, ...options });
    servers.push(server);
    return server;
  };
  const open = (cache: object): CredentialStore => {
    const given = { type: "redis", key: KEY, namespace: NAMESPACE, operation_timeout: 5000, ...cache };
    const authentication = { auth_method: "aws_authentication" };
    const { store } = parseSettings("aws", { authentication, credential_cache: given }, {}).credentialCache;
    const keep = (message: string): void => {
      log.push(message);
    };
    const opened = openCredentialStore(store as RedisStoreSettings, keep, keep);
    stores.push(opened);
    return opened;
  };
  const session = (name: string): AwsCredentialIdentity => ({
    accessKeyId: `ASIA${name}`,
    secretAccessKey: `secret of ${name}`,
    sessionToken: `token of ${name}`,
    expiration: new Date(Date.now() + HOUR_MS),
  });
  /** One node keeps, another finds; locks hold; removal removes. */
  const exercise = async (cache: object, count = 20): Promise<void> => {
    const [one, two] = [open(cache), open(cache)];
    const keys = Array.from({ length: count }, (_, n) => `role ${n}`);
    await Promise.all(keys.map((key) => one.set(key, session(key), Date.now() + HOUR_MS)));
    const found = await Promise.all(keys.map((key) => two.get(key)));
    assert.deepEqual(
      found.map((identity) => identity?.accessKeyId),
      keys.map((key) => session(key).accessKeyId),
      log.join("\n"),
    );
    const release = await one.lock("role 0");
    assert.equal(await isFree(two, "role 0"), false);
    await release();
    assert.equal(await isFree(two, "role 0"), true);
    await one.remove("role 0", found[0] as AwsCredentialIdentity);
    assert.equal(await two.get("role 0"), undefined);
    assert.deepEqual(log, []);
  };
  const isFree = async (store: CredentialStore, key: string): Promise<boolean> => {
    let free = true;
    const arrived = async (): Promise<boolean> => {
      free = false;
      return true;
    };
    await (await store.lock(key, undefined, { arrived }))();
    return free;
  };

  it("TLS with an authority of its own, which is checked, and a client certificate", async () => {
    const openssl = (...given: string[]): void => void execFileSync("openssl", given, { cwd: folder, stdio: "ignore" });
    const path = (name: string): string => join(folder, name);
    const authority = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2"];
    openssl("req", "-x509", ...authority, "-subj", "/CN=authority", "-keyout", "ca.key", "-out", "ca.pem");
    openssl(
      "req",
      ...authority.slice(0, -2),
      "-subj",
      "/CN=redis.example",
      "-keyout",
      "redis.key",
      "-out",
      "redis.csr",
    );
    writeFileSync(path("ext"), "subjectAltName=DNS:redis.example");
    const signed = ["-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial", "-days", "2", "-extfile", "ext"];
    openssl("x509", "-req", "-in", "redis.csr", ...signed, "-out", "redis.pem");
    const files = {
      "tls-cert-file": path("redis.pem"),
      "tls-key-file": path("redis.key"),
      "tls-ca-cert-file": path("ca.pem"),
    };
    const port = await freePort();
    await start({
      port,
      configuration: { port: "0", "tls-port": String(port), ...files },
      admin: {
        tls: {
          ca: readFileSync(path("ca.pem")),
          cert: readFileSync(path("redis.pem")),
          key: readFileSync(path("redis.key")),
          servername: "redis.example",
        },
      },
    });
    const url = `rediss://127.0.0.1:${port}`;
    const tls = {
      ca_file: path("ca.pem"),
      cert_file: path("redis.pem"),
      key_file: path("redis.key"),
      server_name: "redis.example",
    };
    await exercise({ url, tls });
    // An authority that nobody named, a name that is another's, a client that shows nothing: each is one clear warning.
    for (const [wrong, words] of [
      [{ ...tls, ca_file: "" }, /certificate.*tls\.ca_file/],
      [{ ...tls, server_name: "elsewhere.example" }, /altnames|elsewhere/],
    ] as const) {
      log = [];
      assert.equal(await open({ url, tls: wrong }).get("role 1"), undefined);
      assert.equal(log.length, 1);
      assert.match(log[0] as string, words);
    }
    assert.throws(() => open({ url, tls: { ca_file: path("nowhere.pem") } }), /credential_cache\.tls\.ca_file/);
  });

  it("an ACL user with no more than the documentation asks for, and a wrong password", async () => {
    const documented = readFileSync(join(ROOT_FOLDER, "docs", "credential-cache.md"), "utf8");
    const rules = /^ACL SETUSER adapter on >password (.*)$/m.exec(documented)?.[1] ?? "";
    assert.match(rules, /-@all/);
    const server = await start({
      configuration: { requirepass: "of-the-administrator" },
      admin: { password: "of-the-administrator" },
    });
    await server.admin.call("ACL", "SETUSER", "adapter", "on", `>${PASSWORD}`, ...rules.split(" "));
    const url = `redis://adapter:${encodeURIComponent(PASSWORD)}@127.0.0.1:${server.port}`;
    await exercise({ url });
    await exercise({ url: `redis://127.0.0.1:${server.port}/3`, username: "adapter", password: PASSWORD });

    const wrong = open({ url: url.replace("word", "ward") });
    for (let call = 0; call < 20; call += 1) {
      const own = session(`own ${call}`);
      const got = await storedFetch(
        wrong,
        "role 1",
        async () => own,
        () => true,
        { timeoutMs: 5000 },
        systemClock,
      );
      assert.equal(got, own);
    }
    assert.equal(log.length, 1);
    assert.match(log[0] as string, /WRONGPASS.*check username and password/);
    assert.doesNotMatch(log[0] as string, /ward|p%40ss|p@ss/);

    log = [];
    assert.equal(await open({ url, namespace: "elsewhere" }).get("role 1"), undefined);
    assert.match(log.join("\n"), /^[^\n]*NOPERM[^\n]*$/);
  });

  it("Sentinels with a password of their own, through a failover", async () => {
    const login = { requirepass: PASSWORD, masterauth: PASSWORD };
    const admin = { password: PASSWORD };
    const master = await start({ configuration: login, admin });
    const replica = await start({ configuration: { ...login, replicaof: `127.0.0.1 ${master.port}` }, admin });
    const file = join(folder, "sentinel.conf");
    const lines = [
      `sentinel monitor main 127.0.0.1 ${master.port} 1`,
      `sentinel auth-pass main ${PASSWORD}`,
      "sentinel down-after-milliseconds main 500",
      "sentinel failover-timeout main 5000",
      "requirepass of-the-sentinel",
    ];
    writeFileSync(file, `${lines.join("\n")}\n`);
    const sentinel = await startSentinel(file);
    const cache = {
      ...{ mode: "sentinel", master_name: "main", url: `redis://127.0.0.1:${sentinel.port}` },
      ...{ password: PASSWORD, sentinel_password: "of-the-sentinel" },
    };
    await exercise(cache);
    const store = open(cache);
    assert.ok(await store.get("role 1"));
    await until(async () => (await replica.admin.dbsize()) >= 19 && (await sentinelKnows(sentinel)));
    await master.kill();
    await until(async () => {
      await store.set("role 99", session("role 99"), Date.now() + HOUR_MS);
      return (await store.get("role 99")) !== undefined;
    });
    assert.equal(await replica.admin.exists(...(await replica.admin.keys("*"))), await replica.admin.dbsize());
    assert.ok((await replica.admin.role())[0] === "master");
    assert.ok(await store.get("role 1"));
    assert.deepEqual([log.length, /cannot be used/.test(log[0] ?? ""), /again/.test(log[1] ?? "")], [2, true, true]);
  });

  it("Sentinels of which the first one hangs: the next is asked", async () => {
    const master = await start();
    const [first, second] = await Promise.all(
      ["one", "two"].map((name) => {
        const file = join(folder, `${name}.conf`);
        writeFileSync(file, `sentinel monitor main 127.0.0.1 ${master.port} 1\n`);
        return start({ program: "redis-sentinel", file, configuration: { save: "" } });
      }),
    );
    const url = [first, second].map((sentinel) => (sentinel as RedisServer).url);
    first?.pause();
    const cache = { mode: "sentinel", master_name: "main", url, operation_timeout: 1000 };
    await open(cache).set("role", session("role"), Date.now() + HOUR_MS);
    assert.equal(await master.admin.dbsize(), 1, log.join("\n"));
    first?.resume();
  });

  it("a cluster, whose every node holds some", async () => {
    const nodes = await Promise.all([0, 1, 2].map(() => start({ configuration: { "cluster-enabled": "yes" } })));
    const [first, ...others] = nodes as [RedisServer, ...RedisServer[]];
    const slots = [0, 5461, 10_923, 16_384];
    await Promise.all(
      nodes.map((node, n) =>
        node.admin.call("CLUSTER", "ADDSLOTSRANGE", slots[n] as number, (slots[n + 1] as number) - 1),
      ),
    );
    for (const { port } of others) await first.admin.call("CLUSTER", "MEET", "127.0.0.1", port);
    await until(async () => {
      const states = await Promise.all(nodes.map(({ admin }) => admin.cluster("INFO") as Promise<string>));
      return states.every((state) => /cluster_state:ok/.test(state) && /cluster_known_nodes:3/.test(state));
    });
    await exercise({ mode: "cluster", url: [first.url, (others[0] as RedisServer).url] }, 60);
    const sizes = await Promise.all(nodes.map(({ admin }) => admin.dbsize()));
    assert.ok(
      sizes.every((size) => size > 5),
      sizes.join(", "),
    );
    // Asked as if it were one server, it says what it is.
    const alone = open({ url: first.url });
    for (let n = 0; n < 20; n += 1) await alone.get(`role ${n}`);
    assert.match(log.join("\n"), /^[^\n]*set mode to cluster[^\n]*$/);
  });

  async function startSentinel(file: string): Promise<RedisServer> {
    const args = {
      program: "redis-sentinel",
      file,
      configuration: { save: "" },
      admin: { password: "of-the-sentinel" },
    };
    return start(args);
  }
  async function sentinelKnows({ port }: RedisServer): Promise<boolean> {
    const asked = new Redis({ host: "127.0.0.1", port, password: "of-the-sentinel", protocol: 2 });
    try {
      return ((await asked.call("SENTINEL", "REPLICAS", "main")) as unknown[]).length === 1;
    } finally {
      asked.disconnect();
    }
  }
});

async function until(isSo: () => Promise<boolean>, limitMs = 60_000): Promise<void> {
  const endMs = Date.now() + limitMs;
  while (!(await isSo())) {
    assert.ok(Date.now() < endMs, "it did not come to pass");
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
