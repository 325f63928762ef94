/** Owns `npm run bench:roles`: what 10,000 roles in one process hold and cost, above a process that has used one. */
"use strict";
const { existsSync } = require("node:fs");
const os = require("node:os");
const path = require("node:path");
const { parseArgs } = require("node:util");
const { answerOf, ask, start, stop } = require("./process.cjs");
const { median } = require("./statistics.cjs");

const usage = `usage: npm run bench:roles -- [--rounds N]
  --rounds N  processes of each kind, default 3`;

const ROLES = 10_000;
const LIMIT_BYTES = 60e6;
const keys = { accessKeyId: "AKIABENCHBENCHBENCH0", secretAccessKey: "bench" };
const contenders = [
  { name: "32 calls at a time", atOnce: 32 },
  {
    name: `all ${ROLES} calls at once, throttle.concurrent_max 32`,
    atOnce: ROLES,
    throttle: { throttle_enabled: true, concurrent_max: 32, max_in_queue: ROLES },
  },
  { name: `all ${ROLES} calls at once, no throttle`, atOnce: ROLES, judged: false },
];

async function measure({ name, atOnce, throttle }, port) {
  const child = start("roles-child.cjs", { region: "eu-west-1", keys, work: "ec2", port, throttle });
  try {
    await answerOf(child, name);
    return await ask(child, { roles: ROLES, atOnce }, name);
  } finally {
    await stop(child);
  }
}

const megabytes = (bytes) => `${(bytes / 1e6).toFixed(0)} MB`;

function print({ name, judged = true }, rounds) {
  const of = (member) => median(rounds.map((round) => round[member]));
  console.log(`${name}:`);
  console.log(
    `  resident above idle ${megabytes(of("rssBytes"))}, ${megabytes(of("peakRssBytes"))} at most on the way`,
  );
  console.log(`  live heap ${of("heapBytes").toFixed(0)} bytes a role; ${of("cpuUs").toFixed(0)} µs CPU a new role`);
  if (!judged) return;
  const verdict = of("rssBytes") < LIMIT_BYTES ? "met    " : "NOT MET";
  console.log(`${verdict}  resident above idle under ${megabytes(LIMIT_BYTES)}`);
}

async function main() {
  const { values } = parseArgs({ options: { rounds: { type: "string", default: "3" }, help: { type: "boolean" } } });
  if (values.help) return console.log(usage);
  if (!existsSync(path.join(__dirname, "..", "dist", "adapter.js")))
    throw new Error("dist/ is not built: npm run build");
  console.log(`${ROLES} roles, ${values.rounds} rounds; Node ${process.version}, load ${os.loadavg()[0].toFixed(1)}`);
  const server = start("server.cjs", { sessions: "distinct" });
  try {
    const { port } = await answerOf(server, "server");
    const results = contenders.map(() => []);
    for (let round = 0; round < Number(values.rounds); round += 1) {
      for (const [at, contender] of contenders.entries()) results[at].push(await measure(contender, port));
    }
    for (const [at, contender] of contenders.entries()) print(contender, results[at]);
  } finally {
    await stop(server);
  }
}

main().catch((error) => {
  console.error(error.message);
  process.exitCode = 1;
});
