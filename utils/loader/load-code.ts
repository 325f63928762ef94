/**
 * Owns the loading of bundled code, as `require` would, but with what V8 compiled in an earlier process: compiling takes
 * as long as all else of a cold start.
 */
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname } from "node:path";
import { constants, Script } from "node:vm";
import { CompiledCode } from "./compiled-code";

/** Until then, a process that stays has compiled what it needs. */
const KEEP_AFTER_MS = 1000;

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
  const cachedData = compiled?.read();
  const script = new Script(readFileSync(path, "latin1"), {
    filename: path,
    importModuleDynamically: constants.USE_MAIN_CONTEXT_DEFAULT_LOADER,
    ...(cachedData === undefined ? {} : { cachedData }),
  });
  const module = { exports: {} };
  const evaluate = script.runInThisContext() as Evaluate;
  evaluate.call(module.exports, module.exports, createRequire(place), module, place, dirname(place));
  if (compiled !== undefined && (cachedData === undefined || script.cachedDataRejected === true)) {
    later(() => compiled.keep(script.createCachedData()));
  }
  return module.exports;
}
