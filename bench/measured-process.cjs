/** Owns what processes that are measured have in common: calls with callbacks alone, and the talk with their parent. */
"use strict";

/**
 * `atOnce` calls to begin with, a further one for each answer, until `count` are answered.
 * @param call - is given the number of the call, from 0, and a callback
 */
function runCalls(call, { count, atOnce }) {
  return new Promise((resolve, reject) => {
    let made = 0;
    let answered = 0;
    const next = () => {
      const at = made;
      made += 1;
      call(at, (_, error) => {
        if (error) return reject(new Error(JSON.stringify(error)));
        answered += 1;
        if (made < count) next();
        if (answered === count) resolve();
      });
    };
    for (let first = 0; first < Math.min(atOnce, count); first += 1) next();
  });
}

/** @param open - answers a function that does one piece of work and answers what was measured */
async function serve(open) {
  const fail = (error) => process.send({ failed: error.message });
  try {
    const work = await open(JSON.parse(process.argv[2]));
    process.send({ ready: true });
    process.on("message", (asked) => {
      work(asked).then((result) => process.send(result), fail);
    });
    process.on("disconnect", () => process.exit(0));
  } catch (error) {
    fail(error);
    process.exit(1);
  }
}

module.exports = { runCalls, serve };
