/** Owns the inside of a process of `npm run bench:queue`: calls with callbacks alone, as a platform makes them. */
"use strict";
const { open } = require("./contenders/adapter.cjs");
const { runCalls, serve } = require("./measured-process.cjs");

async function measure(call, { calls, atOnce }) {
  const cpu = process.cpuUsage();
  const start = performance.now();
  await runCalls((_, callback) => call(callback), { count: calls, atOnce });
  const wallMs = performance.now() - start;
  const { user, system } = process.cpuUsage(cpu);
  return { calls, wallMs, cpuUs: user + system, rssBytes: process.memoryUsage().rss };
}

serve(async (options) => {
  const call = await open(options);
  return (work) => measure(call, work);
});
