/** Owns the proof that the simulator serves clients that are not ours: botocore signs, writes and reads everything here. */
import { strict as assert } from "node:assert";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { type Simulator, startSimulator } from "../../utils/simulator/simulator";
import { userKey } from "../../utils/simulator/simulator-service-instance";
import { need, pythonWith } from "../support/needs";

interface Seen {
  readonly identities: readonly string[];
  readonly objects: { readonly damaged: readonly string[]; readonly listed: readonly string[]; readonly size: number };
  readonly instances: { readonly found: readonly string[]; readonly ended: string; readonly launched: string };
  readonly json: { readonly secret: string; readonly items: readonly string[]; readonly message: string };
  readonly refusals: Readonly<Record<string, readonly [code: string, status: number] | null>>;
}

const nastyKeys = [
  "plain.txt",
  "a b",
  "a+b",
  "a//b",
  "/leading",
  "trailing/",
  "ü/日本/é",
  "it's(1)*!",
  "%2B",
  "a%2Fb",
  "~._-",
  "a=b&c?d#e;f,g",
  "tab\tnew\nline",
  "\u0001control",
  'x<&>"',
  " ",
  "x/../y",
  "./z",
];

async function askBotocore(simulator: Simulator): Promise<Seen> {
  const { accessKeyId, secretAccessKey } = userKey(simulator.world, "pod");
  const child = spawn("python3", [join(__dirname, "world", "simulator_client.py")], {
    stdio: ["pipe", "pipe", "pipe"],
  });
  const output: Buffer[] = [];
  const complaints: Buffer[] = [];
  child.stdout.on("data", (chunk: Buffer) => output.push(chunk));
  child.stderr.on("data", (chunk: Buffer) => complaints.push(chunk));
  child.stdin.end(
    JSON.stringify({
      url: simulator.url,
      access_key_id: accessKeyId,
      secret_access_key: secretAccessKey,
      keys: nastyKeys,
    }),
  );
  const [code] = (await once(child, "close")) as [number | null];
  assert.equal(code, 0, Buffer.concat(complaints).toString("utf8"));
  return JSON.parse(Buffer.concat(output).toString("utf8")) as Seen;
}

describe("interop: the simulator, called by botocore", () => {
  let simulator: Simulator | undefined;
  let seen: Seen;
  need(pythonWith("botocore"));
  before(async () => {
    simulator = await startSimulator();
    seen = await askBotocore(simulator);
  });
  after(() => simulator?.close());

  it("knows a user and a role's session", () => {
    assert.deepEqual(seen.identities, [
      "arn:aws:iam::123456789012:user/pod",
      "arn:aws:sts::123456789012:assumed-role/task-writer/botocore",
    ]);
  });

  it("keeps S3 keys to the byte, signed in a header or in a URL", () => {
    assert.deepEqual(seen.objects.damaged, []);
    const inByteOrder = [...nastyKeys].sort((left, right) => Buffer.compare(Buffer.from(left), Buffer.from(right)));
    assert.deepEqual(seen.objects.listed, inByteOrder);
    assert.equal(seen.objects.size, 5 * 1024 * 1024 + 3);
  });

  it("describes, runs and terminates instances", () => {
    assert.deepEqual(seen.instances, {
      found: ["i-0a1b2c3d4e5f60002", "i-0a1b2c3d4e5f60003"],
      ended: "shutting-down",
      launched: "2025-02-14T08:30:00+00:00",
    });
  });

  it("serves the JSON protocols, checksums included", () => {
    assert.deepEqual(seen.json, { secret: "00ff", items: ["edge-1", "edge-2"], message: "héllo" });
  });

  it("refuses with codes and statuses that botocore reads", () => {
    assert.deepEqual(seen.refusals, {
      sts: ["SignatureDoesNotMatch", 403],
      ec2: ["AuthFailure", 401],
      s3: ["SignatureDoesNotMatch", 403],
      dynamodb: ["InvalidSignatureException", 400],
      role: ["AccessDenied", 403],
      duration: ["ValidationError", 400],
      action: ["AccessDeniedException", 400],
    });
  });
});
