/** IAM Roles Anywhere as an operator meets it when it works: chains, many calls, rotated files, passing faults. */
import assert from "node:assert/strict";
import { createPrivateKey } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, request as httpRequest } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { issueCertificate } from "../../../utils/simulator/issue-certificate";
import { type Simulator, startSimulator } from "../../../utils/simulator/simulator";
import { simulatedRoleArn } from "../../../utils/simulator/simulator-service-instance";
import { rsaKey } from "../../support/rsa-key";
import { connectionTrials, DAY_MS, PROFILE, SESSION } from "./connection-trials";
import { adapter, callerArn, properties, workloadBlock } from "./world";

describe("cases: IAM Roles Anywhere", () => {
  const { open, refusal, sessions, ...trials } = connectionTrials();
  let simulator: Simulator;
  before(() => {
    simulator = trials.simulator();
  });
  const folder = mkdtempSync(join(tmpdir(), "roles-anywhere-"));
  after(() => rmSync(folder, { recursive: true }));

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
      const issued = issueCertificate({ commonName: "rsa workload", issuer: authority, key: rsaKey() });
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
});
