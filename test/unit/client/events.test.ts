/** Owns the proof that events are read as they come, in any pieces, for as long as asked, and that what breaks off is an error. */
import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { inspect } from "node:util";
import { EventStreamCodec } from "@smithy/core/event-streams";
import { AdapterError } from "../../../utils/errors/adapter-error";
import { nodeFiles } from "../../../utils/runtime/node-files";
import type { IapMetadata } from "../../../utils/types/call";
import { answers, type Fixture, fixture } from "./client-fixture";

const codec = new EventStreamCodec(
  (bytes) => (typeof bytes === "string" ? bytes : Buffer.from(bytes).toString()),
  (text) => Buffer.from(text),
);

type Headers = Readonly<Record<string, string>>;

function frame(headers: Headers, body: string | Buffer): Buffer {
  const values = Object.entries(headers).map(([name, value]) => [name, { type: "string", value }]);
  return Buffer.from(codec.encode({ headers: Object.fromEntries(values), body: Buffer.from(body as string) }));
}

const event = (type: string, body: unknown): Buffer =>
  frame({ ":message-type": "event", ":event-type": type }, Buffer.isBuffer(body) ? body : JSON.stringify(body));

const xmlEvent = (type: string, body: string): Buffer => frame({ ":message-type": "event", ":event-type": type }, body);

const START = event("sessionStart", { sessionId: "s-1", logGroupIdentifiers: ["g"] });
const update = (message: string): Buffer =>
  event("sessionUpdate", { sessionMetadata: { sampled: false }, sessionResults: [{ message, timestamp: 1 }] });

/** A body in pieces of so many bytes. */
function pieces(bytes: Buffer, size: number): Readable {
  const cut = Array.from({ length: Math.ceil(bytes.length / size) }, (_, i) =>
    bytes.subarray(i * size, (i + 1) * size),
  );
  return Readable.from(cut, { objectMode: false });
}

const tail = { logGroupIdentifiers: ["arn:aws:logs:eu-west-1:123456789012:log-group:g"] };
const select = {
  ...{ Bucket: "bucket-1", Key: "k", Expression: "SELECT 1", ExpressionType: "SQL" },
  ...{ InputSerialization: { JSON: { Type: "LINES" } }, OutputSerialization: { JSON: {} } },
};

type Output = Record<string, unknown>;

async function output(f: Fixture, service: string, operation: string, input: object, metadata?: IapMetadata) {
  const options = f.options({ ...(metadata && { metadata }), maxRetries: 0 });
  return (await f.client.send(service, operation, input, options)).output as Output;
}

const liveTail = (body: Readable, metadata?: IapMetadata): Promise<Output> =>
  output(fixture(answers({ body })), "cloudwatch-logs", "StartLiveTail", tail, metadata);

async function refused(promise: Promise<unknown>): Promise<AdapterError> {
  const error = await promise.then(
    () => assert.fail("it succeeded"),
    (thrown: unknown) => thrown,
  );
  assert.ok(error instanceof AdapterError, String(error));
  return error;
}

/** A stream that never ends by itself. */
function endless(each: () => Buffer): Readable {
  return new Readable({
    read() {
      setImmediate(() => this.push(each()));
    },
  });
}

