/** Owns the trial of the proxy against those who mean it no good, or have bad luck: clients and services that vanish. */
import assert from "node:assert/strict";
import { once } from "node:events";
import { between, OK, signed } from "./hostile-party";
import { ask, bodyOf, closeAll, connectTo, dummySignature, openProxy, statusOf, until } from "./opened-proxy";

describe("signing proxy, hostile: partners", () => {
  afterEach(closeAll);

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

  it("100-continue is not asked where headers are more than ASCII, and these arrive as they were signed", async () => {
    const { port, upstream } = await between((socket, received) => {
      if (received.endsWith("body")) socket.end(OK);
    });
    const { write, answer } = await connectTo(port);
    const note = Buffer.from("grün").toString("latin1");
    write(
      `PUT /b/k HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\n${signed}\r\nx-amz-meta-note: ${note}\r\nContent-Length: 4\r\nExpect: 100-continue\r\n\r\n`,
    );
    assert.equal(await answer((text) => text.includes("\r\n\r\n")), "HTTP/1.1 100 Continue\r\n\r\n");
    write("body");
    assert.match(await answer((text) => text.endsWith("ok")), /HTTP\/1\.1 200 OK/);
    assert.match(Buffer.from(upstream.received.join(""), "latin1").toString(), /x-amz-meta-note: grün\r\n/);
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
