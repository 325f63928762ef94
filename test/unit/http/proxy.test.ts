/** Owns the proof that proxies are used as told, pooled and bounded, and that what they refuse is said without their password. */
import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import { inspect } from "node:util";
import type { ForwardProxy } from "../../../utils/types/proxy";
import { Secret } from "../../../utils/types/secret";
import { failure } from "./failure";
import { httpProxy, socksProxy } from "./proxies";
import { buffered, closeAll, handlerWith, httpServer, httpsServer, rawServer, request, tlsFile } from "./servers";

const tls = { certificateCheck: "verify", caFile: tlsFile("ca.pem") } as const;
const through = (port: number, parts: Partial<ForwardProxy> = {}): ForwardProxy => ({
  mode: "forward",
  protocol: "http",
  host: "127.0.0.1",
  port,
  ...parts,
});
const login = { username: "user", password: new Secret("p:ss w\u00f6rd") };
const basic = `Basic ${Buffer.from("user:p:ss w\u00f6rd").toString("base64")}`;
const noSecret = (error: unknown): void => {
  const text = inspect(error, { depth: 9, showHidden: true }) + JSON.stringify(error);
  assert.doesNotMatch(text, /p:ss|dXNlcj/);
};

describe("a forward proxy", () => {
  afterEach(closeAll);

  it("carries TLS in a tunnel, verified against the endpoint, and keeps the tunnel", async () => {
    const endpoint = await httpsServer((incoming, answer) => answer.end(incoming.headers.host), "endpoint");
    const proxy = await httpProxy({ authorization: basic, leadTo: endpoint.port });
    const handler = handlerWith({ tls, proxy: through(proxy.port, login) });
    const made = () => request(443, { protocol: "https:", hostname: "sts.endpoint.test" });
    for (let count = 0; count < 5; count += 1) {
      assert.equal(String((await handler.handle(made(), buffered)).body), "sts.endpoint.test");
    }
    assert.deepEqual(proxy.seen, [{ line: "CONNECT sts.endpoint.test:443", authorization: basic }]);
    assert.equal(endpoint.connections(), 1);
    const wrong = await failure(handler.handle({ ...made(), hostname: "other.endpoint.test" }, buffered));
    assert.equal(wrong.code, "TLS_FAILED");
    handler.destroy();
    for (let waits = 0; endpoint.sockets.size > 0 && waits < 100; waits += 1) await sleep(20);
    assert.equal(endpoint.sockets.size, 0);
  });

  it("is itself reached over TLS when its URL says so", async () => {
    const endpoint = await httpsServer((_, answer) => answer.end("ok"));
    const proxy = await httpProxy({ tls: true });
    const handler = handlerWith({ tls, proxy: through(proxy.port, { protocol: "https" }) });
    const made = request(endpoint.port, { protocol: "https:", hostname: "localhost" });
    assert.equal(String((await handler.handle(made, buffered)).body), "ok");
    const distrusting = handlerWith({ proxy: through(proxy.port, { protocol: "https" }) });
    const error = await failure(distrusting.handle(made, buffered));
    assert.equal(error.code, "TLS_FAILED");
    assert.match(error.message, /through the proxy https:\/\/127\.0\.0\.1/);
  });

  it("gets plain requests in absolute form, the path to the byte", async () => {
    const server = await httpServer((incoming, answer) => answer.end(`${incoming.headers.host} ${incoming.url}`));
    const proxy = await httpProxy({ authorization: basic });
    const handler = handlerWith({ proxy: through(proxy.port, login) });
    const made = request(server.port, { path: "//a//b/../c%2B", query: { x: "1 2" } });
    const { body } = await handler.handle(made, buffered);
    assert.equal(String(body), `127.0.0.1:${server.port} //a//b/../c%2B?x=1%202`);
    assert.equal(proxy.seen[0]?.line, `GET http://127.0.0.1:${server.port}//a//b/../c%2B?x=1%202`);
    await handler.handle(made, buffered);
    assert.equal(proxy.connections(), 1);
  });

  it("is named when it refuses, with its status and never its password", async () => {
    const made = request(443, { protocol: "https:", hostname: "sts.endpoint.test" });
    for (const [status, advice] of [
      ["407 Proxy Authentication Required", /user and password of the proxy/],
      ["403 Forbidden", /let this host and port through/],
      ["502 Bad Gateway", /let this host and port through/],
    ] as const) {
      const proxy = await httpProxy({ refuseWith: status });
      const handler = handlerWith({ proxy: through(proxy.port, login) });
      const error = await failure(handler.handle(made, buffered));
      assert.equal(error.code, "CONNECTION_FAILED");
      assert.match(
        error.message,
        new RegExp(`sts\\.endpoint\\.test:443.*http://127\\.0\\.0\\.1:${proxy.port} .*${status}`),
      );
      assert.match(error.recommendation, advice);
      assert.deepEqual([error.detail["phase"], error.detail["stage"]], ["before-request", "proxy"]);
      noSecret(error);
    }
    const proxy = await httpProxy({ authorization: "Basic other" });
    const plain = await failure(handlerWith({ proxy: through(proxy.port, login) }).handle(request(80), buffered));
    assert.match(plain.message, /407/);
    noSecret(plain);
  });

  it("is named when it cannot be reached, and when it is silent", async () => {
    const made = request(443, { protocol: "https:", hostname: "sts.endpoint.test" });
    const gone = await httpProxy();
    gone.close();
    const refused = await failure(handlerWith({ proxy: through(gone.port, login) }).handle(made, buffered));
    assert.match(refused.message, /through the proxy http:\/\/127\.0\.0\.1:\d+: connection refused/);
    assert.equal(refused.detail["phase"], "before-request");
    noSecret(refused);
    const silent = await rawServer(() => undefined);
    const handler = handlerWith({ maxSockets: 2, proxy: through(silent.port, login) });
    const options = { ...buffered, timeoutMs: 400 };
    // More requests than sockets: the places of those that gave up must come free again.
    for (let round = 0; round < 3; round += 1) {
      const errors = await Promise.all([1, 2].map(() => failure(handler.handle(made, options))));
      for (const error of errors) {
        assert.equal(error.code, "TIMEOUT");
        assert.match(error.message, /waiting for the proxy\) did not answer within 400 ms/);
        noSecret(error);
      }
    }
    await sleep(30);
    assert.equal(silent.sockets.size, 0, "given-up tunnels are closed");
  });

  it("opens no more tunnels than allowed", async () => {
    const endpoint = await httpsServer((_, answer) => answer.end("ok"));
    const proxy = await httpProxy();
    const handler = handlerWith({ maxSockets: 3, tls, proxy: through(proxy.port) });
    const made = () => request(endpoint.port, { protocol: "https:", hostname: "localhost" });
    const all = await Promise.all(Array.from({ length: 60 }, () => handler.handle(made(), buffered)));
    assert.ok(all.every(({ statusCode }) => statusCode === 200));
    assert.equal(endpoint.connections(), 3);
  });

  it("keeps no place for what cannot be written", async () => {
    const endpoint = await httpsServer((_, answer) => answer.end("ok"));
    const proxy = await httpProxy();
    const handler = handlerWith({ maxSockets: 1, tls, proxy: through(proxy.port) });
    const made = (parts = {}) => request(endpoint.port, { protocol: "https:", hostname: "localhost", ...parts });
    const error = await failure(handler.handle(made({ headers: { "x-a": "1\r\nx-b: 2" } }), buffered));
    assert.equal(error.code, "REQUEST_UNSERIALIZABLE");
    assert.equal((await handler.handle(made(), buffered)).statusCode, 200);
  });
});

