/** Owns `npm run bench:auth-logging`: what auth_logging costs while it is on, and after it was turned off. */
"use strict";
const { existsSync } = require("node:fs");
const os = require("node:os");
const path = require("node:path");
const { parseArgs } = require("node:util");
const { measureSpeed } = require("./measure.cjs");
const { answerOf, start, stop } = require("./process.cjs");
const { median, medianRatio } = require("./statistics.cjs");

const usage = `usage: npm run bench:auth-logging -- [--rounds N]
  --rounds N  interleaved rounds, default 9`;

const CONCURRENCY = 32;
const ROUND_MS = 250;
const warmUp = { calls: 5000, ms: 4000 };
const works = [
  { work: "ec2", label: "EC2, 1.5 KB of XML" },
  { work: "dynamodb", label: "DynamoDB, JSON" },
];
const plain = { name: "never on", module: "adapter" };
const contenders = [
  plain,
  { name: "on", module: "adapter", authLogging: "on" },
  { name: "off again", module: "adapter", authLogging: "off again" },
];
const limits = { on: 2, "off again": 1.05 };

async function main() {
  const { values } = parseArgs({ options: { rounds: { type: "string", default: "9" }, help: { type: "boolean" } } });
  if (values.help) return console.log(usage);
  if (!existsSync(path.join(__dirname, "..", "dist", "adapter.js")))
    throw new Error("dist/ is not built: npm run build");
  const rounds = Number(values.rounds);
  console.log(
    `CPU of a call, ${CONCURRENCY} concurrent, every entry written; ${rounds} interleaved rounds of ${ROUND_MS} ms; Node ${process.version}, load ${os.loadavg()[0].toFixed(1)}`,
  );
  const server = start("server.cjs");
  try {
    const { port } = await answerOf(server, "server");
    for (const { work, label } of works) {
      const measuring = { work, port, concurrencies: [CONCURRENCY], rounds, roundMs: ROUND_MS, warmUp };
      const found = await measureSpeed(contenders, measuring);
      const cpu = ({ name }) =>
        found
          .get(name)
          .get(CONCURRENCY)
          .map(({ cpuUs }) => cpuUs);
      for (const contender of contenders) {
        const ratio = medianRatio(cpu(contender), cpu(plain));
        const limit = limits[contender.name];
        const verdict =
          limit === undefined ? "" : ratio <= limit ? `met, at most ${limit}` : `NOT MET, at most ${limit}`;
        const figures = `${median(cpu(contender)).toFixed(0).padStart(6)} µs  × ${ratio.toFixed(2)}  ${verdict}`;
        console.log(`${label.padEnd(20)}  ${contender.name.padEnd(10)} ${figures}`.trimEnd());
      }
    }
  } finally {
    await stop(server);
  }
}

main().catch((error) => {
  console.error(error.message);
  process.exitCode = 1;
});
