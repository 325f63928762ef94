/**
 * Owns the bundling of the code that is published: one file for the platform and one for the command line. Finding and
 * opening two hundred files takes longer than all else of a cold start.
 */
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { builtinModules } from "node:module";
import { dirname, join, relative } from "node:path";
import { type BuildOptions, build, type Plugin } from "esbuild";
import { projectFolder } from "./catalog-paths";

/** Packages that every call and every role need. What only some need stays a package, and is loaded on first use. */
const INLINED: ReadonlySet<string> = new Set([
  "@aws-sdk/checksums",
  "@aws-sdk/client-sts",
  "@aws-sdk/core",
  "@aws-sdk/credential-provider-env",
  "@aws-sdk/credential-provider-node",
  "@aws-sdk/signature-v4-multi-region",
  "@aws-sdk/types",
  "@aws-sdk/xml-builder",
  "@aws/lambda-invoke-store",
  "@smithy/core",
  "@smithy/node-http-handler",
  "@smithy/signature-v4",
  "@smithy/types",
]);

/** Read at run time, where it can be regenerated without a build. */
const ENTITY_INDEX = "entities/index.json";
const builtins: ReadonlySet<string> = new Set(builtinModules);

/** Modules of Node.js that a call may do without, and that take up to two milliseconds each. */
const LATE_BUILTINS: ReadonlySet<string> = new Set(
  ["dns/promises", "fs/promises", "https", "timers/promises", "tls", "zlib"].map((name) => `node:${name}`),
);
const LATE = "late";

/** Whether a function may stand for `member` of the module, which is no class and has nothing but what it does. */
const isPlainFunction = (name: string, member: unknown): boolean =>
  typeof member === "function" &&
  /^[a-z]/.test(name) &&
  Reflect.ownKeys(member).every((key) => key === "length" || key === "name" || key === "prototype");

/**
 * JavaScript of a module that stands for one of Node.js, and loads it when the first of its functions is called, or
 * another of its members is asked for: who takes functions out of it at once has not called them yet.
 */
const lateModule = (name: string): string =>
  [
    `let loaded; const load = () => (loaded ??= require("${name}"));`,
    "Object.defineProperties(exports, {",
    ...Object.entries(require(name) as object).map(([member, value]) =>
      isPlainFunction(member, value)
        ? `${member}: { value: (...given) => load().${member}(...given), enumerable: true },`
        : `${member}: { get: () => load().${member}, enumerable: true },`,
    ),
    "});",
  ].join("\n");

const packageName = (path: string): string =>
  path
    .split("/")
    .slice(0, path.startsWith("@") ? 2 : 1)
    .join("/");

/**
 * @param compiledFolder - what the compiler wrote; JSON stays where the sources are
 * @param toRoot - the way from the bundle's folder to the adapter's folder
 */
function resolution(compiledFolder: string, toRoot: string): Plugin {
  return {
    name: "adapter-aws",
    setup(bundler) {
      bundler.onResolve({ filter: /\/entities\/index\.json$/ }, () => ({
        path: `${toRoot}/${ENTITY_INDEX}`,
        external: true,
      }));
      bundler.onResolve({ filter: /^\..*\.json$/ }, ({ path, resolveDir }) => {
        const named = join(resolveDir, path);
        const isOurs = !relative(compiledFolder, named).startsWith("..");
        return { path: isOurs ? join(projectFolder, relative(compiledFolder, named)) : named };
      });
      bundler.onResolve({ filter: /^[^./]/ }, ({ path, resolveDir, pluginData }) => {
        if (pluginData === "resolved") return undefined;
        if (pluginData !== LATE && LATE_BUILTINS.has(path)) return { path, namespace: LATE };
        if (path.startsWith("node:") || builtins.has(path)) return { path, external: true };
        if (!INLINED.has(packageName(path))) return { path, external: true };
        // As `require` finds it: the build for `import` of the same package would be a second copy of it.
        return bundler.resolve(path, { kind: "require-call", resolveDir, pluginData: "resolved" });
      });
      bundler.onLoad({ filter: /./, namespace: LATE }, ({ path }) => ({
        contents: lateModule(path),
        pluginData: LATE,
      }));
    },
  };
}

/** Where the code itself is: in an adapter's folder, and in what the loader is told. */
export const codeOf = (entry: string): string => join("code", entry);

const COMMON: BuildOptions = {
  bundle: true,
  platform: "node",
  format: "cjs",
  target: "node20.19",
  // What Node itself would load, not the builds for bundlers.
  conditions: [],
  mainFields: ["main"],
  // The loader reads it as Latin-1, which takes a third of the time.
  charset: "ascii",
  legalComments: "inline",
  logLevel: "warning",
};

/**
 * Bundles what the compiler wrote, and not the sources: each module then keeps a scope of its own, and with it the names
 * of its class and its parameters, which the platform reads. The entry itself becomes a loader, see utils/loader.
 * @param compiledFolder - of the compiler's JavaScript
 * @param folder - the adapter's folder that is built
 * @param entry - JavaScript file, from either folder
 * @throws Error when a file or a package cannot be found
 */
export async function bundleCode(compiledFolder: string, folder: string, entry: string): Promise<void> {
  const code = join(folder, codeOf(entry));
  const plugins = [resolution(compiledFolder, relative(dirname(entry), ".") || ".")];
  const write = (outfile: string, contents: string, options: BuildOptions): Promise<unknown> =>
    build({
      ...COMMON,
      absWorkingDir: compiledFolder,
      stdin: { contents, resolveDir: compiledFolder, sourcefile: "entry.js" },
      outfile,
      plugins,
      ...options,
    });
  // Not the entry itself: what is required keeps its own scope, too. Not minified: an operator reads a stack.
  await write(code, `module.exports = require("./${entry}");`, {
    // Streams of browsers: no code here makes one, and to look whether there are any loads them.
    define: { ReadableStream: "undefined" },
    // Code that V8 takes from an earlier process has lost who would answer an `import()`; `require` reads such modules, too.
    supported: { "dynamic-import": false },
    // Wrapped here, not by the loader, which would need a second copy of the text for it.
    banner: { js: "(function (exports, require, module, __filename, __dirname) {" },
    footer: { js: "})" },
  });
  const digest = createHash("sha256").update(readFileSync(code)).digest("hex");
  const place = `require("node:path").join(__dirname, ${JSON.stringify(relative(dirname(entry), codeOf(entry)))})`;
  await write(
    join(folder, entry),
    `module.exports = require("./utils/loader/load-code").loadCode(__filename, ${place}, "${digest}");`,
    { banner: entry.endsWith("main.js") ? { js: "#!/usr/bin/env node" } : {} },
  );
}
