/** Owns the trial of what is published: packed, installed into an empty folder without a registry, loaded, online. */
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { createRequire } from "node:module";
import { join, relative } from "node:path";
import { promisify } from "node:util";
import { type Simulator, startSimulator } from "../../utils/simulator/simulator";
import { simulatorServiceInstance } from "../../utils/simulator/simulator-service-instance";
import { type WorkFolder, workFolder } from "../support/work-folder";

const run = promisify(execFile);
const project = join(__dirname, "..", "..");
const LIMIT_BYTES = 40_000_000;

/** No setting of this process's npm, no registry, no cache: what is not in the tarball is not there. */
const bare = (folder: WorkFolder): NodeJS.ProcessEnv => ({
  PATH: process.env["PATH"],
  HOME: folder.path,
  npm_config_cache: join(folder.path, "cache"),
  npm_config_registry: "http://127.0.0.1:1/",
  npm_config_offline: "true",
});

const filesBelow = (root: string): string[] =>
  readdirSync(root, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));

/** Loads the adapter in one of the two ways, goes online, makes one call, and prints what came of it. */
const goOnline = (load: string): string => `
  const properties = JSON.parse(process.env.PROPERTIES);
  const silent = Object.fromEntries(["spam", "trace", "debug", "info", "warn", "error"].map((level) => [level, () => {}]));
  globalThis.log = silent;
  ${load}
  const events = [];
  const adapter = new AwsAdapter("packed", properties);
  for (const name of ["ONLINE", "OFFLINE", "DEGRADED", "FIXED"]) adapter.on(name, () => events.push(name));
  await adapter.connect();
  const { icode, response } = await adapter.s3ListBuckets({});
  console.log(JSON.stringify({ class: AwsAdapter.name, events, icode, buckets: response.Buckets.length }));
  process.exit(0);
`;

