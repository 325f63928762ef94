/** Owns the trials of credential_cache with type redis: every form of a URL, one clear error a mistake, no password in any. */
import assert from "node:assert/strict";
import { describe, it } from "mocha";
import { AdapterError } from "../../../utils/errors/adapter-error";
import { parseSettings } from "../../../utils/settings/parse-settings";
import type { RedisStoreSettings } from "../../../utils/settings/settings";

const KEY = "0123456789abcdef0123456789abcdef";
const parse = (block: object) =>
  parseSettings(
    "aws",
    { authentication: { auth_method: "aws_authentication" }, credential_cache: { type: "redis", key: KEY, ...block } },
    {},
  );
const store = (block: object): RedisStoreSettings => parse(block).credentialCache.store as RedisStoreSettings;

describe("redisSettingsOf", () => {
  it("reads host, port, database, user and password from the URL", () => {
    const { redis, namespace, keys } = store({ url: "redis://task:p%40ss@cache.example:6380/3" });
    assert.deepEqual([namespace, keys.length, redis.operationTimeoutMs], ["adapter-aws", 1, 250]);
    assert.deepEqual(redis.nodes, [{ host: "cache.example", port: 6380 }]);
    assert.deepEqual(redis.topology, { mode: "standalone", database: 3 });
    assert.deepEqual([redis.login.username, redis.login.password?.reveal()], ["task", "p@ss"]);
    assert.equal(redis.tls, undefined);
  });

  it("takes a password without a user, the default port, and IPv6", () => {
    const { redis } = store({ url: "redis://:secret@[::1]" });
    assert.deepEqual(redis.nodes, [{ host: "::1", port: 6379 }]);
    assert.deepEqual([redis.login.username, redis.login.password?.reveal()], [undefined, "secret"]);
  });

  it("takes a key that is given twice for one", () => {
    const other = [...KEY].reverse().join("");
    const { keys } = store({ url: "redis://host", key: [KEY, other, KEY, ""] });
    assert.deepEqual(
      keys.map((key) => key.reveal()),
      [KEY, other],
    );
  });

  it("lets username and password stand beside the URL", () => {
    const { login } = store({ url: "redis://host", username: "task", password: "secret" }).redis;
    assert.deepEqual([login.username, login.password?.reveal()], ["task", "secret"]);
  });

  it("speaks TLS for rediss, with authorities and a client certificate of its own", () => {
    const tls = { ca_file: "/ca", cert_file: "/cert", key_file: "/key", passphrase: "word", server_name: "redis" };
    const { redis } = store({ url: "rediss://host", tls });
    assert.deepEqual([redis.tls?.caFile, redis.tls?.certFile, redis.tls?.keyFile], ["/ca", "/cert", "/key"]);
    assert.deepEqual([redis.tls?.certificateCheck, redis.tlsServerName], ["verify", "redis"]);
    const { warnings } = parse({ url: "rediss://host", tls: { accept_invalid_cert: true } });
    assert.match(warnings.join("\n"), /credential_cache\.tls\.accept_invalid_cert/);
  });

  it("knows Sentinels and clusters", () => {
    const url = ["redis://one", "redis://two:26380"];
    const sentinel = store({ url, mode: "sentinel", master_name: "main", sentinel_password: "secret" }).redis;
    assert.deepEqual(sentinel.nodes, [
      { host: "one", port: 26379 },
      { host: "two", port: 26380 },
    ]);
    assert.ok(sentinel.topology.mode === "sentinel" && sentinel.topology.masterName === "main");
    assert.equal(sentinel.topology.sentinelLogin.password?.reveal(), "secret");
    assert.deepEqual(store({ url, mode: "cluster" }).redis.topology, { mode: "cluster" });
  });

  for (const [name, block, property] of [
    ["nothing at all", {}, "url"],
    ["a URL of something else", { url: "https://u:hunter2-hunter2@host" }, "url"],
    ["a bare host", { url: "hunter2-hunter2@cache" }, "url"],
    ["a password with a character that was not encoded", { url: "redis://u:hunter2-hunter2/x#y@host" }, "url"],
    ["broken percent-encoding", { url: "redis://u:hunter2-hunter2%zz@host" }, "url"],
    ["a path that is no database", { url: "redis://u:hunter2-hunter2@host/cache" }, "url"],
    ["several servers that are no cluster", { url: ["redis://one", "redis://two"] }, "url"],
    ["nodes with different passwords", { url: ["redis://:a@one", "redis://:b@two"], mode: "cluster" }, "url"],
    ["a database of a cluster", { url: "redis://one/2", mode: "cluster" }, "url"],
    ["TLS properties without TLS", { url: "redis://one", tls: { ca_file: "/ca" } }, "url"],
    ["Sentinels without a master's name", { url: "redis://one", mode: "sentinel" }, "master_name"],
    ["a user without a password", { url: "redis://task@one" }, "password"],
    ["half a client certificate", { url: "rediss://one", tls: { cert_file: "/cert" } }, "tls.key_file"],
    ["a namespace that would be a pattern", { url: "redis://one", namespace: "a*b" }, "namespace"],
    ["no key", { url: "redis://one", key: "" }, "key"],
    ["a key that is too short", { url: "redis://one", key: "hunter2-hunter2" }, "key"],
    ["a key that can be guessed", { url: "redis://one", key: "hunter2hunter2".slice(0, 2).repeat(20) }, "key"],
  ] as const) {
    it(`refuses ${name}`, () => {
      assert.throws(
        () => store(block),
        (error) => {
          assert.ok(error instanceof AdapterError && error.code === "INVALID_PROPERTIES", String(error));
          assert.equal(error.detail["property"], `credential_cache.${property}`);
          assert.doesNotMatch(error.message + JSON.stringify(error.detail), /hunter2/);
          return true;
        },
      );
    });
  }
});
