/** Owns the inside of a process of `npm run bench:queue`: calls with callbacks alone, as a platform makes them. */
"use strict";
const { open } = require("./contenders/adapter.cjs");

/** `atOnce` calls to begin with, a further one for each answer, until `calls` are answered. */
function run(call, { calls, atOnce }) {
  return new Promise((resolve, reject) => {
    let made = 0;
    let answered = 0;
    const cpu = process.cpuUsage();
    const start = performance.now();
    const next = () => {
      made += 1;
      call((_, error) => {
        if (error) return reject(new Error(JSON.stringify(error)));
        answered += 1;
        if (made < calls) next();
        if (answered < calls) return;
        const wallMs = performance.now() - start;
        const { user, system } = process.cpuUsage(cpu);
        resolve({ calls, wallMs, cpuUs: user + system, rssBytes: process.memoryUsage().rss });
      });
    };
    for (let first = 0; first < atOnce; first += 1) next();
  });
}

(async () => {
  const call = await open(JSON.parse(process.argv[2]));
  process.send({ ready: true });
  process.on("message", (work) => {
    run(call, work).then(
      (result) => process.send(result),
      (error) => process.send({ failed: error.message }),
    );
  });
  process.on("disconnect", () => process.exit(0));
})().catch((error) => {
  process.send({ failed: error.message });
  process.exit(1);
});
