/** Owns the trial of packages that are fetched, checked and unpacked. */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ExtractionError } from "../../../utils/catalog/extraction-error";
import { packedPackage, unpack } from "../../../utils/catalog/packed-package";

const refusal = (reason: RegExp) => (error: unknown) => error instanceof ExtractionError && reason.test(error.message);
const integrityOf = (content: string): string => `sha512-${createHash("sha512").update(content).digest("base64")}`;
const pinned = (content: string) => ({ name: "@birds/nest", version: "1.2.3", integrity: integrityOf(content) });

describe("packedPackage", () => {
  let folder: string;
  let fetched: number;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "packed-"));
    fetched = 0;
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  const fetch = (content: string) => (into: string) => {
    fetched++;
    writeFileSync(join(into, "any.tgz"), content);
    return join(into, "any.tgz");
  };

  it("fetches once what has the digest of its pin", () => {
    const archive = packedPackage(pinned("right"), folder, fetch("right"));
    assert.equal(packedPackage(pinned("right"), folder, fetch("right")), archive);
    assert.equal(archive, join(folder, "birds-nest-1.2.3.tgz"));
    assert.equal(fetched, 1);
  });

  it("refuses another digest, and leaves nothing behind", () => {
    assert.throws(
      () => packedPackage(pinned("right"), folder, fetch("wrong")),
      refusal(/^@birds\/nest 1\.2\.3: its digest is sha512-\S+, but sha512-\S+ was pinned$/),
    );
    assert.deepEqual(readdirSync(folder), []);
  });

  it("fetches anew what was changed here", () => {
    const archive = packedPackage(pinned("right"), folder, fetch("right"));
    writeFileSync(archive, "wrong");
    packedPackage(pinned("right"), folder, fetch("right"));
    assert.equal(fetched, 2);
    assert.equal(readFileSync(archive, "utf8"), "right");
  });
});

describe("unpack", () => {
  it("takes the wanted files out, and says which archive is none", () => {
    const folder = mkdtempSync(join(tmpdir(), "packed-"));
    try {
      for (const path of ["package/a", "to"]) mkdirSync(join(folder, path), { recursive: true });
      for (const name of ["a/x.js", "a/x.ts", "y.js"]) writeFileSync(join(folder, "package", name), name);
      execFileSync("tar", ["-czf", "p.tgz", "package"], { cwd: folder });
      const to = join(folder, "to");
      unpack(join(folder, "p.tgz"), /^a\/.*\.js$/, to);
      assert.deepEqual(readdirSync(to, { recursive: true }).sort(), ["a", join("a", "x.js")]);
      unpack(join(folder, "p.tgz"), /^nothing$/, to);
      writeFileSync(join(folder, "p.tgz"), "no archive");
      assert.throws(() => unpack(join(folder, "p.tgz"), /./, to), refusal(/p\.tgz: tar could not unpack it/));
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
