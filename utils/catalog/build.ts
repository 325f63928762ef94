/** Owns `npm run build`: makes dist/, the adapter directory that a platform imports and that is published. */
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { bundleCode, codeOf } from "./bundle-code";
import { bundledFiles } from "./bundled-packages";
import { projectFolder } from "./catalog-paths";
import { compileSources } from "./compile-sources";

const distFolder = join(projectFolder, "dist");
const compiledFolder = join(projectFolder, ".cache", "compiled");
const stampFile = join(projectFolder, ".cache", "build.stamp");
const CLI = "utils/cli/main.js";
/** What is started from outside; everything else is in their bundles. */
const ENTRIES = ["adapter.js", CLI];

/** What an installed adapter has beside its code. */
const COPIED = [
  "pronghorn.json",
  "propertiesSchema.json",
  "serviceInstanceSchema.json",
  "pronghornSchemas",
  "error.json",
  "sampleProperties.json",
  "entities",
  "README.md",
  "CHANGELOG.md",
  "LICENSE",
];
/** For people who read entities/ in the repository; the adapter never opens it. */
const LEFT_OUT = /^entities\/[^/]+\/documentation\.json$/;

function filesOf(folder: string): readonly string[] {
  if (!existsSync(folder)) return [];
  if (!statSync(folder).isDirectory()) return [folder];
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true });
  return entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
}

function writeIfChanged(path: string, content: Buffer): void {
  if (existsSync(path) && readFileSync(path).equals(content)) return;
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, content);
}

/** What the compiler's output depends on, with size and time: the same text means the same output. */
function stamp(): string {
  const utilities = readdirSync(join(projectFolder, "utils")).filter((folder) => folder !== "catalog");
  const inputs = [
    // How it is bundled, and what is bundled with it.
    join(projectFolder, "utils", "catalog", "build.ts"),
    join(projectFolder, "utils", "catalog", "bundle-code.ts"),
    join(projectFolder, "utils", "catalog", "compile-sources.ts"),
    join(projectFolder, "node_modules", ".package-lock.json"),
    ...utilities.flatMap((folder) => filesOf(join(projectFolder, "utils", folder))),
    ...readdirSync(projectFolder)
      .filter((name) => /\.(?:ts|json)$/.test(name))
      .map((name) => join(projectFolder, name)),
  ];
  const lines = inputs.sort().map((path) => {
    const { size, mtimeMs } = statSync(path);
    return `${relative(projectFolder, path)} ${size} ${mtimeMs}`;
  });
  return lines.join("\n");
}

/** Writes the declarations and bundles the code, unless the last time saw the very same files. */
async function compile(): Promise<void> {
  const current = stamp();
  const built = existsSync(join(distFolder, "adapter.js")) && existsSync(join(distFolder, CLI));
  if (built && existsSync(stampFile) && readFileSync(stampFile, "utf8") === current) return;
  rmSync(stampFile, { force: true });
  compileSources();
  for (const entry of ENTRIES) await bundleCode(compiledFolder, distFolder, entry);
  writeFileSync(stampFile, current);
}

/** @returns paths from dist/ of the files that were copied */
function copy(): readonly string[] {
  const missing = COPIED.filter((name) => !existsSync(join(projectFolder, name)));
  if (missing.length > 0) throw new Error(`dist/ would lack ${missing.join(", ")}.`);
  const sources = COPIED.flatMap((name) => filesOf(join(projectFolder, name)));
  const own = sources.map((source) => relative(projectFolder, source)).filter((path) => !LEFT_OUT.test(path));
  const paths = [...own, ...bundledFiles()];
  for (const path of paths) writeIfChanged(join(distFolder, path), readFileSync(join(projectFolder, path)));
  return paths;
}

function manifest(): Buffer {
  const { name, version, description, license, engines, dependencies } = JSON.parse(
    readFileSync(join(projectFolder, "package.json"), "utf8"),
  ) as Record<string, unknown>;
  const published = {
    name,
    version,
    description,
    license,
    main: "adapter.js",
    types: "adapter.d.ts",
    bin: { "adapter-aws": CLI },
    engines,
    // Not what V8 made of the code on the machine that packs it.
    files: ["*.js", "*.d.ts", "code/**/*.js", "utils", ...COPIED],
    dependencies,
    bundleDependencies: Object.keys(dependencies as object),
  };
  return Buffer.from(`${JSON.stringify(published, null, 2)}\n`);
}

const isCompiled = (path: string): boolean =>
  path.endsWith(".d.ts")
    ? existsSync(join(projectFolder, `${path.slice(0, -".d.ts".length)}.ts`))
    : ENTRIES.includes(path) || ENTRIES.map(codeOf).includes(path);

/** Removes what an earlier build left behind and this one did not make. */
function removeLeftovers(copied: readonly string[]): void {
  const kept = new Set(["package.json", ...copied]);
  for (const file of filesOf(distFolder)) {
    const path = relative(distFolder, file);
    if (!kept.has(path) && !isCompiled(path)) rmSync(file);
  }
}

async function main(): Promise<void> {
  await compile();
  const copied = copy();
  writeIfChanged(join(distFolder, "package.json"), manifest());
  removeLeftovers(copied);
  chmodSync(join(distFolder, CLI), 0o755);
}

main().catch((error: unknown) => {
  console.error(`Build failed: ${(error as Error).message}`);
  process.exitCode = 1;
});
