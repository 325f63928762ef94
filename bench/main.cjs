/** Owns `npm run bench`: measures this adapter and its peers on the same canned answers and prints one table. */
"use strict";
const { existsSync, writeFileSync } = require("node:fs");
const os = require("node:os");
const path = require("node:path");
const { parseArgs } = require("node:util");
const contenders = require("./contenders.cjs");
const { measureSpeed, measureStart } = require("./measure.cjs");
const { answerOf, start, stop } = require("./process.cjs");
const { median, medianRatio } = require("./statistics.cjs");
const { columnsOf, renderTable, renderTargets } = require("./table.cjs");
const judge = require("./targets.cjs");

const usage = `usage: npm run bench -- [--quick] [--json FILE]
  --quick      fewer and shorter rounds: under 40 seconds, coarser figures
  --json FILE  also writes every figure as JSON`;

/** V8 is done with a contender's code after some 20,000 calls; what runs for years is measured as it then is. */
const fullRun = { rounds: 7, roundMs: 400, warmUp: { calls: 25_000, ms: 8000 } };
const quickRun = { rounds: 2, roundMs: 120, warmUp: { calls: 1500, ms: 600 } };
const works = [
  { work: "ec2", label: "EC2", concurrencies: [1, 32] },
  { work: "dynamodb", label: "DDB", concurrencies: [1, 32] },
  { work: "ec2-large", label: "1 MB", concurrencies: [1], warmUp: { calls: 60, ms: 6000 } },
];
const ours = contenders[0].name;
const megabytes = (values) => median(values) / 1e6;

/** One row of the table: medians of the rounds, and how many times ours is as fast. */
function rowOf(contender, speeds, starts) {
  const speed = {};
  for (const [work, byName] of speeds) {
    for (const [concurrency, rounds] of byName.get(contender.name) ?? []) {
      const perSecond = (list) => list.map(({ callsPerSecond }) => callsPerSecond);
      speed[`${work}@${concurrency}`] = {
        ratio: medianRatio(perSecond(byName.get(ours).get(concurrency)), perSecond(rounds)),
        callsPerSecond: median(perSecond(rounds)),
        cpuUs: median(rounds.map(({ cpuUs }) => cpuUs)),
      };
    }
  }
  const { firstAnswerMs, firstRss, laterRss, assumeRole } = starts.get(contender.name);
  return {
    name: contender.name,
    hasRole: contender.roleArn !== undefined,
    speed,
    assumeRolePerThousand: median(assumeRole),
    firstAnswerMs: median(firstAnswerMs),
    firstMegabytes: megabytes(firstRss),
    laterMegabytes: megabytes(laterRss),
  };
}

async function main() {
  const { values } = parseArgs({
    options: { quick: { type: "boolean" }, json: { type: "string" }, help: { type: "boolean" } },
  });
  if (values.help) return console.log(usage);
  if (!existsSync(path.join(__dirname, "..", "dist", "adapter.js")))
    throw new Error("dist/ is not built: npm run build");
  const { rounds, roundMs, warmUp } = values.quick ? quickRun : fullRun;
  const server = start("server.cjs");
  try {
    const { port } = await answerOf(server, "server");
    const starts = await measureStart(
      contenders.filter((contender) => contender.start),
      {
        server,
        port,
        rounds,
        followUp: 1000,
      },
    );
    const speeds = new Map();
    for (const { work, concurrencies, warmUp: ownWarmUp } of works) {
      const measured = contenders.filter(({ speed }) => speed.includes(work));
      const conditions = { port, concurrencies, rounds, roundMs, warmUp: ownWarmUp ?? warmUp };
      speeds.set(work, await measureSpeed(measured, { work, ...conditions }));
    }
    const rows = contenders.map((contender) => rowOf(contender, speeds, starts));
    const targets = judge(new Map(rows.map((row) => [row.name, row])));
    const cells = works.flatMap(({ work, label, concurrencies }) =>
      concurrencies.map((concurrency) => ({ key: `${work}@${concurrency}`, label: `${label}@${concurrency}` })),
    );
    const machine = `Node ${process.version}, ${os.cpus().length} × ${os.cpus()[0]?.model.trim()}, load ${os.loadavg()[0].toFixed(1)}`;
    console.log(
      `Medians of ${rounds} interleaved rounds of ${roundMs} ms; EC2: 1.5 KB of XML, DDB: DynamoDB JSON, 1 MB: of EC2's XML, @ concurrency.`,
    );
    console.log(`${machine}\n`);
    console.log(renderTable(columnsOf(cells), rows));
    console.log(`\n${renderTargets(targets)}`);
    if (values.json)
      writeFileSync(values.json, `${JSON.stringify({ machine, rounds, roundMs, rows, targets }, null, 2)}\n`);
  } finally {
    await stop(server);
  }
}

main().catch((error) => {
  console.error(error.message);
  process.exitCode = 1;
});
