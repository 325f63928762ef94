/** Owns the proof that a body waits for a server that asked to be asked, and not for ever. */
import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import { createHttpHandler } from "../../../utils/http/http-handler";
import { buffered, clock, closeAll, files, handlerWith, rawServer, request } from "./servers";

describe("Expect: 100-continue", () => {
  afterEach(closeAll);
  const put = { method: "PUT", headers: { expect: "100-continue" }, body: "payload" };

  it("holds the body back until the server asks for it", async () => {
    const order: string[] = [];
    const server = await rawServer((socket, data) => {
      order.push(data.includes("payload") ? "body" : "headers");
      if (order.length === 1) socket.write("HTTP/1.1 100 Continue\r\n\r\n");
      else socket.end("HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n");
    });
    const { statusCode } = await handlerWith().handle(request(server.port, put), buffered);
    assert.equal(statusCode, 200);
    assert.deepEqual(order, ["headers", "body"]);
  });

  it("does not send it to a server that answers first, nor another request after it", async () => {
    let received = "";
    const server = await rawServer((socket, data) => {
      received += data;
      socket.write("HTTP/1.1 403 Forbidden\r\ncontent-length: 2\r\n\r\nno");
    });
    const { statusCode } = await handlerWith().handle(request(server.port, put), buffered);
    assert.equal(statusCode, 403);
    await sleep(20);
    assert.doesNotMatch(received, /payload/);
    assert.equal(server.sockets.size, 0);
  });

  it("is left out where headers are more than ASCII, which Node would write as something else than was signed", async () => {
    let received = "";
    const server = await rawServer((socket, data) => {
      received += Buffer.from(data, "latin1").toString("utf8");
      if (received.includes("payload")) socket.end("HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n");
    });
    const headers = { ...put.headers, "x-amz-meta-note": "grün 漢" };
    const { statusCode } = await handlerWith().handle(request(server.port, { ...put, headers }), buffered);
    assert.equal(statusCode, 200);
    assert.match(received, /x-amz-meta-note: grün 漢\r\n/);
    assert.doesNotMatch(received, /expect/);
  });

  it("sends it after a second to a server that does not know the header", async () => {
    const waits: number[] = [];
    const impatient = {
      ...clock,
      schedule: (ms: number, task: () => void) => {
        waits.push(ms);
        return clock.schedule(ms === 1000 ? 10 : ms, task);
      },
    };
    const server = await rawServer((socket, data) => {
      if (data.includes("payload")) socket.end("HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n");
    });
    const handler = createHttpHandler({ maxSockets: 1 }, { files, clock: impatient });
    assert.equal((await handler.handle(request(server.port, put), buffered)).statusCode, 200);
    assert.ok(waits.includes(1000));
    handler.destroy();
  });
});
