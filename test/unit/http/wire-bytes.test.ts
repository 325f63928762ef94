/** Owns the proof that headers and a body of text are the bytes that were signed, in whichever encoding they leave. */
import assert from "node:assert/strict";
import { Readable } from "node:stream";
import fc from "fast-check";
import type { HttpRequest } from "../../../utils/types/http";
import { buffered, closeAll, handlerWith, httpServer, request } from "./servers";

const visible = fc.string({
  unit: fc.constantFrom("a", "Z", "0", "~", "é", "ÿ", "Ā", "漢", "🚀"),
  minLength: 1,
  maxLength: 12,
});

describe("Headers and a body of text", () => {
  afterEach(closeAll);

  it("are sent as UTF-8, whether one, both or none of them are more than ASCII", async () => {
    let seen: { note: string | undefined; body: Buffer } = { note: undefined, body: Buffer.alloc(0) };
    const server = await httpServer((incoming, answer) => {
      const parts: Buffer[] = [];
      incoming.on("data", (part: Buffer) => parts.push(part));
      incoming.on("end", () => {
        seen = { note: incoming.headers["x-amz-meta-note"] as string, body: Buffer.concat(parts) };
        answer.end();
      });
    });
    const handler = handlerWith();
    const send = async (note: string, text: string, body: HttpRequest["body"] = text): Promise<void> => {
      const made = request(server.port, { method: "POST", headers: { "x-amz-meta-note": note }, body });
      await handler.handle(made, buffered);
      assert.equal(Buffer.from(seen.note ?? "", "latin1").toString(), note);
      assert.deepEqual(seen.body, Buffer.from(text));
    };
    for (const note of ["plain", "grün", "漢"]) {
      for (const text of ["", "plain", "Grüße", "🚀"]) {
        await send(note, text);
        await send(note, text, Readable.from([text]));
      }
    }
    const texts = fc.oneof(visible, fc.string());
    await fc.assert(
      fc.asyncProperty(visible, texts, (note, text) => send(note, text)),
      { numRuns: 60 },
    );
  });
});
