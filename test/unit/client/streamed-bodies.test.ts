/** Owns the trial of bodies that come or go in pieces: streams, and streams of events. */
import assert from "node:assert/strict";
import { Readable } from "node:stream";
import { EventStreamCodec } from "@smithy/core/event-streams";
import { AdapterError } from "../../../utils/errors/adapter-error";
import { answers, fixture } from "./client-fixture";

describe("streams of events", () => {
  it("are collected into a list", async () => {
    const codec = new EventStreamCodec(
      (bytes) => (typeof bytes === "string" ? bytes : Buffer.from(bytes as Uint8Array).toString("utf8")),
      (text) => Buffer.from(text, "utf8"),
    );
    const event = (type: string, contentType: string, body: string): Uint8Array =>
      codec.encode({
        headers: {
          ":message-type": { type: "string", value: "event" },
          ":event-type": { type: "string", value: type },
          ":content-type": { type: "string", value: contentType },
        },
        body: Buffer.from(body),
      });
    const body = Buffer.concat([
      event("PayloadChunk", "application/octet-stream", "hi"),
      event("InvokeComplete", "application/json", '{"ErrorCode":"e"}'),
    ]);
    const f = fixture(answers({ body }));
    const { output } = await f.client.send("lambda", "InvokeWithResponseStream", { FunctionName: "f" }, f.options());
    assert.deepEqual((output as { EventStream: unknown }).EventStream, [
      { PayloadChunk: { Payload: "aGk=" } },
      { InvokeComplete: { ErrorCode: "e" } },
    ]);
  });
});

describe("streamed bodies", () => {
  const get = async (body: Buffer | Readable): Promise<Record<string, unknown>> => {
    const f = fixture(answers({ body }), { request: { maxRetries: 0 } });
    return (await f.client.send("s3", "GetObject", { Bucket: "bucket-1", Key: "k" }, f.options())).output as Record<
      string,
      unknown
    >;
  };

  it("become text beside their encoding", async () => {
    const text = Buffer.from("grüße ☃");
    assert.deepEqual(await get(Readable.from([text.subarray(0, 3), text.subarray(3)])), {
      Metadata: {},
      Body: "grüße ☃",
      BodyEncoding: "utf8",
    });
    assert.deepEqual(await get(Readable.from([Buffer.from([0xff, 0xfe])])), {
      Metadata: {},
      Body: "//4=",
      BodyEncoding: "base64",
    });
    assert.deepEqual(await get(Readable.from([])), { Metadata: {}, Body: "", BodyEncoding: "utf8" });
  });

  it("that stop coming are given up after the attempt's limit", async () => {
    const f = fixture(answers({ body: new Readable({ read() {} }) }), { request: { maxRetries: 0 } });
    const call = f.client.send("s3", "GetObject", { Bucket: "bucket-1", Key: "k" }, f.options());
    call.catch(() => {});
    for (let turn = 0; turn < 5; turn++) await new Promise(setImmediate);
    f.clock.advance(5000);
    await assert.rejects(
      call,
      (error) => error instanceof AdapterError && error.code === "TIMEOUT" && /next piece/.test(error.message),
    );
  });

  it("are sent with a length when it is given, else are read first; only the latter are repeated", async () => {
    const body = (): Readable => Readable.from([Buffer.from("ab"), Buffer.from("c")]);
    const busy = { statusCode: 503, body: "<Error><Code>SlowDown</Code><Message>m</Message></Error>" };
    const buffered = fixture(answers(busy, {}));
    await buffered.client.send("s3", "PutObject", { Bucket: "bucket-1", Key: "k", Body: body() }, buffered.options());
    assert.deepEqual(
      buffered.handler.requests.map((request) => String(request.body)),
      ["abc", "abc"],
    );
    const streamed = fixture(answers(busy, {}));
    const input = { Bucket: "bucket-1", Key: "k", Body: body(), ContentLength: 3 };
    await assert.rejects(streamed.client.send("s3", "PutObject", input, streamed.options()));
    assert.equal(streamed.handler.requests.length, 1);
    const { headers = {} } = streamed.handler.requests[0] ?? {};
    assert.equal(headers["x-amz-decoded-content-length"], "3");
    assert.equal(headers["x-amz-content-sha256"], "STREAMING-UNSIGNED-PAYLOAD-TRAILER");
    assert.equal(headers["content-length"], String("3\r\nabc\r\n0\r\nx-amz-checksum-crc32:NSRBwg==\r\n\r\n".length));
  });
});
