/** Eight nodes over one Redis: one AssumeRole a role, whatever happens to Redis, and nothing in it that anybody could use. */
import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import { createRuntime, type Runtime } from "../../../utils/runtime/create-runtime";
import { nodeFiles } from "../../../utils/runtime/node-files";
import { openCredentialStore } from "../../../utils/runtime/open-credential-store";
import { systemClock } from "../../../utils/runtime/system-clock";
import { parseSettings } from "../../../utils/settings/parse-settings";
import { ROOT_FOLDER } from "../../cases/roles-anywhere/world";
import { need } from "../../support/needs";
import { anyRedis, type RedisServer, redisPrograms, startRedis } from "../../support/redis-server";
import { recordingLogger } from "../../support/silent-logger";
import { type CannedSts, cannedProperties, roleArns, startCannedSts } from "./canned-sts";
import { Nodes } from "./nodes";

const NODES = 8;
const CALLS = 500;
const ROLES = 50;
/** Tries until every node must have found Redis again. */
const POKES = 150;
const KEY = "Zm9yIHRoZSB0cmlhbHMgYW5kIG5vdGhpbmcgZWxzZSE=";
const MEMORY_ONLY = /cannot be used \([^)]*\); role sessions are kept in memory only/;

const servers = redisPrograms();

describe("interop: the credential cache that nodes share", function () {
  this.timeout(240_000);
  need(anyRedis);
  for (const program of servers.length === 0 ? ["redis-server"] : servers) describe(program, () => trials(program));
});

