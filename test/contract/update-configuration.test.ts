/** Owns the attempts to break an installed adapter by iapUpdateAdapterConfiguration: nothing wrong is ever written. */
import assert from "node:assert/strict";
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import {
  adapterClass,
  distFolder,
  distJson,
  type LoadedAdapter,
  type Method,
  properties,
  quiet,
} from "./loaded-adapter";

type Plain = Record<string, unknown>;
const FILES = ["pronghorn.json", "propertiesSchema.json", "error.json", "sampleProperties.json", "package.json"];

describe("contract: iapUpdateAdapterConfiguration", () => {
  let folder: string;
  let outside: string;
  let adapter: LoadedAdapter;
  const at = (...names: string[]) => join(folder, ...names);
  const ask = (...given: unknown[]) => (adapter["iapUpdateAdapterConfiguration"] as Method).call(adapter, ...given);
  const refused = (given: readonly unknown[], reason = /./) =>
    assert.rejects(ask(...given) as Promise<unknown>, (error: Plain) => {
      assert.match(String(error["icode"]), /^AD\.3/, JSON.stringify(given));
      assert.match((error["IAPerror"] as { displayString: string }).displayString, reason);
      return true;
    });
  /** Every file of a folder with its text, and no other file. */
  const picture = (root: string): Plain =>
    Object.fromEntries(
      readdirSync(root, { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile())
        .map((entry) => join(entry.parentPath, entry.name))
        .map((path) => [path, readFileSync(path, "latin1")]),
    );

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "adapter-aws-"));
    outside = mkdtempSync(join(tmpdir(), "outside-"));
    for (const name of FILES) cpSync(join(distFolder, name), at(name));
    mkdirSync(at("entities"));
    cpSync(join(distFolder, "entities", "sqs"), at("entities", "sqs"), { recursive: true });
    const { sqs } = distJson<Plain>(join("entities", "index.json"));
    writeFileSync(at("entities", "index.json"), JSON.stringify({ sqs }));
    adapter = new (adapterClass())("id", { ...properties, stub: true }, { ...quiet, adapterFolder: folder });
  });
  afterEach(() => {
    rmSync(folder, { recursive: true });
    rmSync(outside, { recursive: true });
  });

  it("refuses what leads out of the adapter's folder, by name", async () => {
    const before = picture(folder);
    const names = ["..", ".", "../x", "/etc/passwd", "sqs/../sqs", "sqs\0", "C:\\x", "%2e%2e", "sqs ", "\n", "~"];
    for (const name of names) {
      await refused(["action.json", { documentation: "x" }, name, "action", "AddPermission"]);
      await refused([name, { a: 1 }]);
      await refused([name, { a: 1 }, "sqs", "mock"]);
    }
    await refused(["adapter.js", { a: 1 }]);
    await refused(["error.json", { a: 1 }]);
    assert.deepEqual(picture(folder), before);
  });

  it("refuses what leads out of it by links, folders and files, also where the link leads to nothing", async () => {
    cpSync(at("entities", "sqs"), join(outside, "sqs"), { recursive: true });
    const untouched = picture(outside);
    symlinkSync(join(outside, "sqs"), at("entities", "linked"));
    await refused(["action.json", { documentation: "x" }, "linked", "action", "AddPermission"], /outside/);
    for (const name of ["package.json", join("entities", "sqs", "schema.json")]) {
      renameSync(at(name), join(outside, "moved.json"));
      symlinkSync(join(outside, "moved.json"), at(name));
      const given =
        name === "package.json" ? [name, { keywords: [] }] : ["schema.json", { New: [3, 0, [], []] }, "sqs"];
      await refused([...given, "schema"].slice(0, name === "package.json" ? 2 : 4), /outside/);
      rmSync(at(name));
      renameSync(join(outside, "moved.json"), at(name));
    }
    symlinkSync(join(outside, "nothing"), at("entities", "sqs", "mockdata"));
    await refused(["GetQueueUrl.json", { QueueUrl: "x" }, "sqs", "mock"]);
    assert.deepEqual(picture(outside), untouched);
  });

  it("refuses entities that the readers could not work with", async () => {
    const before = picture(folder);
    const action = (changes: Plain) => refused(["action.json", changes, "sqs", "action", "GetQueueUrl"]);
    await action({ input: "NoSuchShape" });
    await action({ output: 99 });
    await action({ method: 7 });
    await action({ path: "no-slash" });
    await action({ path: "/{NoSuchMember}" });
    await action({ pagination: { inputToken: "NoSuchMember", outputToken: "x" } });
    await action({ streamingOutput: "NoSuchMember" });
    await refused(["action.json", { documentation: "alone" }, "sqs", "action", "GetQueueUrl", true]);
    const schema = (changes: Plain) => refused(["schema.json", changes, "sqs", "schema"]);
    await schema({ GetQueueUrlRequest: null });
    await schema({ GetQueueUrlRequest: [3, 0, ["A"], []] });
    await schema({ GetQueueUrlRequest: [3, 0, ["A"], [0], 2] });
    await schema({ GetQueueUrlRequest: [3, 0, ["A"], ["NoSuchShape"]] });
    await schema({ GetQueueUrlRequest: [3, 0, ["A"], [[["A", 0], 0]]] });
    await schema({ GetQueueUrlRequest: [3, 0, [1], [0]] });
    await schema({ New: [9, 0, 0] });
    await schema({ New: { a: 1 } });
    await schema({ New: 0 });
    await schema({ 'a": 1,\n"b': [3, 0, [], []] });
    await schema(JSON.parse('{ "__proto__": [3, 0, [], []] }') as Plain);
    assert.deepEqual(picture(folder), before);
    assert.deepEqual((adapter["checkActionFiles"] as Method).call(adapter), []);
  });

  it("refuses a package, a schema and samples that the adapter would not start with", async () => {
    const before = picture(folder);
    for (const changes of [
      { name: "other" },
      { scripts: { postinstall: "x" } },
      { dependencies: { x: "1.0.0" } },
      { bin: "x" },
    ]) {
      await refused(["package.json", changes], new RegExp(Object.keys(changes)[0] as string));
    }
    await refused(["package.json", { only: 1 }, undefined, undefined, undefined, true]);
    const schema = (changes: Plain, reason: RegExp, replace = false) =>
      refused(["propertiesSchema.json", changes, undefined, undefined, undefined, replace], reason);
    await schema({ type: "nonsense" }, /schema/);
    await schema({ type: "object" }, /lost its default/, true);
    await schema({ properties: { request: { properties: { attempt_timeout: { default: "x" } } } } }, /attempt_timeout/);
    await schema({ properties: { stub: { enum: [false] } } }, /stub/);
    const sample = (changes: Plain) => refused(["sampleProperties.json", changes]);
    await sample({ properties: { port: "x" } });
    await sample({ properties: { authentication: { aws_access_key: "AKIAIOSFODNN7EXAMPLE" } } });
    await sample({ properties: { authentication: { auth_method: "basic" } } });
    assert.deepEqual(picture(folder), before);
  });

  it("writes what is right, whole, and leaves nothing beside it", async () => {
    await ask("package.json", { keywords: ["aws"], description: "Ours" });
    assert.deepEqual(JSON.parse(readFileSync(at("package.json"), "utf8")).keywords, ["aws"]);
    await ask("propertiesSchema.json", { properties: { ours: { type: "string", default: "", description: "Ours." } } });
    await ask("sampleProperties.json", { properties: { region: "eu-west-1" } });
    await ask("schema.json", { GetQueueUrlResult: [3, 0, ["QueueUrl", "Extra"], [0, 0]] }, "sqs", "schema");
    const url = (adapter["sqsGetQueueUrl"] as Method).call(adapter, { QueueName: "q" }) as Promise<Plain>;
    assert.deepEqual(Object.keys((await url)["response"] as Plain), ["QueueUrl", "Extra"]);
    const names = readdirSync(folder, { recursive: true }) as string[];
    assert.deepEqual(
      names.filter((name) => /\.(?:part|lock)$/.test(name)),
      [],
    );
  });

  it("loses none of many changes at once; waits for nobody who holds the file, but for one who is gone", async () => {
    const operations = Object.keys(
      (JSON.parse(readFileSync(at("entities", "sqs", "action.json"), "utf8")) as { operations: Plain }).operations,
    );
    const change = (name: string) => ask("action.json", { documentation: `Ours: ${name}.` }, "sqs", "action", name);
    await Promise.all(operations.map(change));
    const after = JSON.parse(readFileSync(at("entities", "sqs", "action.json"), "utf8")) as {
      operations: Record<string, { documentation: string }>;
    };
    for (const name of operations) assert.equal(after.operations[name]?.documentation, `Ours: ${name}.`);
    const lock = at("entities", "sqs", ".action.json.lock");
    writeFileSync(lock, "");
    const before = picture(folder);
    await refused(["action.json", { documentation: "x" }, "sqs", "action", "GetQueueUrl"], /try again/);
    assert.deepEqual(picture(folder), before);
    utimesSync(lock, new Date(0), new Date(0));
    await change("GetQueueUrl");
    assert.equal(existsSync(lock), false);
  });

  it("whatever is asked for: answered or refused, and the entity works", async () => {
    const path = at("entities", "sqs", "schema.json");
    const reference = fc.oneof(fc.constantFrom(0, 1, 2, 4, 21, 64, 99, "GetQueueUrlRequest", "Nothing"), fc.anything());
    const shape = fc.oneof(
      fc.tuple(fc.constantFrom(0, 1, 2, 3, -3, 4, 5), fc.constantFrom(0, {}), reference, reference),
      fc.tuple(
        fc.constant(3),
        fc.constant(0),
        fc.array(fc.string(), { maxLength: 2 }),
        fc.array(reference, { maxLength: 2 }),
      ),
      fc.constant(null),
      fc.anything(),
    );
    const name = fc.oneof(
      fc.constantFrom("GetQueueUrlRequest", "GetQueueUrlResult", "New"),
      fc.string({ maxLength: 5 }),
    );
    const property = fc.asyncProperty(
      fc.dictionary(name, shape, { maxKeys: 2 }),
      fc.boolean(),
      async (changes, how) => {
        const before = readFileSync(path, "utf8");
        const written = await (ask("schema.json", changes, "sqs", "schema", undefined, how) as Promise<unknown>).then(
          () => true,
          () => false,
        );
        const after = readFileSync(path, "utf8");
        if (!written) assert.equal(after, before);
        JSON.parse(after);
        assert.deepEqual((adapter["checkActionFiles"] as Method).call(adapter), []);
        for (const method of ["sqsGetQueueUrl", "sqsSendMessage"]) {
          const answered = await ((adapter[method] as Method).call(adapter, {}) as Promise<Plain>);
          assert.equal(answered["icode"], "AD.200");
        }
      },
    );
    await fc.assert(property, { numRuns: 150 });
  });
});