describe("interop: the package", function () {
  this.timeout(180_000);
  let simulator: Simulator;
  let folder: WorkFolder;
  let installed: string;

  before(async () => {
    simulator = await startSimulator();
    folder = workFolder();
    const options = { cwd: folder.path, env: bare(folder) };
    const packed = await run("npm", ["pack", join(project, "dist"), "--json"], options);
    const [{ filename, files }] = JSON.parse(packed.stdout) as [{ filename: string; files: { path: string }[] }];
    const paths = files.map(({ path }) => path);
    assert.ok(paths.includes("code/adapter.js"));
    assert.deepEqual(
      paths.filter((path) => path.includes(".compiled")),
      [],
    );
    folder.write("package.json", '{ "name": "consumer", "version": "1.0.0", "private": true }');
    await run("npm", ["install", `./${filename}`], options);
    installed = join(folder.path, "node_modules", "adapter-aws");
  });
  after(async () => {
    await simulator.close();
    folder.remove();
  });

  const child = async (name: string, load: string): Promise<unknown> => {
    const env = { ...bare(folder), PROPERTIES: JSON.stringify(simulatorServiceInstance(simulator)) };
    const { stdout } = await run(process.execPath, [folder.write(name, goOnline(load))], { cwd: folder.path, env });
    return JSON.parse(stdout);
  };
  const ONLINE = { class: "AwsAdapter", events: ["OFFLINE", "FIXED", "ONLINE"], icode: "AD.200", buckets: 2 };

  it("goes online and calls, loaded by require", async () => {
    const load = 'const { createRequire } = await import("node:module");';
    assert.deepEqual(
      await child("require.mjs", `${load} const AwsAdapter = createRequire(import.meta.url)("adapter-aws");`),
      ONLINE,
    );
  });

  it("goes online and calls, loaded by import", async () => {
    assert.deepEqual(await child("import.mjs", 'const { default: AwsAdapter } = await import("adapter-aws");'), ONLINE);
  });

  it("keeps what V8 compiled of it, for the next start", () => {
    const kept = filesBelow(join(installed, "code", ".compiled"));
    assert.deepEqual(
      kept.map((path) => relative(installed, path)),
      [join("code", ".compiled", `adapter.js-${process.version}-${process.arch}.bin`)],
    );
  });

  it("its program answers", async () => {
    const program = join(folder.path, "node_modules", ".bin", "adapter-aws");
    const { stdout } = await run(program, ["--help"], { cwd: folder.path, env: bare(folder) });
    assert.match(stdout, /Usage: adapter-aws/);
  });

  it("every dependency loads from inside it, and every file that its code asks for is there", () => {
    const { dependencies } = JSON.parse(readFileSync(join(installed, "package.json"), "utf8")) as {
      dependencies: Record<string, string>;
    };
    const inside = createRequire(join(installed, "adapter.js"));
    for (const name of Object.keys(dependencies)) {
      const path = inside.resolve(name);
      assert.ok(path.startsWith(installed), path);
      inside(path);
    }
    const code = filesBelow(join(installed, "node_modules")).filter((path) => /\.[cm]?js$/.test(path));
    assert.ok(code.length > 100);
    const missing = code.flatMap((path) => {
      const asked = readFileSync(path, "utf8").matchAll(/(?:require\(|from )\s*["'](\.{1,2}\/[^"'\n]+)["']/g);
      return [...asked].flatMap(([, name]) => {
        try {
          createRequire(path).resolve(name as string);
          return [];
        } catch {
          return [`${relative(installed, path)}: ${name}`];
        }
      });
    });
    assert.deepEqual(missing, []);
  });

  it("every package in it keeps its licence", () => {
    const manifests = filesBelow(join(installed, "node_modules")).filter((path) =>
      /node_modules\/(?:@[^/]+\/)?[^/]+\/package\.json$/.test(path),
    );
    const sources = manifests.map((path) => relative(installed, join(path, "..")));
    assert.ok(sources.length > 50);
    const legal = (root: string) => readdirSync(root).filter((name) => /^(?:licen[cs]e|notice)/i.test(name));
    for (const source of sources) {
      assert.deepEqual(legal(join(installed, source)), legal(join(project, source)), source);
    }
  });

  it("takes less than 40 MB of disk", () => {
    const bytes = filesBelow(join(folder.path, "node_modules")).reduce((sum, path) => {
      const { blocks } = statSync(path);
      return sum + blocks * 512;
    }, 0);
    assert.ok(bytes < LIMIT_BYTES, `${(bytes / 1e6).toFixed(1)} MB`);
  });

  it("carries the types that its types speak of", () => {
    const seen = new Set<string>();
    const unknown: string[] = [];
    const follow = (path: string): void => {
      if (seen.has(path)) return;
      seen.add(path);
      for (const [, name = ""] of readFileSync(path, "utf8").matchAll(/(?:from |import\()"([^"]+)"/g)) {
        if (name.startsWith("node:")) continue;
        if (name.startsWith(".")) {
          follow(`${join(path, "..", name)}.d.ts`);
        } else {
          const root = join(installed, "node_modules", name);
          const { types = "" } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as { types?: string };
          if (types === "" || !existsSync(join(root, types))) unknown.push(`${relative(installed, path)}: ${name}`);
        }
      }
    };
    follow(join(installed, "adapter.d.ts"));
    assert.ok(seen.size > 10);
    assert.deepEqual(unknown, []);
  });

  it("carries types that a strict compiler accepts", async () => {
    folder.write(
      "use.ts",
      `import AwsAdapter = require("adapter-aws");
const adapter: AwsAdapter = new AwsAdapter("id", { region: "us-east-1" });
adapter.on("ONLINE", ({ id }: { id: string }) => console.log(id));
const connected: Promise<void> = adapter.connect();
const names: readonly string[] = adapter.getAllFunctions();
// @ts-expect-error a service instance has an id that is text
new AwsAdapter(7, {});
export = { connected, names };
`,
    );
    const compilerOptions = {
      module: "node20",
      moduleResolution: "node16",
      target: "es2023",
      strict: true,
      noEmit: true,
      lib: ["es2023"],
      skipLibCheck: true,
      types: ["node"],
      typeRoots: [join(project, "node_modules", "@types")],
    };
    folder.write("tsconfig.json", JSON.stringify({ compilerOptions, files: ["use.ts"] }));
    const compiler = require.resolve("typescript/bin/tsc");
    const { stdout } = await run(process.execPath, [compiler, "-p", folder.path]).catch(
      (error: { stdout: string }) => error,
    );
    assert.equal(stdout, "");
  });
});