function trials(program: string): void {
  const roles = roleArns(4 * ROLES + POKES);
  const pokes = roles.slice(4 * ROLES);
  let sts: CannedSts;
  let redis: RedisServer;
  let nodes: Nodes;

  before(async () => {
    nodes = new Nodes(NODES);
    [sts, redis] = await Promise.all([startCannedSts(), startRedis({ program })]);
  });
  after(async () => {
    nodes.end();
    await Promise.all([sts.close(), redis.stop()]);
  });
  beforeEach(() => sts.clear());

  const properties = (more: object = {}, globalRole?: string): Record<string, unknown> =>
    cannedProperties(sts.port, {
      // Patient, so that a machine which is several times slower than this one proves the same.
      request: { attempt_timeout: 60_000 },
      credential_cache: { type: "redis", url: redis.url, key: KEY, operation_timeout: 10_000, ...more },
      ...(globalRole === undefined ? {} : { authentication: { aws_iam_role: globalRole } }),
    });
  const assumed = (): number => sts.counts()["AssumeRole"] ?? 0;
  const called = (): number => sts.counts()["GetCallerIdentity"] ?? 0;
  const part = (index: number): readonly string[] => roles.slice(index * ROLES, (index + 1) * ROLES);
  const call = async (which: readonly string[], calls = CALLS) => {
    const reports = await nodes.tell({ kind: "call", roles: which, calls });
    assert.deepEqual(
      reports.flatMap(({ wrong }) => wrong),
      [],
    );
    assert.equal(
      reports.reduce((sum, { callbacks }) => sum + callbacks, 0),
      NODES * calls,
    );
    return reports;
  };
  /** Another node, in this process. */
  const runtime = (more: object = {}, besides: object = {}): { runtime: Runtime; log: string[] } => {
    const { logger, entries } = recordingLogger();
    const opened = createRuntime(parseSettings("shared", { ...properties(more), ...besides }, {}), {
      ...{ environment: {}, clock: systemClock, random: Math.random, files: nodeFiles, logger },
      ...{ adapterFolder: ROOT_FOLDER, sharedCaches: new Map(), credentialStore: openCredentialStore },
    });
    return { runtime: opened, log: entries };
  };
  const sessionOf = (of: Runtime, RoleArn: string) =>
    of.identity(of.plan({ kind: "STSRole", stsParams: { RoleArn } })).resolve({ timeoutMs: 30_000 });

  it(`${NODES} processes with ${CALLS} calls each, ${ROLES} roles, cold: ${ROLES} AssumeRole`, async () => {
    await nodes.tell({ kind: "open", properties: properties() });
    const reports = await call(part(0));
    assert.equal(assumed(), ROLES);
    assert.deepEqual(
      reports.flatMap(({ log }) => log),
      [],
    );
    console.error(`      ${NODES * CALLS} calls, ${assumed()} AssumeRole`);
  });

  it("holds nothing readable: no secret, no role, no account, in no encoding, in names and in values", async () => {
    const { runtime: node } = runtime();
    const secrets: string[] = [KEY, Buffer.from(KEY, "base64").toString("latin1")];
    for (const role of part(0)) {
      const { accessKeyId, secretAccessKey, sessionToken = "" } = await sessionOf(node, role);
      secrets.push(accessKeyId, secretAccessKey, sessionToken, role, role.split("/")[1] as string);
    }
    node.close();
    assert.equal(assumed(), 0, "another node did not find what is there");
    const names = await redis.admin.keysBuffer("*");
    assert.equal(names.length, ROLES);
    const contents = await Promise.all(names.map((name) => redis.admin.dumpBuffer(name)));
    const values = await Promise.all(names.map((name) => redis.admin.getBuffer(name)));
    const all = Buffer.concat([...names, ...contents, ...values.map((value) => value ?? Buffer.alloc(0))]);
    const haystacks = [all.toString("latin1"), all.toString("base64"), all.toString("hex")];
    for (const secret of [...secrets, "123456789012", "arn:aws"]) {
      const bytes = Buffer.from(secret);
      for (const form of [secret, bytes.toString("base64").replace(/=+$/, "").slice(0, -1), bytes.toString("hex")]) {
        for (const haystack of haystacks) assert.ok(!haystack.includes(form), `a form of ${secret.slice(0, 4)}…`);
      }
    }
    for (const name of names) {
      const left = await redis.admin.pttl(name);
      assert.ok(left > 0 && left <= 3_540_000, `${left} ms`);
    }
  });

  it("reads nothing with another key or in another namespace, and no call fails of it", async () => {
    const { runtime: own } = runtime();
    await sessionOf(own, part(0)[0] as string);
    own.close();
    for (const other of [{ key: `${KEY}another` }, { namespace: "another" }]) {
      sts.clear();
      const { runtime: node, log } = runtime(other);
      await sessionOf(node, part(0)[0] as string);
      assert.deepEqual([assumed(), log], [1, []]);
      node.close();
    }
    sts.clear();
    const { runtime: node } = runtime();
    await sessionOf(node, part(0)[0] as string);
    assert.equal(assumed(), 0, "what is there was lost");
    node.close();
  });

  it("shares the role in between, too: one AssumeRole more with a global role", async () => {
    await nodes.tell({ kind: "open", properties: properties({}, "arn:aws:iam::123456789012:role/global") });
    await call(part(1), ROLES);
    assert.equal(assumed(), ROLES + 1);
  });

  it("renews early on one node, and drops for all what AWS refuses", async () => {
    const [role] = part(0) as [string];
    const [one, two] = [runtime(), runtime()];
    const planned = ({ runtime: node }: typeof one) =>
      node.identity(node.plan({ kind: "STSRole", stsParams: { RoleArn: role } }));
    const old = await planned(one).resolve({ timeoutMs: 30_000 });
    assert.equal((await planned(two).resolve({ timeoutMs: 30_000 })).accessKeyId, old.accessKeyId);
    planned(one).invalidate(old);
    const fresh = await planned(one).resolve({ timeoutMs: 30_000 });
    planned(two).invalidate(old);
    assert.equal((await planned(two).resolve({ timeoutMs: 30_000 })).accessKeyId, fresh.accessKeyId);
    assert.notEqual(fresh.accessKeyId, old.accessKeyId);
    assert.equal(assumed(), 1);
    for (const { runtime: node } of [one, two]) node.close();
  });

  it("a node that dies while it fetches holds the others up for the life of its lock, no longer", async () => {
    const role = "arn:aws:iam::123456789012:role/of-one-that-dies";
    const cache = { namespace: "dies" };
    const limits = { request: { attempt_timeout: 6000 } };
    const one = new Nodes(1);
    try {
      await one.tell({ kind: "open", properties: { ...properties(cache), ...limits } });
      sts.holdNext();
      void one.tell({ kind: "call", roles: [role], calls: 1 }).catch(() => undefined);
      const held = sts.held();
      while (sts.held() === held) await new Promise((resolve) => setTimeout(resolve, 5));
    } finally {
      one.end();
    }
    const startedMs = performance.now();
    const since = (): number => Math.round(performance.now() - startedMs);
    // On a machine under load a plain timer is late, too.
    const timerMs = sleep(3000).then(since);
    const others = [runtime(cache, limits), runtime(cache, limits)];
    const sessions = await Promise.all(others.map((node) => sessionOf(node.runtime, role)));
    const tookMs = since();
    assert.equal(sessions[0]?.accessKeyId, sessions[1]?.accessKeyId);
    assert.equal(assumed(), 1);
    assert.ok(tookMs < (await timerMs), `${tookMs} ms`);
    console.error(`      ${tookMs} ms`);
    for (const node of others) node.runtime.close();
  });

  it("Redis stands still: a call waits for the limit of one operation, the next not at all", async () => {
    const limitMs = 250;
    const { runtime: node, log } = runtime({ namespace: "paused", operation_timeout: limitMs });
    // The first loads what it needs, and is in memory from then on.
    await sessionOf(node, roles[0] as string);
    const { runtime: memory } = runtime({ type: "memory" });
    redis.pause();
    try {
      const timed = async (of: Runtime, which: readonly string[]): Promise<number> => {
        const startedMs = performance.now();
        await Promise.all(which.map((role) => sessionOf(of, role)));
        return Math.round(performance.now() - startedMs);
      };
      const alone = await timed(memory, part(1));
      const known = await timed(node, [roles[0] as string]);
      const [first, next] = [await timed(node, part(1)), await timed(node, part(2))];
      const said = `${ROLES} roles: ${alone} ms with memory only, ${first} ms standing still, ${next} ms for ${ROLES} more; in memory ${known} ms`;
      console.error(`      ${said}`);
      assert.ok(first < 4 * limitMs + 10 * alone && next < limitMs + 10 * alone && known < limitMs, said);
    } finally {
      redis.resume();
      memory.close();
    }
    assert.equal(log.length, 1);
    assert.match(log[0] as string, /no answer within 250 ms/);
    for (let poke = 0; log.length < 2; poke += 1) {
      assert.ok(poke < ROLES, "Redis was not found again");
      await sessionOf(node, part(3)[poke] as string);
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
    assert.match(log[1] as string, /can be used again/);
    node.close();
  });

  it("Redis killed in the middle: no failed call, one warning a node; started again: sharing resumes", async () => {
    await nodes.tell({ kind: "open", properties: properties({ namespace: "killed" }) });
    const calling = call(part(2));
    while (called() < CALLS) await new Promise((resolve) => setTimeout(resolve, 5));
    await redis.kill();
    const reports = await calling;
    // Roles that are in no memory make every node look at Redis, which is not there.
    const first = await call(pokes.slice(0, 1), 1);
    let away = 0;
    for (const [node, { log }] of reports.entries()) {
      const said = [...log, ...(first[node]?.log ?? [])];
      assert.equal(said.length, 1, said.join("\n"));
      assert.match(said[0] as string, MEMORY_ONLY);
      away += 1;
    }
    console.error(`      ${NODES * CALLS} calls, none failed, ${assumed()} AssumeRole`);
    await redis.restart();
    for (let poke = 1; away > 0; poke += 1) {
      assert.ok(poke < pokes.length, `${away} nodes have not found Redis again`);
      for (const { log } of await call(pokes.slice(poke, poke + 1), 1)) {
        for (const text of log) assert.match(text, /can be used again/);
        away -= log.length;
      }
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    sts.clear();
    await call(part(3));
    assert.equal(assumed(), ROLES);
  });
}
