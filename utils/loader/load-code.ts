/**
 * Owns the loading of bundled code, as `require` would, but with what V8 compiled in an earlier process: compiling takes
 * as long as all else of a cold start.
 */
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname } from "node:path";
import { Script } from "node:vm";
import { CompiledCode, type KeptCode } from "./compiled-code";

/**
 * Until then, most processes that stay have called AWS, if only for their health check; later, under load, V8 drops what
 * only a start needs.
 */
const KEEP_AFTER_MS = 1000;
/**
 * A process that did not call leaves a poor start to the next ones, so these add what they needed. After them, nobody
 * spends twenty milliseconds on it any more.
 */
const GENERATIONS = 3;

const NOTHING: KeptCode = { generation: 0, data: Buffer.alloc(0) };

type Evaluate = (
  exports: object,
  require: NodeJS.Require,
  module: { exports: object },
  filename: string,
  folder: string,
) => void;

/** Runs `keep` after a second, or when the process ends before; keeps no process alive. */
export function keepLater(keep: () => void): void {
  const onExit = (): void => {
    clearTimeout(timer);
    keep();
  };
  const timer = setTimeout(() => {
    process.off("exit", onExit);
    keep();
  }, KEEP_AFTER_MS).unref();
  process.once("exit", onExit);
}

/**
 * @param place - file that the code stands for: its `__filename`, and where its `require` begins to look
 * @param path - of the code, a function expression of the five parameters that Node.js gives to each module; ASCII
 * @param digest - of the code, made when it was built
 * @param later - runs what may wait; for tests
 * @returns what the code exports
 */
export function loadCode(place: string, path: string, digest: string, later: typeof keepLater = keepLater): object {
  const isKept = process.env["NODE_DISABLE_COMPILE_CACHE"] === undefined;
  const compiled = isKept ? new CompiledCode(path, digest) : undefined;
  const known = compiled?.read();
  const cachedData = known?.data;
  const script = new Script(readFileSync(path, "latin1"), {
    filename: path,
    ...(cachedData === undefined ? {} : { cachedData }),
  });
  const module = { exports: {} };
  const evaluate = script.runInThisContext() as Evaluate;
  evaluate.call(module.exports, module.exports, createRequire(place), module, place, dirname(place));
  const { generation, data } = known === undefined || script.cachedDataRejected === true ? NOTHING : known;
  if (compiled !== undefined && generation < GENERATIONS) {
    later(() => {
      const present = script.createCachedData();
      compiled.keep({ generation: generation + 1, data: present.length > data.length ? present : data });
    });
  }
  return module.exports;
}
