/** Owns what a start must not load: each of these takes a millisecond or two, and comes with a single careless mention. */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { distFolder, pronghorn } from "./loaded-adapter";

const spared = [
  "https",
  "tls",
  "zlib",
  "perf_hooks",
  "fs/promises",
  "readline",
  "internal/fs/streams",
  "internal/crypto/webcrypto",
];

const LIST = 'process.stdout.write(process.moduleLoadList.join("\\n"))';
const bare = `require("node:http"); require("node:crypto"); ${LIST}`;
const start = `
  const Adapter = require(${JSON.stringify(join(distFolder, pronghorn().src))});
  const authentication = { auth_method: "aws_authentication", aws_access_key: "A", aws_secret_key: "b" };
  const adapter = new Adapter("id", { protocol: "http", healthcheck: { type: "none" }, authentication });
  if (typeof adapter.ec2DescribeInstances !== "function") throw new Error("there are no methods");
  adapter.connect().then(() => ${LIST});
`;

/** Modules of Node.js that a process has loaded at the end of `script`. */
function loadedBy(script: string): Set<string> {
  const environment = { ...process.env, NODE_OPTIONS: "" };
  const output = execFileSync(process.execPath, ["-e", script], { encoding: "utf8", env: environment });
  return new Set(output.split("\n").map((name) => name.replace("NativeModule ", "")));
}

describe("contract: start", () => {
  it("loads none of the modules of Node.js that a first call can do without", () => {
    const [loaded, anyway] = [loadedBy(start), loadedBy(bare)];
    assert.ok(loaded.has("http") && anyway.has("http"), "these are lists of modules");
    assert.deepEqual(
      spared.filter((name) => loaded.has(name) && !anyway.has(name)),
      [],
    );
  });
});
