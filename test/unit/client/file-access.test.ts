/** Owns the trial of bodies from files and answers into files, and that no file outside the root is touched. */
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
