/** Owns the trial of the loading of bundled code: what was compiled is taken when it is whole and of this code, else never. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { chmodSync, existsSync, readdirSync, readFileSync, statSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { loadCode } from "../../../utils/loader/load-code";
import { type WorkFolder, workFolder } from "../../support/work-folder";

const CODE = `(function (exports, require, module, __filename, __dirname) {
const path = require("node:path");
const twice = (value) => value * 2;
module.exports = { four: twice(2), file: path.basename(__filename), folder: __dirname, beside: require("./beside.json") };
})`;

/** Behind the checksum. */
const GENERATION = 32;

const MORE = `(function (exports, require, module, __filename, __dirname) {
module.exports = { more(value) { const thrice = [value, value, value]; return thrice.reduce((sum, each) => sum + each, 0); } };
})`;

describe("loadCode", () => {
  let folder: WorkFolder;
  let code: string;
  let keep: (() => void) | undefined;
  const later = (run: () => void): void => {
    keep = run;
  };
  const load = (digest = "one") => {
    keep = undefined;
    return loadCode(join(folder.path, "place.js"), code, digest, later) as Record<string, unknown>;
  };
  const kept = (): string => join(folder.path, ".compiled", `code.js-${process.version}-${process.arch}.bin`);

  beforeEach(() => {
    folder = workFolder();
    folder.write("beside.json", '{ "name": "beside" }');
    code = folder.write("code.js", CODE);
  });
  afterEach(() => folder.remove());

  const expected = () => ({ four: 4, file: "place.js", folder: folder.path, beside: { name: "beside" } });

  it("runs code in the place of another file, whose require it is given", () => {
    assert.deepEqual(load(), expected());
  });

  it("keeps what was compiled, and takes it the next time", () => {
    load();
    assert.ok(keep, "nothing would be kept");
    keep();
    const first = readFileSync(kept());
    assert.deepEqual(load(), expected());
    assert.deepEqual(readFileSync(kept()), first);
  });

  it("adds what the next processes compile, three in all, and loses nothing that was there", () => {
    writeFileSync(code, MORE);
    const sizes = [1, 2, 3].map((generation) => {
      const { more } = load() as { more: (value: number) => number };
      if (generation === 2) assert.equal(more(2), 6);
      assert.ok(keep, `generation ${generation}`);
      keep();
      return statSync(kept()).size;
    });
    const [first = 0, second = 0, third = 0] = sizes;
    assert.ok(second > first, `${sizes}`);
    assert.ok(third >= second, `${sizes}`);
    load();
    assert.equal(keep, undefined);
  });

  it("compiles again what was built anew, or changed in place, though it is as long as before", () => {
    load();
    keep?.();
    writeFileSync(code, CODE.replace("* 2", "* 3"));
    assert.equal(load()["four"], 6);
    (keep as unknown as () => void)();
    const { atime, mtime } = statSync(code);
    writeFileSync(code, CODE.replace("* 2", "* 4"));
    utimesSync(code, atime, mtime);
    assert.equal(load("another")["four"], 8);
  });

  for (const [what, spoil] of [
    ["cut off", (content: Buffer) => content.subarray(0, content.length / 2)],
    ["empty", () => Buffer.alloc(0)],
    ["changed in one bit", (content: Buffer) => content.fill((content[100] as number) ^ 1, 100, 101)],
  ] as const) {
    it(`compiles again when what was kept is ${what}, and mends it`, () => {
      load();
      keep?.();
      const whole = readFileSync(kept());
      writeFileSync(kept(), spoil(Buffer.from(whole)));
      assert.deepEqual(load(), expected());
      assert.ok(keep, "nothing would mend it");
      keep();
      assert.equal(readFileSync(kept()).length, whole.length);
      assert.equal(readFileSync(kept())[GENERATION], 1, "it was taken");
    });
  }

  it("leaves nothing half written, and no other file", () => {
    load();
    keep?.();
    keep?.();
    assert.deepEqual(readdirSync(join(folder.path, ".compiled")).length, 1);
  });

  it("loads where nothing may be written", () => {
    folder.write(".compiled", "a file where the folder would be");
    load();
    keep?.();
    assert.deepEqual(load(), expected());
    assert.ok(!existsSync(kept()));
  });

  it("keeps nothing where Node.js is told so", () => {
    process.env["NODE_DISABLE_COMPILE_CACHE"] = "1";
    try {
      assert.deepEqual(load(), expected());
      assert.equal(keep, undefined);
    } finally {
      delete process.env["NODE_DISABLE_COMPILE_CACHE"];
    }
  });

  it("in a process of its own: kept at its end, and no reason for it to stay", () => {
    chmodSync(folder.path, 0o755);
    const loader = join(__dirname, "../../../utils/loader/load-code");
    const script = folder.write(
      "start.cjs",
      `const { loadCode } = require(${JSON.stringify(loader)});
       console.log(loadCode(__filename, ${JSON.stringify(code)}, "one").four, process.listenerCount("exit"));`,
    );
    const run = () => {
      const { stdout, stderr } = spawnSync(process.execPath, ["--require", "tsx/cjs", script], { encoding: "utf8" });
      return stdout + stderr;
    };
    const first = run();
    const listeners = Number(first.split(" ")[1]);
    assert.equal(first, `4 ${listeners}\n`);
    assert.ok(existsSync(kept()));
    assert.deepEqual([run(), run(), run()], [`4 ${listeners}\n`, `4 ${listeners}\n`, `4 ${listeners - 1}\n`]);
  });
});
