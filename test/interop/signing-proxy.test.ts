/** Owns the proof that AWS's own clients, with dummy keys, work through the signing proxy as the role that they select: judged by moto. */
import { strict as assert } from "node:assert";
import { type ChildProcess, execFile, spawn } from "node:child_process";
import { createHash, randomBytes } from "node:crypto";
import { once } from "node:events";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { need, programs } from "../support/needs";
import { type WorkFolder, workFolder } from "../support/work-folder";
import { judgeByMoto } from "./judge";

/** `PROXY_FULL_MB=100` sends as much as that; a tenth of it shows the same. */
const MEGABYTES = Number(process.env["PROXY_FULL_MB"] ?? 20);
const command = join(__dirname, "..", "..", "dist", "utils", "cli", "main.js");
const STORAGE = "AKIADUMMYFORROLEA";
const TABLES = "AKIADUMMYFORROLEB";
const NOBODY = "AKIADUMMYOFNOBODY";

interface RunningProxy {
  readonly url: string;
  readonly bundle: string;
  /** Ends it as an operator does. @returns what it says went through it, and all that it printed */
  stop(): Promise<{ figures: Record<string, unknown>; printed: string }>;
}

async function startProxy(
  config: string,
  parameters: readonly string[],
  variables: NodeJS.ProcessEnv,
): Promise<RunningProxy> {
  const environment = { PATH: process.env["PATH"], HOME: process.env["HOME"], ...variables };
  const child: ChildProcess = spawn(
    process.execPath,
    [command, "proxy", "--verbose", "--config", config, ...parameters],
    {
      stdio: ["ignore", "pipe", "pipe"],
      env: environment,
    },
  );
  const onExit = () => child.kill("SIGKILL");
  process.once("exit", onExit);
  let out = "";
  let err = "";
  child.stdout?.on("data", (part) => (out += part));
  child.stderr?.on("data", (part) => (err += part));
  while (!out.endsWith("}\n")) {
    if (child.exitCode !== null) throw new Error(`the proxy ended: ${err}`);
    await Promise.race([once(child.stdout as NodeJS.ReadableStream, "data"), once(child, "exit")]);
  }
  const started = JSON.parse(out) as { url: string; AWS_CA_BUNDLE: string };
  return {
    url: started.url,
    bundle: started.AWS_CA_BUNDLE,
    stop: async () => {
      process.removeListener("exit", onExit);
      if (child.exitCode === null) {
        child.kill("SIGTERM");
        await once(child, "exit");
      }
      assert.equal(child.exitCode, 0, err);
      const last = err.trimEnd().split("\n").at(-1) ?? "";
      return { figures: JSON.parse(last) as Record<string, unknown>, printed: out + err };
    },
  };
}

