/** Owns what a platform may rely on when it loads the adapter: files, class, methods, names of parameters. */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { EventEmitter } from "node:events";
import { existsSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";
import { pathToFileURL } from "node:url";
import { codeOf } from "../../utils/catalog/bundle-code";
import {
  adapterClass,
  distFolder,
  distJson,
  type Method,
  platformFunctions,
  platformMethods,
  pronghorn,
  properties,
  quiet,
} from "./loaded-adapter";

/** Names between the first parentheses of a function's text. */
const parameterNames = (method: Method): string[] => {
  const list = /^[^(]*\(([^)]*)\)/.exec(Function.prototype.toString.call(method))?.[1] ?? "";
  return list.split(",").flatMap((name) => (name.trim() === "" ? [] : [name.trim().toLowerCase()]));
};

/** Every function that the class or its parents up to EventEmitter define. */
function classFunctions(prototype: object): string[] {
  const names: string[] = [];
  for (let at = prototype; at !== EventEmitter.prototype; at = Object.getPrototypeOf(at) as object) {
    for (const [name, { value }] of Object.entries(Object.getOwnPropertyDescriptors(at))) {
      if (typeof value === "function" && name !== "constructor") names.push(name);
    }
  }
  return names.sort();
}

describe("contract: loading", () => {
  it("dist/ imports nothing dynamically, which code that V8 kept of an earlier process cannot", () => {
    const found = [codeOf("adapter.js"), codeOf("utils/cli/main.js")].filter((file) =>
      /\bimport\(/.test(readFileSync(join(distFolder, file), "latin1")),
    );
    assert.deepEqual(found, []);
  });

  it("dist/ has everything that an adapter's folder has", () => {
    const names = ["adapter.js", "adapter.d.ts", "pronghorn.json", "propertiesSchema.json", "pronghornSchemas"];
    names.push(
      "serviceInstanceSchema.json",
      "error.json",
      "sampleProperties.json",
      "entities",
      "utils",
      "package.json",
      "README.md",
      "CHANGELOG.md",
    );
    assert.deepEqual(
      names.filter((name) => !existsSync(join(distFolder, name))),
      [],
    );
    const { name, main, bin, dependencies, scripts, devDependencies } =
      distJson<Record<string, unknown>>("package.json");
    assert.deepEqual([name, main, scripts, devDependencies], ["adapter-aws", "adapter.js", undefined, undefined]);
    assert.equal(typeof dependencies, "object");
    assert.ok(Object.values(bin as object).every((path) => existsSync(join(distFolder, path as string))));
  });

  it("pronghorn.json names the source and the class that it exports", () => {
    const { id, type, src, export: exported, roles } = pronghorn();
    assert.deepEqual(
      [id, type, src, exported, roles],
      ["adapter-aws", "Adapter", "adapter.js", "AwsAdapter", ["admin"]],
    );
    assert.equal(adapterClass().name, exported);
    assert.ok(adapterClass().prototype instanceof EventEmitter);
  });

  it("is the same class by import", async () => {
    const loaded = (await import(pathToFileURL(join(distFolder, "adapter.js")).href)) as { default: unknown };
    assert.equal(loaded.default, adapterClass());
  });

  it("methods of the class and of pronghorn.json are the same, in both directions", () => {
    const listed = pronghorn().methods.map(({ name }) => name);
    assert.equal(new Set(listed).size, listed.length);
    const functions = classFunctions(adapterClass().prototype as object);
    assert.deepEqual(functions, [...listed, ...platformFunctions].sort());
  });

  it("says so itself", () => {
    const adapter = new (adapterClass())("id", properties, quiet);
    const listed = pronghorn()
      .methods.map(({ name }) => name)
      .sort();
    const workflow = adapter["iapGetAdapterWorkflowFunctions"] as Method;
    assert.deepEqual(workflow.call(adapter), listed);
    assert.deepEqual(
      workflow.call(adapter, ["awsRequest"]),
      listed.filter((name) => name !== "awsRequest"),
    );
    assert.deepEqual((adapter["getAllFunctions"] as Method).call(adapter), [...listed, ...platformFunctions].sort());
  });

  it("parameters have the names that pronghorn.json lists, then a callback", () => {
    const prototype = adapterClass().prototype as unknown as Record<string, Method>;
    const wrong = pronghorn().methods.filter(({ name, input }) => {
      const expected = [...input.map((parameter) => parameter.name.toLowerCase()), "callback"];
      return parameterNames(prototype[name] as Method).join() !== expected.join();
    });
    assert.deepEqual(
      wrong.map(({ name }) => name),
      [],
    );
  });

  it("every method has what the platform reads", () => {
    const wrong = pronghorn().methods.filter(
      ({ name, summary, description, input, output, roles, route, task }) =>
        !(
          /^[a-z][A-Za-z0-9]+$/.test(name) &&
          summary &&
          description &&
          roles.length > 0 &&
          route.verb === "POST" &&
          route.path === `/${name}` &&
          task === true &&
          output.schema &&
          input.every(({ info, type, required, schema }) => info && type && typeof required === "boolean" && schema)
        ),
    );
    assert.deepEqual(
      wrong.map(({ name }) => name),
      [],
    );
  });

  it("there are two methods for each operation of each service that is enabled, and a folder for the others too", () => {
    const index =
      distJson<Record<string, { prefix: string; reach: string; operations: string[] }>>("entities/index.json");
    const expected = Object.entries(index).flatMap(([service, { prefix, reach, operations }]) => {
      for (const file of ["action.json", "schema.json", "endpoint.json"]) {
        assert.ok(existsSync(join(distFolder, "entities", service, file)), `${service}/${file}`);
      }
      if (reach !== "methods") return [];
      return operations.flatMap((operation) => [`${prefix}${operation}`, `${prefix}${operation}STSRole`]);
    });
    const listed = pronghorn().methods.map(({ name }) => name);
    const own = new Set(platformMethods);
    assert.deepEqual(listed.filter((name) => !own.has(name)).sort(), expected.sort());
  });

  it("does not hold the simulator, the catalog or the command line", () => {
    const sources = [
      ...readFileSync(join(distFolder, "code", "adapter.js"), "utf8").matchAll(/^\s*\/\/ (utils\/\w+)\/.*\.js$/gm),
    ];
    const folders = new Set(sources.map(([, folder]) => folder));
    assert.ok(folders.has("utils/client") && folders.has("utils/platform"));
    assert.deepEqual(
      ["utils/simulator", "utils/catalog", "utils/cli"].filter((folder) => folders.has(folder)),
      [],
    );
  });

  it("is loaded by itself: every package waits until somebody needs it", () => {
    const print = "require('./adapter.js'); process.stdout.write(JSON.stringify(Object.keys(require.cache)))";
    const loaded = JSON.parse(execFileSync(process.execPath, ["-e", print], { cwd: distFolder, encoding: "utf8" }));
    assert.deepEqual((loaded as string[]).map((path) => relative(distFolder, path)).sort(), [
      "adapter.js",
      join("entities", "index.json"),
    ]);
  });
});
