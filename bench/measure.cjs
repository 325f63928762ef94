/** Owns the two measurements: calls per second in interleaved rounds, and cold start with what follows it. */
"use strict";
const { setTimeout: sleep } = require("node:timers/promises");
const { answerOf, ask, start, stop } = require("./process.cjs");

const settleMs = 1500;

/** As long as AWS's own. */
const secretAccessKey = "bench+only/not+a+real+secret".padEnd(40, "0");
const instance = { region: "eu-west-1", keys: { accessKeyId: "AKIABENCHBENCHBENCH0", secretAccessKey } };
const question = (contender, work, port) => ({
  ...instance,
  module: contender.module,
  roleArn: contender.roleArn,
  authLogging: contender.authLogging,
  work,
  port,
});

/**
 * Every contender in a process of its own, all alive at once, taking turns.
 * @returns by contender name and concurrency, one `{ callsPerSecond, cpuUs }` for each round
 */
async function measureSpeed(contenders, { work, port, concurrencies, rounds, roundMs, warmUp }) {
  const results = new Map();
  const children = new Map();
  try {
    for (const contender of contenders) {
      const child = start("child.cjs", question(contender, work, port));
      children.set(contender.name, child);
      await answerOf(child, contender.name);
      await ask(child, { concurrency: Math.max(...concurrencies), ...warmUp }, contender.name);
      results.set(contender.name, new Map(concurrencies.map((concurrency) => [concurrency, []])));
    }
    for (let round = 0; round < rounds; round += 1) {
      for (const concurrency of concurrencies) {
        for (const [name, child] of children) {
          const { calls, wallMs, cpuUs } = await ask(child, { concurrency, ms: roundMs }, name);
          results
            .get(name)
            .get(concurrency)
            .push({ callsPerSecond: (calls * 1000) / wallMs, cpuUs: cpuUs / calls });
        }
      }
    }
    return results;
  } finally {
    await Promise.all([...children.values()].map(stop));
  }
}

/** The first process after an installation fills caches, of the disk and of compiled code; then it is like any other. */
async function startOnce(contender, port) {
  const child = start("child.cjs", question(contender, "ec2", port));
  try {
    await answerOf(child, contender.name);
    await sleep(settleMs);
  } finally {
    await stop(child);
  }
}

/**
 * A new process each time: milliseconds from its start to its first answer, memory then and after `followUp` calls at 32
 * concurrent, and how many AssumeRole calls all of them together needed.
 */
async function measureStart(contenders, { server, port, rounds, followUp }) {
  const results = new Map(
    contenders.map(({ name }) => [name, { firstAnswerMs: [], firstRss: [], laterRss: [], assumeRole: [] }]),
  );
  for (const contender of contenders) await startOnce(contender, port);
  for (let round = 0; round < rounds; round += 1) {
    for (const contender of contenders) {
      const result = results.get(contender.name);
      await ask(server, "count and reset", "server");
      const begun = performance.now();
      const child = start("child.cjs", question(contender, "ec2", port));
      try {
        const { rssBytes } = await answerOf(child, contender.name);
        result.firstAnswerMs.push(performance.now() - begun);
        result.firstRss.push(rssBytes);
        if (round > 0) continue;
        const later = await ask(child, { concurrency: 32, calls: followUp - 1 }, contender.name);
        result.laterRss.push(later.rssBytes);
        result.assumeRole.push((await ask(server, "count and reset", "server")).assumeRoleCalls);
      } finally {
        await stop(child);
      }
    }
  }
  return results;
}

module.exports = { measureSpeed, measureStart };
