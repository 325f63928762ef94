/** Owns the inside of a process of `npm run bench:roles`: one role until nothing grows any more, then ten thousand. */
"use strict";
const { setFlagsFromString } = require("node:v8");
const { runInNewContext } = require("node:vm");
const { open } = require("./contenders/adapter.cjs");

const WARM_UP_CALLS = 3000;
setFlagsFromString("--expose-gc");
const collect = runInNewContext("gc");

/** `atOnce` calls to begin with, a further one for each answer, until `count` are answered. */
function run(call, roleOf, { count, atOnce }) {
  return new Promise((resolve, reject) => {
    let made = 0;
    let answered = 0;
    const next = () => {
      const role = roleOf(made);
      made += 1;
      call(role, (_, error) => {
        if (error) return reject(new Error(JSON.stringify(error)));
        answered += 1;
        if (made < count) next();
        if (answered === count) resolve();
      });
    };
    for (let first = 0; first < Math.min(atOnce, count); first += 1) next();
  });
}

function memory() {
  collect();
  collect();
  const { rss, heapUsed } = process.memoryUsage();
  return { rss, heapUsed };
}

async function measure(call, { roles, atOnce }) {
  await run(call, () => 0, { count: WARM_UP_CALLS, atOnce: 32 });
  const idle = memory();
  const cpu = process.cpuUsage();
  await run(call, (at) => at, { count: roles, atOnce });
  const { user, system } = process.cpuUsage(cpu);
  const peakRssBytes = process.resourceUsage().maxRSS * 1024 - idle.rss;
  const used = memory();
  return {
    rssBytes: used.rss - idle.rss,
    heapBytes: (used.heapUsed - idle.heapUsed) / roles,
    peakRssBytes,
    cpuUs: (user + system) / roles,
  };
}

(async () => {
  const { callOf } = await open({ ...JSON.parse(process.argv[2]), patience: 600_000, level: "info" });
  const call = (role, callback) => callOf(`arn:aws:iam::123456789012:role/team/role-${role}`, callback);
  process.send({ ready: true });
  process.on("message", (work) => {
    measure(call, work).then(
      (result) => process.send(result),
      (error) => process.send({ failed: error.message }),
    );
  });
  process.on("disconnect", () => process.exit(0));
})().catch((error) => {
  process.send({ failed: error.message });
  process.exit(1);
});
