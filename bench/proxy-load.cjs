/** Owns the clients of the proxy's benchmark: so many at once, each on a kept connection, for so long. */
"use strict";
const http = require("node:http");
const { SELECTOR } = require("./proxy-parties.cjs");

const MEGABYTE = Buffer.alloc(1024 * 1024, "y");
const SIGNED = {
  authorization: `AWS4-HMAC-SHA256 Credential=${SELECTOR}/20260101/us-east-1/s3/aws4_request, SignedHeaders=host;x-amz-content-sha256;x-amz-date, Signature=${"a".repeat(64)}`,
  "x-amz-date": "20260101T000000Z",
  "x-amz-content-sha256": "UNSIGNED-PAYLOAD",
};

/** As an SDK sends it: frames with a checksum behind them. */
function framed() {
  const trailer = "x-amz-checksum-crc32:AAAAAA==\r\n\r\n";
  const size = 64 * 1024;
  const frames = [];
  for (let at = 0; at < MEGABYTE.length; at += size) {
    frames.push(Buffer.from(`${size.toString(16)}\r\n`), MEGABYTE.subarray(at, at + size), Buffer.from("\r\n"));
  }
  return Buffer.concat([...frames, Buffer.from(`0\r\n${trailer}`)]);
}

const FRAMED = framed();
const framedHeaders = {
  "x-amz-content-sha256": "STREAMING-UNSIGNED-PAYLOAD-TRAILER",
  "x-amz-decoded-content-length": MEGABYTE.length,
  "x-amz-trailer": "x-amz-checksum-crc32",
};

const works = {
  "small answers": { method: "GET", path: "/small" },
  "1 MB down": { method: "GET", path: "/large" },
  "1 MB up": { method: "PUT", path: "/up", body: MEGABYTE },
  "1 MB up in frames": { method: "PUT", path: "/up", body: FRAMED, headers: framedHeaders },
};

function once(agent, port, { method, path, body, headers }) {
  const length = method === "PUT" ? { "content-length": body.length } : {};
  return new Promise((resolve, reject) => {
    const request = http.request({
      agent,
      host: "127.0.0.1",
      port,
      method,
      path,
      headers: { ...SIGNED, ...headers, ...length },
    });
    request.on("response", (answer) => {
      answer.resume();
      answer.on("end", () =>
        answer.statusCode === 200
          ? resolve()
          : reject(new Error(`${method} ${path} was answered ${answer.statusCode}`)),
      );
      answer.on("error", reject);
    });
    request.on("error", reject);
    request.end(body);
  });
}

/** @returns requests a second */
async function load(port, work, clients, durationMs) {
  const agent = new http.Agent({ keepAlive: true, maxSockets: clients });
  const started = performance.now();
  let count = 0;
  const client = async () => {
    while (performance.now() - started < durationMs) {
      await once(agent, port, works[work]);
      count += 1;
    }
  };
  await Promise.all(Array.from({ length: clients }, client));
  agent.destroy();
  return { perSecond: count / ((performance.now() - started) / 1000), count };
}

module.exports = { load, SIGNED, works: Object.keys(works) };
