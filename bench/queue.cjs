/** Owns `npm run bench:queue`: 10,000 calls queued at once behind the throttle, against as many workers without one. */
"use strict";
const { existsSync } = require("node:fs");
const os = require("node:os");
const path = require("node:path");
const { parseArgs } = require("node:util");
const { answerOf, ask, start, stop } = require("./process.cjs");
const { median, medianRatio, middleHalf } = require("./statistics.cjs");

/** The ratio of one round is anything from 0.7 to 1.4: of a dozen rounds, even the median is chance. */
const ROUNDS = 61;
const usage = `usage: npm run bench:queue -- [--rounds N]
  --rounds N  interleaved rounds, default ${ROUNDS}`;

const CALLS = 10_000;
const AT_ONCE = 10;
const WARM_UP_ROUNDS = 2;
const throttle = { throttle_enabled: true, concurrent_max: AT_ONCE, max_in_queue: CALLS };
const keys = { accessKeyId: "AKIABENCHBENCHBENCH0", secretAccessKey: "bench" };
const contenders = [
  { name: `${AT_ONCE} workers`, atOnce: AT_ONCE },
  { name: `queue, concurrent_max ${AT_ONCE}`, atOnce: CALLS, throttle },
];

async function measure(rounds, port) {
  const children = [];
  try {
    for (const { name, throttle } of contenders) {
      const child = start("queue-child.cjs", { region: "eu-west-1", keys, work: "ec2", port, throttle });
      children.push(child);
      await answerOf(child, name);
    }
    const results = contenders.map(() => []);
    for (let round = -WARM_UP_ROUNDS; round < rounds; round += 1) {
      // Who begins changes each round: whoever follows a busy neighbour is not always the same.
      for (const index of round % 2 === 0 ? [0, 1] : [1, 0]) {
        const { name, atOnce } = contenders[index];
        const result = await ask(children[index], { atOnce, calls: CALLS }, name);
        if (round >= 0) results[index].push(result);
      }
    }
    return results;
  } finally {
    await Promise.all(children.map(stop));
  }
}

function print([workers, queue]) {
  const speed = (rounds) => rounds.map(({ calls, wallMs }) => (calls * 1000) / wallMs);
  const cpu = (rounds) => rounds.map(({ calls, cpuUs }) => cpuUs / calls);
  const megabytes = (round) => (round.rssBytes / 1e6).toFixed(0);
  for (const [index, rounds] of [workers, queue].entries()) {
    const figures = `${median(speed(rounds)).toFixed(0)} calls/s, ${median(cpu(rounds)).toFixed(0)} µs CPU a call`;
    const memory = `${megabytes(rounds[0])} MB after the first round, ${megabytes(rounds.at(-1))} MB after the last`;
    console.log(`${contenders[index].name}: ${figures}, ${memory}`);
  }
  const ratio = medianRatio(speed(queue), speed(workers));
  const [low, high] = middleHalf(speed(queue).map((value, round) => value / speed(workers)[round]));
  console.log(
    `queue ÷ workers: calls/s ${ratio.toFixed(2)} (half of the rounds ${low.toFixed(2)} to ${high.toFixed(2)}), ` +
      `CPU ${medianRatio(cpu(queue), cpu(workers)).toFixed(2)}`,
  );
  console.log(
    `${ratio >= 0.9 ? "met    " : "NOT MET"}  calls/s of the workers, share at least 0.9: ${ratio.toFixed(2)}`,
  );
}

async function main() {
  const { values } = parseArgs({
    options: { rounds: { type: "string", default: String(ROUNDS) }, help: { type: "boolean" } },
  });
  if (values.help) return console.log(usage);
  if (!existsSync(path.join(__dirname, "..", "dist", "adapter.js")))
    throw new Error("dist/ is not built: npm run build");
  console.log(
    `${CALLS} calls a round, ${values.rounds} rounds; Node ${process.version}, load ${os.loadavg()[0].toFixed(1)}`,
  );
  const server = start("server.cjs");
  try {
    const { port } = await answerOf(server, "server");
    print(await measure(Number(values.rounds), port));
  } finally {
    await stop(server);
  }
}

main().catch((error) => {
  console.error(error.message);
  process.exitCode = 1;
});
