/** Owns the inside of a measured process: makes its contender, then does the work that its parent asks for. */
"use strict";

process.env.AWS_SDK_JS_SUPPRESS_MAINTENANCE_MODE_MESSAGE = "1";
const { module: name, ...options } = JSON.parse(process.argv[2]);

/** Calls in `concurrency` lanes until `done(calls)` says so. */
async function run(call, concurrency, done) {
  let calls = 0;
  const lane = async () => {
    while (!done(calls)) {
      calls += 1;
      await call();
    }
  };
  const cpu = process.cpuUsage();
  const start = performance.now();
  await Promise.all(Array.from({ length: concurrency }, lane));
  const wallMs = performance.now() - start;
  const { user, system } = process.cpuUsage(cpu);
  return { calls, wallMs, cpuUs: user + system, rssBytes: process.memoryUsage().rss };
}

const forMs = (ms) => {
  const end = performance.now() + ms;
  return () => performance.now() >= end;
};

(async () => {
  const call = await require(`./contenders/${name}.cjs`).create(options);
  await call();
  process.send({ ready: true, rssBytes: process.memoryUsage().rss });
  process.on("message", async ({ concurrency, ms, calls }) => {
    const done = calls === undefined ? forMs(ms) : (made) => made >= calls;
    process.send(await run(call, concurrency, done));
  });
  process.on("disconnect", () => process.exit(0));
})().catch((error) => {
  process.send({ failed: error.message });
  process.exit(1);
});
