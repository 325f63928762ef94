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

/** Until `ms` have passed or `calls` were made, whichever is set and comes first. */
function limit({ ms = Number.POSITIVE_INFINITY, calls = Number.POSITIVE_INFINITY }) {
  const end = performance.now() + ms;
  return (made) => made >= calls || performance.now() >= end;
}

(async () => {
  const call = await require(`./contenders/${name}.cjs`).create(options);
  await call();
  process.send({ ready: true, rssBytes: process.memoryUsage().rss });
  process.on("message", async ({ concurrency, ...limits }) => {
    process.send(await run(call, concurrency, limit(limits)));
  });
  process.on("disconnect", () => process.exit(0));
})().catch((error) => {
  process.send({ failed: error.message });
  process.exit(1);
});