describe("events", () => {
  for (const size of [1, 7, 1000, 1_000_000]) {
    it(`are read from pieces of ${size} bytes`, async () => {
      const body = Buffer.concat([event("initial-response", {}), START, update("one"), update("two")]);
      const { responseStream } = (await liveTail(pieces(body, size))) as { responseStream: Output[] };
      assert.deepEqual(
        responseStream.map((one) => Object.keys(one)[0]),
        ["sessionStart", "sessionUpdate", "sessionUpdate"],
      );
      assert.deepEqual(responseStream[2], {
        sessionUpdate: { sessionMetadata: { sampled: false }, sessionResults: [{ message: "two", timestamp: 1 }] },
      });
    });
  }

  it("of S3 and Lambda are read, their bytes as base64", async () => {
    const found = await output(
      fixture(
        answers({
          body: pieces(
            Buffer.concat([
              event("Records", Buffer.from('{"a":1}\n')),
              event("Cont", Buffer.alloc(0)),
              xmlEvent("Stats", "<Stats><BytesScanned>7</BytesScanned></Stats>"),
              event("End", Buffer.alloc(0)),
            ]),
            5,
          ),
        }),
      ),
      ...(["s3", "SelectObjectContent", select] as const),
    );
    assert.deepEqual(found["Payload"], [
      { Records: { Payload: Buffer.from('{"a":1}\n').toString("base64") } },
      { Cont: {} },
      { Stats: { Details: { BytesScanned: 7 } } },
      { End: {} },
    ]);
    const headers = { "x-amz-executed-version": "3" };
    const body = Readable.from([event("PayloadChunk", Buffer.from("part")), event("InvokeComplete", {})]);
    const invoked = fixture(answers({ headers, body }));
    assert.deepEqual(await output(invoked, "lambda", "InvokeWithResponseStream", { FunctionName: "f" }), {
      StatusCode: 200,
      ExecutedVersion: "3",
      EventStream: [{ PayloadChunk: { Payload: Buffer.from("part").toString("base64") } }, { InvokeComplete: {} }],
    });
  });

  it("that nobody knows yet are passed over", async () => {
    const body = Readable.from([event("initial-response", {}), START, event("fromTheFuture", { a: 1 }), update("one")]);
    assert.equal(((await liveTail(body))["responseStream"] as unknown[]).length, 2);
  });

  it("are heard up to as many as asked for, and the connection is let go", async () => {
    const body = endless(() => update("more"));
    const found = await liveTail(body, { events: { maxEvents: 3 } });
    assert.equal((found["responseStream"] as unknown[]).length, 3);
    assert.equal(found["responseStreamStopped"], "maxEvents");
    assert.equal(body.destroyed, true);
  });

  it("are heard for as long as asked for; what came is the answer", async () => {
    let count = 0;
    const body = endless(() => {
      if (count++ === 20) f.clock.advance(61_000);
      return update("x");
    });
    const f: Fixture = fixture(answers({ body }));
    const found = await output(f, "cloudwatch-logs", "StartLiveTail", tail, { events: { maxSeconds: 61 } });
    assert.equal(found["responseStreamStopped"], "maxSeconds");
    assert.ok((found["responseStream"] as unknown[]).length > 0);
  });

  it("that never end are an error after a quarter of an hour", async () => {
    let count = 0;
    const body = endless(() => {
      // Something comes all the time: the wait for the next piece is never long.
      if (count++ > 5) f.clock.advance(4000);
      return update("x");
    });
    const f: Fixture = fixture(answers({ body }));
    const error = await refused(output(f, "cloudwatch-logs", "StartLiveTail", tail));
    assert.equal(error.code, "TIMEOUT");
    assert.match(error.recommendation, /maxSeconds/);
    assert.equal(body.destroyed, true);
  });

  it("that are too many for memory are an error that says where to put them", async () => {
    const large = update("x".repeat(1024 * 1024));
    const body = endless(() => large);
    const error = await refused(liveTail(body));
    assert.equal(error.code, "RESPONSE_UNREADABLE");
    assert.match(error.recommendation, /saveTo/);
    assert.equal(body.destroyed, true);
  });

  const BROKEN: readonly [string, readonly Buffer[], string, RegExp][] = [
    ["a page", [Buffer.from("<html><body>Log in</body></html>")], "RESPONSE_UNREADABLE", /no event/],
    ["nothing but half an event", [START.subarray(0, 40)], "RESPONSE_UNREADABLE", /cut off/],
    ["a changed byte", [START, Buffer.from(update("x")).fill(1, 40, 41)], "RESPONSE_UNREADABLE", /checksum/],
    [
      "an exception",
      [
        START,
        frame({ ":message-type": "exception", ":exception-type": "SessionStreamingException" }, '{"message":"lost"}'),
      ],
      ...(["SERVICE_ERROR", /SessionStreamingException.*lost/] as const),
    ],
    [
      "an error without a shape",
      [START, frame({ ":message-type": "error", ":error-code": "InternalError", ":error-message": "We failed" }, "")],
      ...(["SERVICE_ERROR", /InternalError.*We failed/] as const),
    ],
  ];
  for (const [what, parts, code, message] of BROKEN) {
    it(`are an error, and no file: ${what}`, async () => {
      const first = await refused(liveTail(Readable.from(parts)));
      assert.equal(first.code, code, first.message);
      assert.match(first.message, message);
      const root = mkdtempSync(join(tmpdir(), "events-"));
      try {
        const f = fixture(answers({ body: Readable.from(parts) }), { fileAccess: { root, files: nodeFiles } });
        const second = await refused(output(f, "cloudwatch-logs", "StartLiveTail", tail, { saveTo: "events" }));
        assert.equal(second.message, first.message);
        assert.deepEqual(nodeFiles.list(root), []);
      } finally {
        rmSync(root, { recursive: true });
      }
    });
  }

  it("that refuse keep what was sent in secret, however they say it", async () => {
    const secret = "hush-hush-secret-payload-1234";
    const say = `Could not parse: ${secret}`;
    for (const parts of [
      [frame({ ":message-type": "error", ":error-code": "InvalidRequest", ":error-message": say }, "")],
      [frame({ ":message-type": "exception", ":exception-type": "InvalidRequest" }, JSON.stringify({ message: say }))],
    ]) {
      const f = fixture(answers({ body: Readable.from(parts) }));
      const input = { FunctionName: "f", Payload: secret };
      const error = await refused(output(f, "lambda", "InvokeWithResponseStream", input));
      assert.equal(error.code, "SERVICE_ERROR");
      assert.match(error.message, /Could not parse/);
      assert.equal(inspect(error, { depth: 9, showHidden: true }).includes(secret), false, error.message);
    }
  });

  it("of S3 without their last one broke off", async () => {
    const f = fixture(answers({ body: Readable.from([event("Records", Buffer.from("1"))]) }));
    const error = await refused(output(f, "s3", "SelectObjectContent", select));
    assert.equal(error.code, "CONNECTION_FAILED");
    assert.match(error.message, /before End/);
  });

  it("go into a file, one a line", async () => {
    const root = mkdtempSync(join(tmpdir(), "events-"));
    try {
      const body = pieces(Buffer.concat([event("initial-response", {}), START, update("line\n2")]), 11);
      const f = fixture(answers({ body }), { fileAccess: { root, files: nodeFiles } });
      const found = await output(f, "cloudwatch-logs", "StartLiveTail", tail, { saveTo: "tail.ndjson" });
      const text = readFileSync(join(root, "tail.ndjson"), "utf8");
      assert.deepEqual(found, {
        responseStream: { file: join(root, "tail.ndjson"), bytes: Buffer.byteLength(text), events: 2 },
      });
      const lines = text
        .trimEnd()
        .split("\n")
        .map((line) => JSON.parse(line) as Output);
      assert.deepEqual(
        lines.map((line) => Object.keys(line)),
        [["sessionStart"], ["sessionUpdate"]],
      );
    } finally {
      rmSync(root, { recursive: true });
    }
  });

  it("are limited where there are some only, and by what is a limit", async () => {
    const f = fixture(answers({}));
    const wrong: readonly [string, string, object, unknown][] = [
      ["s3", "ListBuckets", {}, { maxEvents: 1 }],
      ...[{ maxEvents: 0 }, { maxSeconds: 99_999 }, { maxSecond: 1 }, { maxEvents: "many" }, []].map(
        (events): [string, string, object, unknown] => ["cloudwatch-logs", "StartLiveTail", tail, events],
      ),
    ];
    for (const [service, operation, input, events] of wrong) {
      const error = await refused(output(f, service, operation, input, { events } as IapMetadata));
      assert.equal(error.code, "INVALID_INPUT");
      assert.match(String(error.detail["parameter"]), /^iapMetadata\.events/);
    }
    assert.equal(f.handler.requests.length, 0);
  });
});
