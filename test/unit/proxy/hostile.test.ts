/** Owns the trial of the proxy by those who mean it no good, or have bad luck: smuggled framing, foreign hosts, clients and services that vanish. */
import assert from "node:assert/strict";
import { once } from "node:events";
import type { SigningProxyOptions } from "../../../utils/proxy/signing-proxy";
import {
  ask,
  bodyOf,
  closeAll,
  connectTo,
  dummySignature,
  openProxy,
  openUpstream,
  type RawUpstream,
  statusOf,
  until,
} from "./opened-proxy";

const UNSIGNED = "UNSIGNED-PAYLOAD";
const OK = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

describe("signing proxy, hostile", () => {
  afterEach(closeAll);

  async function between(
    answer: Parameters<typeof openUpstream>[0] = (socket) => void socket.write(OK),
    options: Partial<SigningProxyOptions> = {},
  ) {
    const upstream: RawUpstream = await openUpstream(answer);
    const opened = await openProxy({}, { upstreams: new Map([["s3", upstream.url]]), ...options });
    const { port } = opened.proxy;
    const send = (lines: string, body = "") => ask(port, lines, body);
    const nothingLeft = async () => {
      await until(() => opened.proxy.figures().inFlight === 0, "the proxy has finished");
      assert.equal(opened.proxy.figures().heldBytes, 0);
    };
    return { upstream, ...opened, port, send, nothingLeft };
  }
  const signed = dummySignature({ hash: UNSIGNED });

  describe("framing", () => {
    const cases: Readonly<Record<string, readonly [headers: string, body: string]>> = {
      "a length and chunks": ["Content-Length: 4\r\nTransfer-Encoding: chunked", "0\r\n\r\nGET /evil HTTP/1.1\r\n\r\n"],
      "chunks and a length": ["Transfer-Encoding: chunked\r\nContent-Length: 4", "0\r\n\r\nGET /evil HTTP/1.1\r\n\r\n"],
      "two lengths": ["Content-Length: 4\r\nContent-Length: 5", "12345"],
      "a list of lengths": ["Content-Length: 4, 4", "1234"],
      "a signed length": ["Content-Length: +4", "1234"],
      "another transfer coding": ["Transfer-Encoding: gzip, chunked", "0\r\n\r\n"],
      "a transfer coding that only looks like one": ["Transfer-Encoding: xchunked", "0\r\n\r\n"],
      "a transfer coding twice": ["Transfer-Encoding: chunked\r\nTransfer-Encoding: identity", "0\r\n\r\n"],
      "a space before the colon": ["Content-Length : 4", "1234"],
      "a chunk with a bad length": ["Transfer-Encoding: chunked", "zz\r\n1234\r\n0\r\n\r\n"],
      "a chunk longer than it says": ["Transfer-Encoding: chunked", "2\r\n1234\r\n0\r\n\r\n"],
      "a null byte in a header": ["X-Amz-Meta-A: a\0b\r\nContent-Length: 0", ""],
      "a signature twice": [`${dummySignature({ selector: "OTHER" })}\r\nContent-Length: 0`, ""],
      "a payload hash twice": [`X-Amz-Content-Sha256: ${"0".repeat(64)}\r\nContent-Length: 0`, ""],
      "a host twice": ["Host: s3.amazonaws.com\r\nContent-Length: 0", ""],
    };
    for (const [name, [headers, body]] of Object.entries(cases)) {
      it(`is refused with ${name}, and nothing of it gets through as a request of its own`, async () => {
        const { send, upstream, nothingLeft } = await between();
        const answer = await send(`PUT /b/k HTTP/1.1\r\n${signed}\r\n${headers}`, body);
        assert.match(answer, /^HTTP\/1\.1 (400|403|501)/);
        assert.equal((answer.match(/^HTTP\/1\.1 /gm) ?? []).length, 1);
        assert.ok(!upstream.received.join("").includes("evil"));
        await nothingLeft();
      });
    }

    it("of a folded header is not passed on folded", async () => {
      const { send, upstream } = await between();
      const answer = await send(`GET /b/k HTTP/1.1\r\n${signed}\r\nX-Amz-Meta-A: one\r\n two`);
      if (statusOf(answer) === 200) assert.match(upstream.received[0] ?? "", /x-amz-meta-a: one two\r\n/);
      else assert.equal(statusOf(answer), 400);
    });

    it("of an aws-chunked body that lies is refused, and the service is cut off", async () => {
      const { send, upstream, nothingLeft } = await between(() => undefined);
      const hash = "STREAMING-UNSIGNED-PAYLOAD-TRAILER";
      const more =
        "X-Amz-Decoded-Content-Length: 9\r\nX-Amz-Trailer: x-amz-checksum-crc32\r\nTransfer-Encoding: chunked";
      const body = "1f\r\n5\r\n1234\r\n0\r\nx-amz-checksum-crc\r\n0\r\n\r\n";
      const answer = await send(`PUT /b/k HTTP/1.1\r\n${dummySignature({ hash })}\r\n${more}`, body);
      assert.equal(statusOf(answer), 400);
      assert.match(answer, /<Code>IncompleteBody/);
      await until(() => upstream.sockets.size === 0, "the upload is cut");
      await nothingLeft();
    });

    it("drops hop-by-hop headers, those that Connection names included, and its own", async () => {
      const { port, upstream } = await between();
      const { write, answer } = await connectTo(port);
      const hops =
        "Connection: close, X-Amz-Meta-Hop\r\nX-Amz-Meta-Hop: 1\r\nTE: trailers\r\nKeep-Alive: 5\r\nUpgrade: h2c\r\nProxy-Authorization: Basic YTpi\r\nX-Adapter-Aws-Secret: s\r\nX-Amz-Security-Token: t";
      write(`GET /b/k HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\n${signed}\r\n${hops}\r\nX-Amz-Meta-Kept: 2\r\n\r\n`);
      assert.equal(statusOf(await answer()), 200);
      const [sent = ""] = upstream.received;
      assert.match(sent, /x-amz-meta-kept: 2/);
      assert.doesNotMatch(sent, /meta-hop|upgrade|^te:|keep-alive: 5|proxy-auth|secret|security-token|AKIADUMMY/im);
      assert.match(sent, /SignedHeaders=host;x-amz-content-sha256;x-amz-date;x-amz-meta-kept,/);
    });

    it("answers pipelined requests in their order", async () => {
      const { port } = await between((socket, received) => {
        const name = [...received.matchAll(/GET \/b\/(\w+)/g)].at(-1)?.[1] ?? "";
        setTimeout(
          () => socket.write(`HTTP/1.1 200 OK\r\nContent-Length: ${name.length}\r\n\r\n${name}`),
          name === "slow" ? 60 : 1,
        );
      });
      const { write, answer } = await connectTo(port);
      const request = (name: string, more = "") =>
        `GET /b/${name} HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\n${signed}${more}\r\n\r\n`;
      write(request("slow") + request("quick") + request("last", "\r\nConnection: close"));
      assert.deepEqual(
        [...(await answer()).matchAll(/\r\n\r\n([a-z]+)/g)].map(([, name]) => name),
        ["slow", "quick", "last"],
      );
    });

    it("bounds headers", async () => {
      const { send } = await between();
      assert.equal(statusOf(await send(`GET / HTTP/1.1\r\nX-Amz-Meta-A: ${"a".repeat(100_000)}`)), 431);
    });
  });

  describe("targets", () => {
    const signedFor = (host: string, target: string, method = "GET") =>
      `${method} ${target} HTTP/1.1\r\nHost: ${host}\r\n${signed}\r\nConnection: close\r\n\r\n`;
    const cases: Readonly<Record<string, readonly [host: string, target: string]>> = {
      "a foreign host in absolute form": ["evil.example", "http://evil.example/b"],
      "a name that only begins as AWS's": ["s3.amazonaws.com.evil.example", "http://s3.amazonaws.com.evil.example/b"],
      "a name that only ends as AWS's": ["evilamazonaws.com", "http://evilamazonaws.com/b"],
      "a customer's instance": ["ec2-1-2-3-4.compute-1.amazonaws.com", "http://ec2-1-2-3-4.compute-1.amazonaws.com/"],
      "a customer's load balancer": ["lb-1.us-east-1.elb.amazonaws.com", "http://lb-1.us-east-1.elb.amazonaws.com/"],
      "a customer's other load balancer": [
        "nlb-1.elb.us-east-1.amazonaws.com",
        "http://nlb-1.elb.us-east-1.amazonaws.com/",
      ],
      "a customer's database": ["db.x1.us-east-1.rds.amazonaws.com", "http://db.x1.us-east-1.rds.amazonaws.com/"],
      "a customer's private service": [
        "vpce-1.vpce-svc-2.us-east-1.vpce.amazonaws.com",
        "http://vpce-1.vpce-svc-2.us-east-1.vpce.amazonaws.com/",
      ],
      "another port of AWS": ["s3.amazonaws.com:8080", "http://s3.amazonaws.com:8080/b"],
      "the metadata service": ["169.254.169.254", "http://169.254.169.254/latest/meta-data/"],
      "this machine by address": ["127.0.0.1:22", "http://127.0.0.1:22/"],
      "this machine by IPv6": ["[::1]:80", "http://[::1]:80/"],
      "a mapped IPv6 address": ["[::ffff:169.254.169.254]", "http://[::ffff:169.254.169.254]/"],
      "a user in front of the host": ["s3.amazonaws.com", "http://s3.amazonaws.com@evil.example/"],
      "a Host header that is not the target": ["s3.amazonaws.com", "http://sts.amazonaws.com/"],
      "a Host header of AWS in origin form": ["s3.amazonaws.com", "/b"],
      "a rebound name": ["evil.example", "/b"],
      "a target without form": ["s3.amazonaws.com", "s3.amazonaws.com/b"],
      "another scheme": ["s3.amazonaws.com", "ftp://s3.amazonaws.com/b"],
      "an asterisk": ["s3.amazonaws.com", "*"],
    };
    for (const [name, [host, target]] of Object.entries(cases)) {
      it(`are refused: ${name}`, async () => {
        const { port, upstream } = await between();
        const { write, answer } = await connectTo(port);
        write(signedFor(host, target, target === "*" ? "OPTIONS" : "GET"));
        assert.match(await answer(), /^HTTP\/1\.1 (403|400)/);
        assert.deepEqual(upstream.received, []);
      });
    }

    it("are taken from the service's rules, or refused with what would help", async () => {
      const { port } = await between();
      const asked = (service: string, region: string) =>
        ask(port, `GET / HTTP/1.1\r\n${dummySignature({ service }).replace("us-east-1", region)}`);
      assert.match(await asked("kinesis", "us-east-1"), /400[\s\S]*no entity folder[\s\S]*--upstream kinesis=URL/);
      assert.match(await asked("ec2", "evil"), /400[\s\S]*not the name of an AWS region/);
    });

    for (const header of [
      "X-Forwarded-For: 1.2.3.4",
      "Forwarded: for=1.2.3.4",
      "Via: 1.1 squid",
      "Origin: https://evil.example",
      "Sec-Fetch-Site: cross-site",
    ]) {
      it(`are not looked at for who comes with ${header.split(":")[0]}`, async () => {
        const { send, upstream } = await between();
        assert.match(await send(`GET /b HTTP/1.1\r\n${signed}\r\n${header}`), /^HTTP\/1\.1 403[\s\S]*not served/);
        assert.deepEqual(upstream.received, []);
      });
    }

    it("are not the proxy itself, by a loop", async () => {
      const inner = await between();
      const outer = await openProxy({}, { upstreams: new Map([["s3", new URL(inner.proxy.url)]]) });
      assert.match(
        await ask(outer.proxy.port, `GET /b HTTP/1.1\r\n${signed}`),
        /^HTTP\/1\.1 403[\s\S]*another proxy \(via\)/,
      );
    });
  });

  describe("partners", () => {
    it("a client that leaves in the middle of its body takes the upload with it", async () => {
      const { port, upstream, proxy, nothingLeft } = await between(() => undefined);
      const { write, socket } = await connectTo(port);
      write(
        `PUT /b/k HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\n${signed}\r\nContent-Length: 1000000\r\n\r\n${"x".repeat(100_000)}`,
      );
      await until(() => (upstream.received[0]?.length ?? 0) > 50_000, "the body has begun");
      socket.destroy();
      await until(() => upstream.sockets.size === 0, "the upload is cut");
      await nothingLeft();
      assert.equal(proxy.figures().abandoned, 1);
    });

    it("a client that leaves in the middle of its answer takes the download with it", async () => {
      const { port, upstream, nothingLeft } = await between((socket) => {
        socket.write("HTTP/1.1 200 OK\r\nContent-Length: 100000000\r\n\r\n");
        const feed = setInterval(() => void socket.write("x".repeat(50_000)), 1);
        socket.on("close", () => clearInterval(feed));
      });
      const { write, socket, answer } = await connectTo(port);
      write(`GET /b/k HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\n${signed}\r\n\r\n`);
      await answer((text) => text.length > 100_000);
      socket.destroy();
      await until(() => upstream.sockets.size === 0, "the download is cut");
      await nothingLeft();
    });

    it("a client that leaves while its body is held gives its memory back", async () => {
      const { port, proxy, nothingLeft } = await between();
      const { write, socket } = await connectTo(port);
      write(
        `PUT /b/k HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\n${dummySignature()}\r\nContent-Length: 1000000\r\n\r\n${"x".repeat(100_000)}`,
      );
      await until(() => proxy.figures().heldBytes === 100_000, "the body is held");
      socket.destroy();
      await nothingLeft();
    });

    it("a service that says nothing is given up with 504, in its own format", async () => {
      const { send, nothingLeft, upstream } = await between(() => undefined, { timeoutMs: 100 });
      const answer = await send(`GET /b/k HTTP/1.1\r\n${signed}`);
      assert.match(answer, /^HTTP\/1\.1 504 [\s\S]*<Error><Code>GatewayTimeout<\/Code>/);
      await until(() => upstream.sockets.size === 0, "the connection is cut");
      await nothingLeft();
    });

    it("a client that says nothing is given up with 408", async () => {
      const { port, nothingLeft } = await between(() => undefined, { timeoutMs: 100 });
      const { write, answer } = await connectTo(port);
      write(`PUT /b/k HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\n${signed}\r\nContent-Length: 10\r\n\r\n123`);
      assert.match(await answer(), /^HTTP\/1\.1 408 [\s\S]*RequestTimeout/);
      await nothingLeft();
    });

    it("a service that dies in the middle of its answer is no whole answer", async () => {
      const { send, nothingLeft } = await between((socket) => {
        socket.write("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf");
        setTimeout(() => socket.destroy(), 20);
      });
      const answer = await send(`GET /b/k HTTP/1.1\r\n${signed}`);
      assert.ok(bodyOf(answer).length < 100);
      await nothingLeft();
    });

    it("a long refusal is passed on to its last byte", async () => {
      const { send } = await between((socket) => {
        socket.write("HTTP/1.1 403 Forbidden\r\nContent-Length: 300000\r\n\r\n");
        socket.write("x".repeat(300_000));
      });
      const answer = await send(`GET /b/k HTTP/1.1\r\n${signed}`);
      assert.deepEqual([statusOf(answer), bodyOf(answer).length], [403, 300_000]);
    });

    it("a service that is not there, or speaks no HTTP, is 502", async () => {
      const { send } = await between((socket) => socket.end("SSH-2.0-OpenSSH\r\n\r\n"));
      assert.match(await send(`GET /b HTTP/1.1\r\n${signed}`), /^HTTP\/1\.1 502 [\s\S]*BadGateway/);
      const nobody = await openProxy({}, { upstreams: new Map([["s3", new URL("http://127.0.0.1:1")]]) });
      assert.match(await ask(nobody.proxy.port, `GET /b HTTP/1.1\r\n${signed}`), /^HTTP\/1\.1 502 [\s\S]*refused/);
    });

    it("a kept connection that the service closed is replaced, where that is safe", async () => {
      const { port, proxy, upstream } = await between((socket, received, connection) => {
        const requests = (received.match(/\r\n\r\n/g) ?? []).length;
        if (connection === 0 && requests === 2) socket.destroy();
        else socket.write(OK);
      });
      assert.equal(statusOf(await ask(port, `GET /b/1 HTTP/1.1\r\n${signed}`)), 200);
      assert.equal(statusOf(await ask(port, `GET /b/2 HTTP/1.1\r\n${signed}`)), 200);
      assert.equal(upstream.received.length, 2);
      assert.equal(proxy.figures().sentAgain, 1);
    });

    it("100-continue is the service's to say, and an early no spares the body", async () => {
      const { port, upstream } = await between((socket, received) => {
        if (received.includes("/no")) socket.end("HTTP/1.1 403 Forbidden\r\nContent-Length: 2\r\n\r\nno");
        else if (received.endsWith("body")) socket.end(OK);
        else if (!received.includes("bo")) socket.write("HTTP/1.1 100 Continue\r\n\r\n");
      });
      const expect = (name: string) =>
        `PUT /b/${name} HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\n${signed}\r\nContent-Length: 4\r\nExpect: 100-continue\r\n\r\n`;
      const yes = await connectTo(port);
      yes.write(expect("yes"));
      assert.equal(await yes.answer((text) => text.includes("\r\n\r\n")), "HTTP/1.1 100 Continue\r\n\r\n");
      yes.write("body");
      assert.match(await yes.answer((text) => text.endsWith("ok")), /HTTP\/1\.1 200 OK/);
      const no = await connectTo(port);
      no.write(expect("no"));
      assert.match(await no.answer(), /^HTTP\/1\.1 403 Forbidden[\s\S]*Connection: close[\s\S]*no$/);
      assert.ok(upstream.received.every((text) => text.includes("expect: 100-continue")));
      const stranger = await connectTo(port);
      stranger.write(expect("x").replace("AKIADUMMYFORROLEA", "NOBODY"));
      assert.match(await stranger.answer(), /^HTTP\/1\.1 403 [\s\S]*InvalidAccessKeyId/);
    });

    it("an early no to a body under way reaches a client that is still sending", async () => {
      const { port, nothingLeft } = await between((socket) =>
        socket.end("HTTP/1.1 403 Forbidden\r\nContent-Length: 2\r\n\r\nno"),
      );
      const { write, answer } = await connectTo(port);
      write(
        `PUT /b/k HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\n${signed}\r\nContent-Length: 400000\r\n\r\n${"x".repeat(100_000)}`,
      );
      assert.match(await answer((text) => text.endsWith("no")), /^HTTP\/1\.1 403/);
      write("x".repeat(300_000));
      await nothingLeft();
      write(`GET /b/k HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\n${signed}\r\nConnection: close\r\n\r\n`);
      assert.equal(((await answer()).match(/HTTP\/1\.1 403/g) ?? []).length, 2);
    });
  });

  it("ends when those under way have ended, and takes nothing new meanwhile", async () => {
    const { proxy, port, send, upstream } = await between((socket) => void setTimeout(() => socket.write(OK), 80));
    const under = send(`GET /b/k HTTP/1.1\r\n${signed}`);
    await until(() => upstream.received.length === 1, "the request is under way");
    const closed = proxy.close(5000);
    await assert.rejects(connectTo(port));
    assert.equal(statusOf(await under), 200);
    assert.equal((await closed).answers["2xx"], 1);
  });

  it("ends all the same when those under way do not", async () => {
    const { proxy, port, upstream } = await between(() => undefined);
    const { write, socket } = await connectTo(port);
    write(`GET /b/k HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\n${signed}\r\n\r\n`);
    await until(() => upstream.received.length === 1, "the request is under way");
    const ended = once(socket, "close");
    await proxy.close(20);
    await ended;
  });
});
