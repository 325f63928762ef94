/** Owns the proof that a streamed answer ends, is bounded while it stands still, and gives its socket back. */
import assert from "node:assert/strict";
import type { Readable } from "node:stream";
import { setTimeout as sleep } from "node:timers/promises";
import { failure } from "./failure";
import { closeAll, handlerWith, httpServer, rawServer, request } from "./servers";

const text = (body: Buffer | Readable): string => (body as Buffer).toString();

describe("a streamed answer", () => {
  afterEach(closeAll);
  const streamed = { timeoutMs: 400, responseBody: "stream" } as const;
  const patient = { timeoutMs: 5000, responseBody: "stream" } as const;
  const read = async (body: Buffer | Readable): Promise<string> => {
    const parts: Buffer[] = [];
    for await (const part of body as Readable) parts.push(part as Buffer);
    return Buffer.concat(parts).toString();
  };

  it("may take longer than the limit as a whole, as long as it goes on", async () => {
    const server = await httpServer(async (_, answer) => {
      for (const part of "abcdefghij") {
        answer.write(part);
        await sleep(60);
      }
      answer.end();
    });
    const { body } = await handlerWith().handle(request(server.port), streamed);
    assert.equal(await read(body), "abcdefghij");
  });

  it("fails with the stage when it stops, and when it breaks", async () => {
    const server = await rawServer((socket, line) => {
      socket.write("HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nhalf");
      if (line.startsWith("GET /break")) setTimeout(() => socket.resetAndDestroy(), 10);
    });
    const handler = handlerWith();
    const stopped = await handler.handle(request(server.port), streamed);
    assert.equal((await failure(read(stopped.body))).code, "TIMEOUT");
    const broken = await handler.handle(request(server.port, { path: "/break" }), patient);
    const error = await failure(read(broken.body));
    assert.deepEqual([error.code, error.detail["stage"]], ["CONNECTION_FAILED", "body"]);
  });

  it("waits for a slow reader without blaming the server", async () => {
    const size = 4 * 1024 * 1024;
    const server = await httpServer((_, answer) => answer.end(Buffer.alloc(size, "x")));
    const { body } = await handlerWith().handle(request(server.port), streamed);
    for (let waited = 0; waited < 600; waited += 100) await sleep(100);
    assert.equal((await read(body)).length, size);
  });

  it("closes the connection when the reader gives up, and reuses it when it reads to the end", async () => {
    const server = await httpServer((_, answer) => answer.end(Buffer.alloc(1024 * 1024)));
    const handler = handlerWith({ maxSockets: 1 });
    await read((await handler.handle(request(server.port), patient)).body);
    const { body } = await handler.handle(request(server.port), patient);
    assert.equal(server.connections(), 1);
    (body as Readable).destroy();
    await sleep(20);
    assert.equal(server.sockets.size, 0);
  });

  it("is collected when it is an error", async () => {
    const server = await httpServer((_, answer) => answer.writeHead(404).end("<Error/>"));
    const { body } = await handlerWith().handle(request(server.port), patient);
    assert.equal(text(body), "<Error/>");
  });
});
