/**
 * Owns the bundling of the code that is published: one file for the platform and one for the command line. Finding and
 * opening two hundred files takes longer than all else of a cold start.
 */
import { builtinModules } from "node:module";
import { dirname, join, relative } from "node:path";
import { build, type Plugin } from "esbuild";
import { projectFolder } from "./catalog-paths";

/** Packages that every call needs. What only some need stays a package, and is loaded on first use. */
const INLINED: ReadonlySet<string> = new Set([
  "@aws-sdk/checksums",
  "@aws-sdk/core",
  "@aws-sdk/types",
  "@aws-sdk/xml-builder",
  "@aws/lambda-invoke-store",
  "@smithy/core",
  "@smithy/types",
]);

/** Read at run time, where it can be regenerated without a build. */
const ENTITY_INDEX = "entities/index.json";
const builtins: ReadonlySet<string> = new Set(builtinModules);

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
        if (path.startsWith("node:") || builtins.has(path)) return { path, external: true };
        if (!INLINED.has(packageName(path))) return { path, external: true };
        // As `require` finds it: the build for `import` of the same package would be a second copy of it.
        return bundler.resolve(path, { kind: "require-call", resolveDir, pluginData: "resolved" });
      });
    },
  };
}

/**
 * Bundles what the compiler wrote, and not the sources: each module then keeps a scope of its own, and with it the names
 * of its class and its parameters, which the platform reads.
 * @param compiledFolder - of the compiler's JavaScript
 * @param folder - the adapter's folder that is built
 * @param entry - JavaScript file, from either folder
 * @throws Error when a file or a package cannot be found
 */
export async function bundleCode(compiledFolder: string, folder: string, entry: string): Promise<void> {
  const outfile = join(folder, entry);
  await build({
    absWorkingDir: compiledFolder,
    // Not the entry itself: what is required keeps its own scope, too.
    stdin: { contents: `module.exports = require("./${entry}");`, resolveDir: compiledFolder, sourcefile: "entry.js" },
    outfile,
    bundle: true,
    platform: "node",
    format: "cjs",
    target: "node20.19",
    // What Node itself would load, not the builds for bundlers.
    conditions: [],
    mainFields: ["main"],
    // Not minified: an operator reads names and lines of it in a stack.
    banner: entry.endsWith("main.js") ? { js: "#!/usr/bin/env node" } : {},
    legalComments: "inline",
    logLevel: "warning",
    plugins: [resolution(compiledFolder, relative(dirname(outfile), folder) || ".")],
  });
}
