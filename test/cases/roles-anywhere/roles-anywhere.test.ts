/** IAM Roles Anywhere as an operator meets it: it works, and every wrong field of the connection says what is wrong. */
import assert from "node:assert/strict";
import { createPrivateKey } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, request as httpRequest } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { AdapterError } from "../../../utils/errors/adapter-error";
import { defaultWorld } from "../../../utils/simulator/default-world";
import { issueCertificate } from "../../../utils/simulator/issue-certificate";
import { type Simulator, startSimulator } from "../../../utils/simulator/simulator";
import { simulatedRoleArn } from "../../../utils/simulator/simulator-service-instance";
import { type Adapter, adapter, callerArn, properties, workloadBlock } from "./world";

const SESSION = "arn:aws:sts::123456789012:assumed-role/workload/itential";
const ANCHOR = "arn:aws:rolesanywhere:us-east-1:123456789012:trust-anchor/";
const PROFILE = "arn:aws:rolesanywhere:us-east-1:123456789012:profile/";
const DAY_MS = 86_400_000;

describe("cases: IAM Roles Anywhere", () => {
  let simulator: Simulator;
  const opened: Adapter[] = [];
  const folder = mkdtempSync(join(tmpdir(), "roles-anywhere-"));

  before(async () => {
    const world = defaultWorld();
    const [profile] = world.rolesAnywhereProfiles ?? [];
    const [anchor] = world.trustAnchors ?? [];
    assert.ok(profile !== undefined && anchor !== undefined);
    simulator = await startSimulator({
      world: {
        ...world,
        rolesAnywhereProfiles: [
          profile,
          { ...profile, id: "no-names", acceptsRoleSessionName: false },
          { ...profile, id: "switched-off", status: "disabled" },
          { ...profile, id: "no-roles", roleArns: [] },
        ],
        trustAnchors: [anchor, { ...anchor, id: "switched-off", status: "disabled" }],
      },
    });
  });
  after(async () => {
    rmSync(folder, { recursive: true });
    await simulator.close();
  });
  beforeEach(() => simulator.clearRequests());
  afterEach(() => {
    simulator.faults.clear();
    for (const { runtime } of opened.splice(0)) runtime.close();
  });

  const open = (block: object, more: object = {}, auth: object = {}): Adapter => {
    const one = adapter(properties(simulator, block, more, auth));
    opened.push(one);
    return one;
  };
  const refusal = async (block: object, more: object = {}): Promise<{ error: AdapterError; log: string[] }> => {
    const one = open(block, more);
    try {
      await callerArn(one);
    } catch (error) {
      assert.ok(error instanceof AdapterError, String(error));
      const { private_key } = block as { private_key?: string };
      const printed = JSON.stringify([error, error.message, error.recommendation, error.rawResponse, one.log]);
      assert.doesNotMatch(printed, /PRIVATE KEY/);
      if (private_key) assert.equal(printed.includes(private_key.split("\n")[1] as string), false);
      return { error, log: one.log };
    }
    return assert.fail("accepted");
  };
  const sessions = (): number => simulator.counts()["rolesanywhere.CreateSession"] ?? 0;

  it("acts as the role that the certificate opens", async () => {
    assert.equal(await callerArn(open(workloadBlock(simulator))), SESSION);
    assert.equal(sessions(), 1);
  });

  it("goes on: Roles Anywhere → global → task", async () => {
    const one = open(workloadBlock(simulator), {}, { aws_iam_role: simulatedRoleArn(simulator.world, "adapter") });
    assert.match(await callerArn(one), /assumed-role\/adapter\//);
    const task = simulatedRoleArn(simulator.world, "task-reader");
    assert.match(await callerArn(one, task), /assumed-role\/task-reader\//);
    assert.equal(simulator.counts()["sts.AssumeRole"], 2);
    assert.equal(sessions(), 1);
  });

  it("opens one session for 500 calls from a cold start", async () => {
    const one = open(workloadBlock(simulator), { request: { attempt_timeout: 20_000 } });
    const arns = await Promise.all(Array.from({ length: 500 }, () => callerArn(one)));
    assert.deepEqual(new Set(arns), new Set([SESSION]));
    assert.equal(sessions(), 1);
  });

  it("uses RSA keys and bundles of text alike", async () => {
    const authority = issueCertificate({ commonName: "own root", authority: "ca", key: "rsa-2048" });
    const own = await startSimulator({
      world: {
        ...simulator.world,
        trustAnchors: simulator.world.trustAnchors!.map((one) => ({ ...one, certificates: [authority.pem] })),
      },
    });
    try {
      const issued = issueCertificate({ commonName: "rsa workload", issuer: authority, key: "rsa-2048" });
      const block = {
        ...workloadBlock(own),
        certificate: issued.pem,
        private_key: issued.keyPem,
        certificate_chain: "",
      };
      const one = adapter(properties(own, block));
      assert.equal(await callerArn(one), SESSION);
      one.runtime.close();
    } finally {
      await own.close();
    }
  });

  it("reads rotated files without a restart", async () => {
    const [certificateFile, keyFile] = [join(folder, "client.pem"), join(folder, "client.key")];
    const block = workloadBlock(simulator);
    const write = (commonName: string): void => {
      const fresh = simulator.workloadCertificate(commonName);
      writeFileSync(certificateFile, `${fresh.certificate}${fresh.chain}`);
      writeFileSync(keyFile, fresh.privateKey);
    };
    const files = {
      certificate: "",
      private_key: "",
      certificate_chain: "",
      certificate_file: certificateFile,
      private_key_file: keyFile,
    };
    write("first");
    const one = open({ ...block, ...files, send_session_name: false });
    const first = await callerArn(one);
    const chain = one.runtime.plan({ kind: "plain" });
    const provider = one.runtime.identity(chain);
    write("second");
    provider.invalidate(await provider.resolve());
    assert.equal(await callerArn(one), first, "the serial number names the session, and did not change");
    assert.equal(sessions(), 2);
  });

  it("names the session by the certificate where the profile takes no name", async () => {
    const block = workloadBlock(simulator, { profile_arn: `${PROFILE}no-names`, send_session_name: false });
    assert.equal(await callerArn(open(block)), "arn:aws:sts::123456789012:assumed-role/workload/0a1b2c3d4e5f");
  });

  it("warns once of a certificate that is about to expire", async () => {
    const authority = issueCertificate({ commonName: "own root", authority: "ca" });
    const issued = issueCertificate({
      commonName: "soon over",
      issuer: authority,
      notAfterMs: Date.now() + 10 * DAY_MS,
    });
    const block = { ...workloadBlock(simulator), certificate: issued.pem, private_key: issued.keyPem };
    const { log } = await refusal(block);
    assert.equal(log.filter((line) => /\(CN=soon over\) expires in 9 days/.test(line)).length, 1);
  });

  const refusals: [name: string, change: () => object, words: RegExp, advice: RegExp][] = [
    [
      "a profile that does not exist",
      () => ({ profile_arn: `${PROFILE}gone` }),
      /CreateSession was refused: ResourceNotFoundException: Profile not found\./,
      /Check profile_arn/,
    ],
    [
      "a trust anchor that does not exist",
      () => ({ trust_anchor_arn: `${ANCHOR}gone` }),
      /ResourceNotFoundException: Trust anchor not found\./,
      /trust_anchor_arn/,
    ],
    [
      "a region that is not the trust anchor's",
      () => ({ custom_region: "eu-west-1" }),
      /ResourceNotFoundException: Trust anchor not found\./,
      /eu-west-1 was asked/,
    ],
    [
      "a role that the profile does not list",
      () => ({ role_arn: simulatedRoleArn(simulator.world, "task-reader") }),
      /AccessDeniedException: Unable to assume role for arn:aws:iam::123456789012:role\/task-reader\./,
      /rolesanywhere\.amazonaws\.com/,
    ],
    [
      "a profile without roles",
      () => ({ profile_arn: `${PROFILE}no-roles` }),
      /Unable to assume role/,
      /the profile .*no-roles must list the role/,
    ],
    [
      "a profile that is disabled",
      () => ({ profile_arn: `${PROFILE}switched-off` }),
      /AccessDeniedException: Profile is disabled\./,
      /Enable the profile/,
    ],
    [
      "a trust anchor that is disabled",
      () => ({ trust_anchor_arn: `${ANCHOR}switched-off` }),
      /Trust anchor is disabled\./,
      /Enable the profile/,
    ],
    [
      "a profile that takes no session name",
      () => ({ profile_arn: `${PROFILE}no-names` }),
      /AccessDeniedException: Not authorized to set roleSessionName\./,
      /send_session_name to false/,
    ],
    [
      "a chain without its intermediate",
      () => ({ certificate_chain: "" }),
      /AccessDeniedException: Untrusted signing certificate\./,
      /no intermediates were sent: set aws_roles_anywhere\.certificate_chain/,
    ],
    [
      "a certificate of another authority",
      () => {
        const stranger = issueCertificate({ commonName: "stranger" });
        return { certificate: stranger.pem, private_key: stranger.keyPem };
      },
      /Untrusted signing certificate/,
      /issued by CN=stranger/,
    ],
  ];
  for (const [name, change, words, advice] of refusals) {
    it(`passes on what the service says of ${name}`, async () => {
      const { error } = await refusal(workloadBlock(simulator, change()));
      assert.equal(error.code, "CREDENTIAL_SOURCE_FAILED");
      assert.match(
        error.message,
        /^The credentials of Adapter Role \(IAM Roles Anywhere arn:aws:iam::123456789012:role\//,
      );
      assert.match(error.message, words);
      assert.match(error.recommendation, advice);
      assert.equal(error.aws?.service, "rolesanywhere");
      assert.equal(error.aws?.operation, "CreateSession");
      assert.ok(error.aws?.requestId);
      assert.equal(sessions(), 1, "a refusal is not repeated");
    });
  }

  it("says before any call that certificate and key do not match", async () => {
    const { privateKey } = simulator.workloadCertificate("another");
    const { error } = await refusal(workloadBlock(simulator, { private_key: privateKey }));
    assert.match(error.message, /certificate and private key do not match/);
    assert.equal(simulator.requests.length, 0);
  });

  it("says before any call that a certificate is over", async () => {
    const old = issueCertificate({
      commonName: "old",
      notBeforeMs: Date.now() - 9 * DAY_MS,
      notAfterMs: Date.now() - DAY_MS,
    });
    const { error } = await refusal(workloadBlock(simulator, { certificate: old.pem, private_key: old.keyPem }));
    assert.match(error.message, /expired on/);
    assert.equal(simulator.requests.length, 0);
  });

  it("opens an encrypted key with its passphrase, and says when that is wrong", async () => {
    const block = workloadBlock(simulator);
    const key = createPrivateKey(block["private_key"] as string);
    const cipher = { cipher: "aes-256-cbc", passphrase: "correct horse" } as const;
    const private_key = key.export({ type: "pkcs8", format: "pem", ...cipher }).toString();
    assert.equal(await callerArn(open({ ...block, private_key, passphrase: "correct horse" })), SESSION);
    const { error, log } = await refusal({ ...block, private_key, passphrase: "battery staple" });
    assert.match(error.message, /private_key cannot be decrypted with the passphrase/);
    assert.doesNotMatch(JSON.stringify([error.message, error.recommendation, log]), /staple/);
  });

  it("waits out throttling, and passes it on when it stays", async () => {
    simulator.faults.set("rolesanywhere", { kind: "throttle", times: 1 });
    assert.equal(await callerArn(open(workloadBlock(simulator))), SESSION);
    assert.equal(sessions(), 2);
    simulator.faults.set("rolesanywhere", { kind: "throttle" });
    const { error } = await refusal(workloadBlock(simulator));
    assert.match(error.message, /ThrottlingException: Rate exceeded/);
    assert.match(error.recommendation, /ten CreateSession a second in us-east-1/);
  });

  it("corrects a clock that is off, once", async () => {
    simulator.faults.set("rolesanywhere", { kind: "skewed-clock", seconds: 3600 });
    const one = open(workloadBlock(simulator));
    const provider = one.runtime.identity(one.runtime.plan({ kind: "plain" }));
    await provider.resolve({ timeoutMs: 5000 });
    assert.equal(sessions(), 2);
  });

  it("names Roles Anywhere when it does not answer, within the limit", async () => {
    simulator.faults.set("rolesanywhere", { kind: "silent" });
    const started = Date.now();
    const { error } = await refusal(workloadBlock(simulator), {
      request: { attempt_timeout: 1000, number_retries: 0 },
    });
    assert.equal(error.code, "TIMEOUT");
    assert.match(error.message, /Roles Anywhere/);
    assert.ok(Date.now() - started < 3000);
  });

  it("says that something else answered", async () => {
    simulator.faults.set("rolesanywhere", { kind: "html-502" });
    const { error } = await refusal(workloadBlock(simulator));
    assert.match(error.message, /HTTP 502, and not from IAM Roles Anywhere/);
  });

  it("goes through the proxy of the service instance", async () => {
    const targets: string[] = [];
    const proxy = createServer((request, response) => {
      targets.push(`${request.method} ${request.url}`);
      const url = new URL(request.url ?? "");
      const onward = httpRequest(url, { method: request.method, headers: request.headers }, (answer) => {
        response.writeHead(answer.statusCode ?? 500, answer.headers);
        answer.pipe(response);
      });
      request.pipe(onward);
    });
    await new Promise<void>((resolve) => proxy.listen(0, "127.0.0.1", resolve));
    try {
      const { port } = proxy.address() as AddressInfo;
      const one = open(workloadBlock(simulator), {
        proxy: { enabled: true, host: "127.0.0.1", port, protocol: "http" },
      });
      await one.runtime.identity(one.runtime.plan({ kind: "plain" })).resolve({ timeoutMs: 5000 });
      assert.deepEqual(targets, [`POST ${simulator.url}/sessions`]);
    } finally {
      proxy.closeAllConnections();
      proxy.close();
    }
  });

  it("calls nobody else when the certificate fails, although the environment has keys", async () => {
    const block = workloadBlock(simulator, { certificate_chain: "" });
    const environment = { AWS_ACCESS_KEY_ID: "AKIAOTHER", AWS_SECRET_ACCESS_KEY: "other" };
    const one = adapter(properties(simulator, block), environment);
    opened.push(one);
    await assert.rejects(() => callerArn(one), /Untrusted signing certificate/);
    assert.deepEqual(Object.keys(simulator.counts()), ["rolesanywhere.CreateSession"]);
  });
});