describe("interop: the signing proxy, judged by moto", function () {
  this.timeout(300_000);
  need(programs("aws", "python3"));
  const moto = judgeByMoto();
  let folder: WorkFolder;
  let config: string;
  let sent: Buffer;
  before(() => {
    folder = workFolder();
    const { world, url } = moto();
    const authentication = {
      auth_method: "aws_authentication",
      aws_access_key: world.users.adapter.accessKeyId,
      aws_secret_key: world.users.adapter.secretAccessKey,
      aws_sts: { region: "us-east-1", endpoint: url },
      credential_providers: [
        { name: "storage", access_key_id_selector: STORAGE, role_arn: world.roles.task },
        { name: "tables", access_key_id_selector: TABLES, role_arn: world.roles.taskLast },
      ],
    };
    const properties = { region: "us-east-1", request: { attempt_timeout: 30_000 }, authentication };
    config = folder.write("instance.json", JSON.stringify(properties));
    sent = randomBytes(MEGABYTES * 1024 * 1024);
    writeFileSync(join(folder.path, "sent"), sent);
  });
  after(() => folder?.remove());

  const upstreams = () =>
    ["s3", "ec2", "dynamodb", "sts"].flatMap((service) => ["--upstream", `${service}=${moto().url}`]);

  /** A program of AWS's with nothing but dummy keys. */
  async function run(program: string, parameters: readonly string[], selector: string, variables: NodeJS.ProcessEnv) {
    const env = {
      PATH: process.env["PATH"],
      HOME: folder.path,
      AWS_ACCESS_KEY_ID: selector,
      AWS_SECRET_ACCESS_KEY: "placeholder",
      AWS_DEFAULT_REGION: "us-east-1",
      AWS_EC2_METADATA_DISABLED: "true",
      AWS_MAX_ATTEMPTS: "1",
      ...variables,
    };
    return new Promise<{ out: string; err: string; code: number }>((resolve) => {
      const options = { env, cwd: folder.path, maxBuffer: 1024 * 1024 };
      execFile(program, parameters, options, (error, out, err) =>
        resolve({ out, err, code: error === null ? 0 : Number(error.code ?? 1) }),
      );
    });
  }

  const modes = {
    "as an endpoint URL": { bucket: "endpoint", parameters: [] as string[], endpoint: true },
    "as HTTPS_PROXY": { bucket: "tunnelled", parameters: ["--ca-folder", "ca"], endpoint: false },
  } as const;
  for (const [name, { bucket, parameters, endpoint }] of Object.entries(modes)) {
    it(`lets the AWS CLI and boto3 act as two roles, ${name}`, async () => {
      const own = parameters.map((parameter) => (parameter === "ca" ? join(folder.path, "ca") : parameter));
      const secret = "known to this test alone";
      const proxy = await startProxy(config, [...upstreams(), ...own, "--require-secret"], {
        ADAPTER_AWS_PROXY_SECRET: secret,
      });
      const variables: NodeJS.ProcessEnv = endpoint
        ? { AWS_ENDPOINT_URL: proxy.url, AWS_SESSION_TOKEN: secret }
        : {
            HTTPS_PROXY: proxy.url.replace("//", `//aws:${encodeURIComponent(secret)}@`),
            AWS_CA_BUNDLE: proxy.bundle,
            AWS_SESSION_TOKEN: "",
          };
      const aws = async (selector: string, ...given: readonly string[]) => {
        const { out, err, code } = await run("aws", given, selector, variables);
        if (code !== 0) throw new Error(err);
        return out;
      };
      const refused = async (selector: string, words: RegExp, ...given: readonly string[]) =>
        assert.match((await run("aws", given, selector, variables)).err, words);
      const identity = async (selector: string) =>
        (JSON.parse(await aws(selector, "sts", "get-caller-identity")) as { Arn: string }).Arn;
      const table = `table-${bucket}`;
      const copies = async () => {
        await aws(STORAGE, "s3", "mb", `s3://${bucket}`);
        await aws(STORAGE, "s3", "cp", "--no-progress", "sent", `s3://${bucket}/big`);
        await aws(STORAGE, "s3", "cp", "--no-progress", `s3://${bucket}/big`, `back-${bucket}`);
        const back = readFileSync(join(folder.path, `back-${bucket}`));
        const digest = (bytes: Buffer) => createHash("sha256").update(bytes).digest("hex");
        assert.equal(digest(back), digest(sent));
        assert.match(await aws(STORAGE, "s3", "ls", "--recursive", `s3://${bucket}`), new RegExp(`${sent.length} big`));
      };
      const tables = async () => {
        const key = [
          "--attribute-definitions",
          "AttributeName=k,AttributeType=S",
          "--key-schema",
          "AttributeName=k,KeyType=HASH",
        ];
        await aws(
          TABLES,
          "dynamodb",
          "create-table",
          "--table-name",
          table,
          ...key,
          "--billing-mode",
          "PAY_PER_REQUEST",
        );
        await aws(TABLES, "dynamodb", "put-item", "--table-name", table, "--item", '{"k":{"S":"ü"},"v":{"N":"42"}}');
        const got = await aws(TABLES, "dynamodb", "get-item", "--table-name", table, "--key", '{"k":{"S":"ü"}}');
        assert.equal((JSON.parse(got) as { Item: { v: { N: string } } }).Item.v.N, "42");
      };
      const rest = async () => {
        assert.match(await identity(STORAGE), /:assumed-role\/task\//);
        assert.match(await identity(TABLES), /:assumed-role\/task-last\//);
        assert.match(await aws(STORAGE, "ec2", "describe-instances"), /"Reservations"/);
        await refused(
          STORAGE,
          /assumed-role\/task\/.* is not authorized to perform: dynamodb:ListTables/,
          "dynamodb",
          "list-tables",
        );
        await refused(TABLES, /AccessDenied/, "s3", "ls");
        await refused(
          NOBODY,
          /\(InvalidAccessKeyId\) when calling the ListBuckets operation: .*AKIADUMMYOFNOBODY/,
          "s3",
          "ls",
        );
        await refused(
          NOBODY,
          /\(InvalidClientTokenId\) when calling the GetCallerIdentity/,
          "sts",
          "get-caller-identity",
        );
      };
      const script = join(__dirname, "world", "proxy_client.py");
      const boto = async () => {
        const target = endpoint ? proxy.url : "-";
        const { out, err, code } = await run("python3", [script, `boto-${bucket}`, target], STORAGE, variables);
        assert.equal(code, 0, err);
        const keys = ["bytes", "empty", "parts", "sha256", "stream"].map((key) => `dir/${key}`);
        const one = { checksum: ["ChecksumCRC32"], same: true };
        assert.deepEqual(JSON.parse(out), {
          ...{ bytes: one, stream: one, empty: one, parts: true, head: true, range: true, missing: "NoSuchKey" },
          listed: keys,
          ...(endpoint ? { presigned: true, presignedPut: 200 } : {}),
          payloads: endpoint ? ["hash"] : ["STREAMING-UNSIGNED-PAYLOAD-TRAILER", "hash"],
        });
      };
      let ended: Awaited<ReturnType<RunningProxy["stop"]>>;
      try {
        await Promise.all([copies(), tables(), rest(), boto()]);
      } finally {
        ended = await proxy.stop();
      }
      const { figures, printed } = ended;
      const { byProvider, refusals, inFlight, tunnels } = figures as Record<string, Record<string, number>>;
      assert.ok((byProvider?.["storage"] ?? 0) > 20 && (byProvider?.["tables"] ?? 0) >= 5, JSON.stringify(figures));
      assert.deepEqual([refusals, inFlight, tunnels], [{ "unknown-selector": 2 }, 0, 0]);
      assert.ok(!printed.includes(secret) && !printed.includes(moto().world.users.adapter.secretAccessKey), printed);
    });
  }
});
