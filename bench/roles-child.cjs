/** Owns the inside of a process of `npm run bench:roles`: one role until nothing grows any more, then ten thousand. */
"use strict";
const { setFlagsFromString } = require("node:v8");
const { runInNewContext } = require("node:vm");
const { open } = require("./contenders/adapter.cjs");
const { runCalls, serve } = require("./measured-process.cjs");

const WARM_UP_CALLS = 3000;
setFlagsFromString("--expose-gc");
const collect = runInNewContext("gc");

function memory() {
  collect();
  collect();
  const { rss, heapUsed } = process.memoryUsage();
  return { rss, heapUsed };
}

async function measure(call, { roles, atOnce }) {
  await runCalls((_, callback) => call(0, callback), { count: WARM_UP_CALLS, atOnce: 32 });
  const idle = memory();
  const cpu = process.cpuUsage();
  await runCalls(call, { count: roles, atOnce });
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

serve(async (options) => {
  const { callOf } = await open({ ...options, patience: 600_000, level: "info" });
  const call = (role, callback) => callOf(`arn:aws:iam::123456789012:role/team/role-${role}`, callback);
  return (work) => measure(call, work);
});