describe("a SOCKS proxy", () => {
  afterEach(closeAll);

  it("carries TLS and plain requests, with the name resolved at the proxy", async () => {
    const endpoint = await httpsServer((_, answer) => answer.end("tls"), "endpoint");
    const secure = await socksProxy({ user: "user:p:ss w\u00f6rd", leadTo: endpoint.port });
    const five = handlerWith({ tls, proxy: through(secure.port, { protocol: "socks5", ...login }) });
    const made = request(443, { protocol: "https:", hostname: "sts.endpoint.test" });
    for (let count = 0; count < 3; count += 1) assert.equal(String((await five.handle(made, buffered)).body), "tls");
    assert.deepEqual(
      secure.seen.map(({ line }) => line),
      ["5 sts.endpoint.test:443"],
    );
    const server = await httpServer((_, answer) => answer.end("plain"));
    const plain = await socksProxy({ leadTo: server.port });
    const four = handlerWith({ proxy: through(plain.port, { protocol: "socks4" }) });
    const unnamed = request(80, { hostname: "sts.endpoint.test" });
    for (let count = 0; count < 3; count += 1)
      assert.equal(String((await four.handle(unnamed, buffered)).body), "plain");
    assert.deepEqual(
      plain.seen.map(({ line }) => line),
      ["4 sts.endpoint.test:80"],
    );
  });

  it("is named when it refuses or is silent, and its password is not", async () => {
    const made = request(443, { protocol: "https:", hostname: "sts.endpoint.test" });
    const refusing = await socksProxy({ user: "user:other" });
    const proxy = through(refusing.port, { protocol: "socks5", ...login });
    const error = await failure(handlerWith({ proxy }).handle(made, buffered));
    assert.equal(error.code, "CONNECTION_FAILED");
    assert.match(error.message, /socks5:\/\/127\.0\.0\.1:\d+ made no connection: .*[Aa]uthentication/);
    noSecret(error);
    const silent = await socksProxy({ silent: true });
    const handler = handlerWith({ proxy: through(silent.port, { protocol: "socks5", ...login }) });
    const late = await failure(handler.handle(made, { ...buffered, timeoutMs: 400 }));
    assert.equal(late.code, "TIMEOUT");
    noSecret(late);
    await sleep(30);
    assert.equal(silent.sockets.size, 0);
  });
});

