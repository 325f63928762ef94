/** Owns the parties of the proxy's benchmark, each a process of its own: the service, a proxy that only passes on, and ours. */
"use strict";
const http = require("node:http");
const path = require("node:path");

const SELECTOR = "AKIADUMMYFORBENCH";
const LARGE = Buffer.alloc(1024 * 1024, "x");
const SMALL = Buffer.from("{}");

/** Reads what it is sent and answers two bytes, or a megabyte. */
function service() {
  return http.createServer((request, response) => {
    request.resume();
    request.on("end", () => {
      const body = request.url.startsWith("/large") ? LARGE : SMALL;
      response.writeHead(200, { "content-type": "application/octet-stream", "content-length": body.length });
      response.end(body);
    });
  });
}

/** What Node has for it: an agent that keeps connections, and two pipes. */
function plainProxy(upstreamPort) {
  const agent = new http.Agent({ keepAlive: true, maxSockets: 256 });
  return http.createServer((request, response) => {
    const { method, url: target, headers } = request;
    const outgoing = http.request({ agent, host: "127.0.0.1", port: upstreamPort, method, path: target, headers });
    outgoing.on("response", (answer) => {
      response.writeHead(answer.statusCode, answer.headers);
      answer.pipe(response);
    });
    outgoing.on("error", () => response.destroy());
    request.pipe(outgoing);
  });
}

const listen = (server) =>
  new Promise((resolve) => server.listen(0, "127.0.0.1", () => resolve(server.address().port)));

async function signingProxy(upstreamPort) {
  // The published program is one file: what it is made of is here.
  const compiled = path.join(__dirname, "..", ".cache", "compiled", "utils");
  const { startSigningProxy } = require(path.join(compiled, "proxy/signing-proxy"));
  const { createRuntime } = require(path.join(compiled, "runtime/create-runtime"));
  const { defaultDependencies } = require(path.join(compiled, "runtime/default-dependencies"));
  const { systemRandomness } = require(path.join(compiled, "runtime/system-randomness"));
  const { parseSettings } = require(path.join(compiled, "settings/parse-settings"));
  const { createLogger } = require(path.join(compiled, "logging/platform-logger"));
  const say = (text) => process.stderr.write(`${text}\n`);
  const logger = createLogger("bench", { level: "warn", debug: say, info: say, warn: say, error: say });
  const dependencies = { ...defaultDependencies(path.join(__dirname, "..", "dist"), logger), environment: {} };
  const keys = { aws_access_key: "AKIAIOSFODNN7BENCHES", aws_secret_key: "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" };
  const authentication = {
    ...{ auth_method: "aws_authentication", ...keys },
    credential_providers: [{ name: "bench", access_key_id_selector: SELECTOR, ...keys }],
  };
  const settings = parseSettings("bench", { region: "us-east-1", authentication }, {});
  const proxy = await startSigningProxy(
    {
      port: 0,
      upstreams: new Map([["s3", new URL(`http://127.0.0.1:${upstreamPort}`)]]),
      allowedHosts: [],
      timeoutMs: 60_000,
      bufferLimitBytes: 32 * 1024 * 1024,
    },
    { ...dependencies, ...systemRandomness, runtime: createRuntime(settings, dependencies) },
  );
  return proxy.port;
}

const parties = {
  service: () => listen(service()),
  plain: ({ upstreamPort }) => listen(plainProxy(upstreamPort)),
  signing: ({ upstreamPort }) => signingProxy(upstreamPort),
};

if (require.main === module) {
  const given = JSON.parse(process.argv[2]);
  parties[given.party](given).then(
    (port) => process.send({ port }),
    (error) => process.send({ failed: error.stack }),
  );
  // Microseconds of CPU, and memory after a collection where the process may ask for one.
  process.on("message", () => {
    globalThis.gc?.();
    const { user, system } = process.cpuUsage();
    process.send({
      cpu: user + system,
      memory: process.memoryUsage(),
      sockets: process.getActiveResourcesInfo().length,
    });
  });
  process.on("disconnect", () => process.exit(0));
}

module.exports = { SELECTOR };
