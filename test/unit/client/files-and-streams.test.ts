/** Owns the trial of bodies from files and streams, and answers into them. */
import assert from "node:assert/strict";
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable, Writable } from "node:stream";
import { EventStreamCodec } from "@smithy/core/event-streams";
import { FileAccess, type LinkedFiles } from "../../../utils/client/file-access";
import { AdapterError } from "../../../utils/errors/adapter-error";
import { nodeFiles } from "../../../utils/runtime/node-files";
import { type Answer, answers, type Fixture, fixture } from "./client-fixture";

const disk: LinkedFiles = {
  realPath: (path) => realpathSync(path),
  read: (path) => readFileSync(path),
  size: nodeFiles.size,
  readInPieces: nodeFiles.readInPieces,
  replace: nodeFiles.replace,
};

async function readAll(body: Readable): Promise<string> {
  const parts: Buffer[] = [];
  for await (const part of body) parts.push(Buffer.from(part as Uint8Array));
  return Buffer.concat(parts).toString("utf8");
}

function refused(run: () => unknown): AdapterError {
  try {
    run();
  } catch (error) {
    assert.ok(error instanceof AdapterError && error.code === "FILE_REFUSED", String(error));
    return error;
  }
  return assert.fail("it was let through");
}

describe("file_access", () => {
  let folder: string;
  let root: string;
  let access: FileAccess;

  beforeEach(() => {
    folder = realpathSync(mkdtempSync(join(tmpdir(), "file-access-")));
    root = join(folder, "root");
    mkdirSync(join(root, "inner"), { recursive: true });
    mkdirSync(join(folder, "root-beside"));
    writeFileSync(join(folder, "secret"), "secret");
    writeFileSync(join(folder, "root-beside", "secret"), "secret");
    writeFileSync(join(root, "inner", "good"), "good");
    symlinkSync(join(folder, "secret"), join(root, "link"));
    symlinkSync(folder, join(root, "up"));
    symlinkSync(join(folder, "new"), join(root, "dangling"));
    symlinkSync(join(root, "inner"), join(root, "inside"));
    access = new FileAccess(root, disk);
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  it("reads files inside its root, by links inside it too", () => {
    for (const path of ["inner/good", "./inner/../inner/good", "inside/good", join(root, "inner/good")]) {
      assert.equal(String(access.read(path, "p")), "good");
    }
  });

  it("reads nothing outside, whichever way it is named", () => {
    const paths = [
      "../secret",
      "link",
      "up/secret",
      "../root-beside/secret",
      join(folder, "secret"),
      "/etc/passwd",
      "inner/good\0",
      "inner/../../secret",
      "",
    ];
    for (const path of paths) refused(() => access.read(path, "params.Body.file"));
  });

  it("does not tell what exists outside", () => {
    const [there, notThere] = ["../secret", "../nothing"].map(
      (path) => refused(() => access.read(path, "p")).detail["reason"],
    );
    assert.equal(there, notThere);
  });

  it("writes nothing outside, not through a link to a file that is yet to come either", () => {
    for (const path of [
      "../new",
      "link",
      "up/new",
      "inside/../../new",
      ".",
      "inner/..",
      "nowhere/new",
      join(folder, "new"),
    ]) {
      refused(() => access.openForWriting(path, "iapMetadata.saveTo"));
    }
    assert.throws(() => readFileSync(join(folder, "new")));
    assert.equal(readFileSync(join(folder, "secret"), "utf8"), "secret");
  });

  it("puts a file in the place of a link, and not where the link leads", async () => {
    const { stream, commit } = access.openForWriting("dangling", "iapMetadata.saveTo");
    await new Promise<void>((resolve) => stream.end("written", resolve));
    commit();
    assert.equal(readFileSync(join(root, "dangling"), "utf8"), "written");
    assert.throws(() => readFileSync(join(folder, "new")));
  });

  it("refuses everything without a root", () => {
    for (const without of [undefined, ""]) {
      assert.match(
        refused(() => new FileAccess(without, disk).read("inner/good", "p")).message,
        /file_access\.root is not set/,
      );
    }
  });

  const get = (f: Fixture, saveTo?: string): Promise<unknown> =>
    f.client
      .send(
        "s3",
        "GetObject",
        { Bucket: "bucket-1", Key: "k" },
        f.options(saveTo === undefined ? {} : { metadata: { saveTo } }),
      )
      .then(({ output }) => output);

  it("receives a streamed body by saveTo, on a repetition from its beginning", async () => {
    const broken = Readable.from(
      (async function* () {
        yield Buffer.from("half");
        throw Object.assign(new Error("socket hang up"), { code: "ECONNRESET" });
      })(),
    );
    const f = fixture(
      (_request, count) => ({
        headers: { etag: "e" },
        body: count === 1 ? broken : Readable.from([Buffer.from("whole "), Buffer.from("body")]),
      }),
      { fileAccess: { root, files: disk } },
    );
    assert.deepEqual(await get(f, "inner/object"), {
      ETag: "e",
      Metadata: {},
      Body: { file: join(root, "inner/object"), bytes: 10 },
    });
    assert.equal(readFileSync(join(root, "inner/object"), "utf8"), "whole body");
    assert.equal(f.handler.requests.length, 2);
  });

  it("is asked before anything is sent", async () => {
    const f = fixture(answers({ body: Readable.from(["x"]) }), { fileAccess: { root, files: disk } });
    await assert.rejects(get(f, "../new"), (error) => error instanceof AdapterError && error.code === "FILE_REFUSED");
    assert.equal(f.handler.requests.length, 0);
  });

  it("is not asked for an operation that streams nothing", async () => {
    const f = fixture(answers({}), { fileAccess: { root, files: disk } });
    const call = f.client.send("s3", "ListBuckets", {}, f.options({ metadata: { saveTo: "inner/object" } }));
    await assert.rejects(
      call,
      (error) => error instanceof AdapterError && error.detail["parameter"] === "iapMetadata.saveTo",
    );
    assert.equal(f.handler.requests.length, 0);
  });

  it("has what it receives checked against the checksum of the answer", async () => {
    const answer = (body: string): Answer => ({
      headers: { "x-amz-checksum-crc32": "y/Q5Jg==" },
      body: Readable.from([Buffer.from(body.slice(0, 4)), Buffer.from(body.slice(4))]),
    });
    const f = fixture((_request, count) => answer(count === 1 ? "12345678X" : "123456789"), {
      fileAccess: { root, files: disk },
    });
    await get(f, "inner/object");
    assert.equal(f.handler.requests.length, 2);
    assert.equal(readFileSync(join(root, "inner/object"), "utf8"), "123456789");
  });

  it("says why a file cannot be written", async () => {
    const full = {
      ...disk,
      replace: () => ({
        stream: new Writable({
          write: (_chunk, _encoding, done) => done(Object.assign(new Error("x"), { code: "ENOSPC", syscall: "write" })),
        }),
        commit: () => assert.fail("it was put in place"),
        discard: () => {},
      }),
    };
    const f = fixture(answers({ body: Readable.from(["x"]) }), { fileAccess: { root, files: full } });
    await assert.rejects(
      get(f, "inner/object"),
      (error) => error instanceof AdapterError && /ENOSPC/.test(error.message),
    );
  });

  it("gives a body to send by its path", async () => {
    const f = fixture(answers({}), { fileAccess: { root, files: disk } });
    await f.client.send("s3", "PutObject", { Bucket: "bucket-1", Key: "k", Body: { file: "inner/good" } }, f.options());
    const [request] = f.handler.requests;
    const sent = await readAll(request?.body as Readable);
    assert.equal(sent, "4\r\ngood\r\n0\r\nx-amz-checksum-crc32:bIROkg==\r\n\r\n");
    assert.equal(request?.headers["content-length"], String(sent.length));
    assert.equal(request?.headers["x-amz-decoded-content-length"], "4");
  });

  it("sends a body from its beginning when the call is repeated", async () => {
    const bodies: string[] = [];
    const f = fixture(
      async (request, count) => {
        bodies.push(await readAll(request.body as Readable));
        return count === 1 ? { statusCode: 503 } : {};
      },
      { fileAccess: { root, files: disk } },
    );
    await f.client.send("s3", "PutObject", { Bucket: "bucket-1", Key: "k", Body: { file: "inner/good" } }, f.options());
    assert.equal(bodies.length, 2);
    assert.equal(bodies[0], bodies[1]);
  });

  it("leaves nothing of an unfinished file", async () => {
    const f = fixture(answers({ body: Readable.from(["x"]), headers: { "x-amz-checksum-crc32": "AAAAAA==" } }), {
      fileAccess: { root, files: disk },
      request: { maxRetries: 0 },
    });
    await assert.rejects(get(f, "inner/object"));
    assert.deepEqual(readdirSync(join(root, "inner")), ["good"]);
  });
});

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
