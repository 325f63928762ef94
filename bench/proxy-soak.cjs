/**
 * Owns the long trial of the signing proxy: minutes of everything at once, clients that leave and clients that are refused
 * included, while its memory is watched. `npm run soak:proxy` runs five minutes, `-- 30` half a minute.
 */
"use strict";
const http = require("node:http");
const net = require("node:net");
const { ask, answerOf, stop } = require("./process.cjs");
const { fork } = require("node:child_process");
const path = require("node:path");
const { load, SIGNED, works } = require("./proxy-load.cjs");
const { median } = require("./statistics.cjs");

const SAMPLE_MS = 2000;
const CLIENTS = 4;
/** Of what is in use after a collection, from the second quarter of the time to the last. */
const MOST_GROWTH = 1.1;
const MEGABYTE = 1024 * 1024;

async function open(party, upstreamPort) {
  const options = { execArgv: ["--expose-gc", "--no-warnings"], stdio: ["ignore", "ignore", "inherit", "ipc"] };
  const child = fork(path.join(__dirname, "proxy-parties.cjs"), [JSON.stringify({ party, upstreamPort })], options);
  const { port } = await answerOf(child, party);
  return { child, port };
}

const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/** Leaves in the middle of its body or of its answer. */
function leave(port) {
  return new Promise((resolve) => {
    const socket = net.connect(port, "127.0.0.1");
    const [method, target] = Math.random() < 0.5 ? ["PUT", "/up"] : ["GET", "/large"];
    const headers = Object.entries({
      ...SIGNED,
      host: `127.0.0.1:${port}`,
      "content-length": method === "PUT" ? 999_999 : 0,
    });
    socket.write(`${method} ${target} HTTP/1.1\r\n${headers.map((pair) => pair.join(": ")).join("\r\n")}\r\n\r\n`);
    if (method === "PUT") socket.write(Buffer.alloc(50_000));
    socket.on("error", () => undefined);
    socket.on("close", resolve);
    setTimeout(() => socket.destroy(), 5 + Math.random() * 30);
  });
}

/** A selector that nobody has, and a body that has to be held. */
function request(port, headers, body) {
  return new Promise((resolve) => {
    const asked = http.request({
      host: "127.0.0.1",
      port,
      method: "PUT",
      path: "/up",
      headers: { ...headers, "content-length": body.length },
    });
    asked.on("response", (answer) => answer.resume().on("end", () => resolve(answer.statusCode)));
    asked.on("error", () => resolve(0));
    asked.end(body);
  });
}

async function main() {
  const seconds = Number(process.argv[2] ?? 300);
  const service = await open("service");
  const proxy = await open("signing", service.port);
  const end = performance.now() + seconds * 1000;
  const counts = { whole: 0, left: 0, refused: 0, held: 0 };
  const samples = [];
  const unhashed = { ...SIGNED, authorization: SIGNED.authorization.replace("x-amz-content-sha256;", "") };
  delete unhashed["x-amz-content-sha256"];
  const until = async (work) => {
    while (performance.now() < end) await work();
  };
  try {
    await Promise.all([
      ...works.map((work) =>
        until(async () => {
          const { count } = await load(proxy.port, work, CLIENTS, 1000);
          counts.whole += count;
        }),
      ),
      until(async () => {
        await leave(proxy.port);
        counts.left += 1;
      }),
      until(async () => {
        const nobody = { ...SIGNED, authorization: SIGNED.authorization.replace("DUMMY", "NOBODY") };
        if ((await request(proxy.port, nobody, Buffer.alloc(100_000))) === 403) counts.refused += 1;
        if ((await request(proxy.port, unhashed, Buffer.alloc(MEGABYTE))) === 200) counts.held += 1;
      }),
      until(async () => {
        const { memory } = await ask(proxy.child, {}, "proxy");
        samples.push({ inUse: memory.heapUsed + memory.external, rss: memory.rss });
        await pause(SAMPLE_MS);
      }),
    ]);
    await pause(1000);
    const figures = await (await fetch(`http://127.0.0.1:${proxy.port}/_adapter-aws/metrics`)).json();
    const quarter = Math.floor(samples.length / 4);
    const mebibytes = (name, from, to) =>
      Number((median(samples.slice(from, to).map((one) => one[name])) / MEGABYTE).toFixed(1));
    const early = mebibytes("inUse", quarter, 2 * quarter);
    const late = mebibytes("inUse", -quarter);
    const rss = { early: mebibytes("rss", quarter, 2 * quarter), late: mebibytes("rss", -quarter) };
    const { inFlight, heldBytes, abandoned, requests } = figures;
    console.log(
      JSON.stringify(
        { seconds, ...counts, requests, inUseMiB: { early, late }, rssMiB: rss, inFlight, heldBytes, abandoned },
        null,
        2,
      ),
    );
    // The request for the figures is under way itself.
    const isClean = inFlight === 1 && heldBytes === 0 && counts.refused > 0 && counts.held > 0;
    if (!isClean || late > early * MOST_GROWTH) process.exitCode = 1;
    console.log(
      process.exitCode ? "memory grows, or something is left behind" : "memory is flat, and nothing is left behind",
    );
  } finally {
    await Promise.all([service, proxy].map(({ child }) => stop(child)));
  }
}

main();
