/**
 * Owns the benchmark of the signing proxy: how much of the throughput of a plain reverse proxy in Node is left when every
 * request is signed anew. `npm run bench:proxy` runs it on dist/, `-- --rounds 20` for longer.
 */
"use strict";
const { ask, answerOf, start, stop } = require("./process.cjs");
const { load, works } = require("./proxy-load.cjs");
const { median, medianRatio } = require("./statistics.cjs");

const CLIENTS = 16;
const ROUND_MS = 1000;
/** Code runs many times as fast once it has been compiled, which takes thousands of requests. */
const WARM_UP_MS = 4000;
/** What the proxy is to reach of the plain one. */
const GOAL = 0.5;
/** Over plain HTTP these frames are signed, so every byte is hashed: shown, but no measure of passing on. */
const HASHED = "1 MB up in frames";

async function open(party, upstreamPort) {
  const child = start("proxy-parties.cjs", { party, upstreamPort });
  const { port } = await answerOf(child, party);
  return { child, port, party };
}

async function measure(side, work, durationMs) {
  const before = await ask(side.child, {}, side.party);
  const { perSecond, count } = await load(side.port, work, CLIENTS, durationMs);
  const after = await ask(side.child, {}, side.party);
  return { perSecond, cpuMicroseconds: (after.cpu - before.cpu) / count };
}

async function main() {
  const at = process.argv.indexOf("--rounds");
  const rounds = at === -1 ? 9 : Number(process.argv[at + 1]);
  const service = await open("service");
  const plain = await open("plain", service.port);
  const signing = await open("signing", service.port);
  try {
    const table = {};
    for (const work of works) {
      for (const side of [plain, signing]) await load(side.port, work, CLIENTS, WARM_UP_MS);
      const seen = { plain: [], signing: [] };
      for (let round = 0; round < rounds; round += 1) {
        for (const side of round % 2 === 0 ? [plain, signing] : [signing, plain]) {
          seen[side.party].push(await measure(side, work, ROUND_MS));
        }
      }
      const column = (party, name) => seen[party].map((one) => one[name]);
      table[work] = {
        "plain, requests/s": Math.round(median(column("plain", "perSecond"))),
        "signing, requests/s": Math.round(median(column("signing", "perSecond"))),
        ratio: Number(medianRatio(column("signing", "perSecond"), column("plain", "perSecond")).toFixed(2)),
        "plain, µs CPU": Math.round(median(column("plain", "cpuMicroseconds"))),
        "signing, µs CPU": Math.round(median(column("signing", "cpuMicroseconds"))),
      };
    }
    console.table(table);
    const short = Object.entries(table).filter(([work, { ratio }]) => work !== HASHED && ratio < GOAL);
    console.log(
      short.length === 0 ? `every ratio is at least ${GOAL}` : `below ${GOAL}: ${short.map(([work]) => work)}`,
    );
    if (short.length > 0) process.exitCode = 1;
  } finally {
    await Promise.all([service, plain, signing].map(({ child }) => stop(child)));
  }
}

main();
