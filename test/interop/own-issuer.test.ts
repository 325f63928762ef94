/** Owns the judgement of our own issuer: joserfc verifies its tokens through what it publishes, and moto gives the role for them. */
import { strict as assert } from "node:assert";
import { execFile } from "node:child_process";
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { promisify } from "node:util";
import { need, pythonWith } from "../support/needs";
import { type WorkFolder, workFolder } from "../support/work-folder";
import { judgeByMoto } from "./judge";
import { bringOnline, type LoadedAdapter, serviceInstance } from "./platform";
import { askPython } from "./python";
import { type RecordingProxy, startRecordingProxy } from "./recording-proxy";

const commandLine = join(__dirname, "..", "..", "dist", "utils", "cli", "main.js");
const AUDIENCE = "sts.amazonaws.com";
const account = "123456789012";

interface Verdict {
  readonly header: { readonly kid: string; readonly alg: string };
  readonly claims: Readonly<Record<string, unknown>>;
}

describe("interop: an issuer of our own, judged by joserfc and by moto", () => {
  need(pythonWith("joserfc"));
  const moto = judgeByMoto();
  let folder: WorkFolder;
  let host: Server;
  let issuer: string;
  let sts: RecordingProxy;
  let adapters = 0;

  before(async () => {
    folder = workFolder();
    // Any host of files will do: this one stands for a bucket behind a name.
    host = createServer((request, response) => {
      readFile(join(folder.path, "published", request.url ?? "")).then(
        (content) => response.writeHead(200, { "content-type": "application/json" }).end(content),
        () => response.writeHead(404).end(),
      );
    }).listen(0, "127.0.0.1");
    await once(host, "listening");
    issuer = `http://127.0.0.1:${(host.address() as AddressInfo).port}`;
    sts = await startRecordingProxy(moto().port);
  });
  after(async () => {
    host?.close();
    await sts?.close();
    folder?.remove();
  });

  async function oidc<T>(...given: string[]): Promise<T> {
    const { stdout } = await promisify(execFile)(process.execPath, [commandLine, "oidc", ...given]);
    return JSON.parse(stdout) as T;
  }
  const keys = (): string => join(folder.path, "keys");
  const rotate = async (...more: string[]): Promise<string> =>
    (await oidc<{ made: string }>("keys", "rotate", "--keys", keys(), ...more)).made;
  const publish = () =>
    oidc("documents", "--issuer", issuer, "--keys", keys(), "--out", join(folder.path, "published"));

  function adapter(chain: "none" | "global", cache: string): Promise<LoadedAdapter> {
    const { port, world } = moto();
    const template = chain === "none" ? "environment" : "environment-and-global-role";
    const stsEndpoint = `http://127.0.0.1:${sts.port}`;
    const properties = serviceInstance(template, { port, stsEndpoint, globalRole: world.roles.global });
    (properties["authentication"] as Record<string, unknown>)["aws_web_identity"] = {
      issuer: { url: issuer, subject: "itential", key_folder: keys() },
      role_arn: world.roles.federated,
      session_name: "token-session",
      duration_seconds: 43_200,
    };
    adapters += 1;
    return bringOnline(`issuer-${adapters}`, { ...properties, credential_cache: { name: cache } });
  }

  /** moto demands a signature of every STS call while it enforces; AssumeRoleWithWebIdentity has none by design. */
  async function exchangedToken(cache: string): Promise<string> {
    sts.clear();
    await moto().setEnforcement("off");
    try {
      await (await adapter("none", cache)).answer("stsGetCallerIdentity", {});
    } finally {
      await moto().setEnforcement("on");
    }
    const [exchange] = sts.calls.filter(({ action }) => action === "AssumeRoleWithWebIdentity");
    assert.ok(exchange, "no token was exchanged");
    const form = new URLSearchParams(exchange.body.toString());
    assert.equal(form.get("DurationSeconds"), "43200");
    assert.equal(exchange.headers["authorization"], undefined);
    return form.get("WebIdentityToken") ?? "";
  }

  const verify = (token: string, audience = AUDIENCE) => askPython<Verdict>("verify_jwt.py", [issuer, audience], token);

  it("its token is accepted through the published documents, and opens the role at moto", async () => {
    const kid = await rotate();
    await publish();
    const token = await exchangedToken("issuer-es256");
    const { header, claims } = await verify(token);
    assert.deepEqual({ ...header, typ: "" }, { alg: "ES256", kid, typ: "" });
    assert.equal(claims["iss"], issuer);
    assert.equal(claims["sub"], "itential");
    assert.equal(claims["aud"], AUDIENCE);
    assert.equal(Number(claims["exp"]) - Number(claims["iat"]), 300);
    const { Arn } = await (await adapter("none", "issuer-es256")).answer("stsGetCallerIdentity", {});
    assert.equal(Arn, `arn:aws:sts::${account}:assumed-role/federated/token-session`);
  });

  it("the chain goes on from there, with IAM enforced", async () => {
    const { task, taskLast } = moto().world.roles;
    const session = { RoleSessionName: "workflow-7" };
    const loaded = await adapter("global", "issuer-es256");
    const asTask = await loaded.answer("stsGetCallerIdentitySTSRole", {}, { RoleArn: task, ...session }, null);
    assert.equal(asTask["Arn"], `arn:aws:sts::${account}:assumed-role/task/workflow-7`);
    const described = await loaded.answer("ec2DescribeRegionsSTSRole", {}, { RoleArn: task, ...session }, null);
    assert.ok(Array.isArray(described["Regions"]));
    const refusal = await (await adapter("none", "issuer-es256")).refusal(
      ...(["stsGetCallerIdentitySTSRole", {}, { RoleArn: taskLast, ...session }, null] as const),
    );
    assert.equal(refusal.aws?.code, "AccessDenied");
  });

  it("a verifier refuses what was changed, what is for somebody else, and what another key signed", async () => {
    const token = await exchangedToken("issuer-forged");
    const [head, body, signature] = token.split(".");
    const claims = JSON.parse(Buffer.from(body ?? "", "base64url").toString()) as object;
    const forged = Buffer.from(JSON.stringify({ ...claims, sub: "administrator" })).toString("base64url");
    await assert.rejects(verify(`${head}.${forged}.${signature}`), /BadSignature/);
    await assert.rejects(verify(token, "another-audience"), /InvalidClaim/);
    const unsigned = Buffer.from('{"alg":"none"}').toString("base64url");
    await assert.rejects(verify(`${unsigned}.${body}.`), /UnsupportedAlgorithm|not allowed|none/i);
  });

  it("keys change without a gap: RS256 follows ES256, and a retired key is refused", async () => {
    const old = await exchangedToken("issuer-old");
    const kid = await rotate("--alg", "RS256", "--signs-after", "0");
    await publish();
    const fresh = await exchangedToken("issuer-rs256");
    assert.deepEqual((await verify(fresh)).header, { alg: "RS256", kid, typ: "JWT" });
    const { header } = await verify(old);
    assert.equal(header.alg, "ES256");
    await oidc("keys", "retire", header.kid, "--keys", keys());
    await publish();
    await assert.rejects(verify(old));
    assert.equal((await verify(fresh)).header.kid, kid);
  });
});