describe("a load balancer", () => {
  afterEach(closeAll);
  const balancer = (port?: number) => ({ mode: "loadBalancer", host: "127.0.0.1", ...(port && { port }) }) as const;

  it("is dialled in place of the endpoint, whose name TLS and Host keep", async () => {
    let servername: unknown;
    const server = await httpsServer((incoming, answer) => {
      servername = (incoming.socket as unknown as { servername: unknown }).servername;
      answer.end(incoming.headers.host);
    }, "endpoint");
    const handler = handlerWith({ tls, proxy: balancer(server.port) });
    const made = request(443, { protocol: "https:", hostname: "sts.endpoint.test" });
    for (let count = 0; count < 3; count += 1) {
      assert.equal(String((await handler.handle(made, buffered)).body), "sts.endpoint.test");
    }
    assert.equal(servername, "sts.endpoint.test");
    assert.equal(server.connections(), 1);
  });

  it("is refused when its certificate is not the endpoint's, name or address", async () => {
    const server = await httpsServer((_, answer) => answer.end(), "server");
    const handler = handlerWith({ tls, proxy: balancer(server.port) });
    for (const hostname of ["sts.endpoint.test", "192.0.2.1"]) {
      const error = await failure(handler.handle(request(443, { protocol: "https:", hostname }), buffered));
      assert.equal(error.code, "TLS_FAILED");
      assert.match(error.message, new RegExp(`${hostname}:443 at 127\\.0\\.0\\.1:${server.port}`));
      assert.match(error.recommendation, new RegExp(hostname));
      assert.equal(error.detail["phase"], "before-request");
    }
  });

  it("is dialled at the endpoint's port when it has none of its own, for plain requests too", async () => {
    const server = await httpServer((incoming, answer) => answer.end(incoming.headers.host));
    const made = request(server.port, { hostname: "sts.endpoint.test" });
    const { body } = await handlerWith({ proxy: balancer() }).handle(made, buffered);
    assert.equal(String(body), `sts.endpoint.test:${server.port}`);
  });
});
