/** Owns the trial of the proxy against those who mean it no good, or have bad luck: smuggled framing. */
import assert from "node:assert/strict";
import { between, signed } from "./hostile-party";
import { closeAll, connectTo, dummySignature, statusOf, until } from "./opened-proxy";

describe("signing proxy, hostile: framing", () => {
  afterEach(closeAll);

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
    const more = "X-Amz-Decoded-Content-Length: 9\r\nX-Amz-Trailer: x-amz-checksum-crc32\r\nTransfer-Encoding: chunked";
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
