/** IAM Roles Anywhere as an operator meets it when it fails: every wrong field of the connection says what is wrong. */
import assert from "node:assert/strict";
import { issueCertificate } from "../../../utils/simulator/issue-certificate";
import type { Simulator } from "../../../utils/simulator/simulator";
import { simulatedRoleArn } from "../../../utils/simulator/simulator-service-instance";
import { connectionTrials, DAY_MS, PROFILE } from "./connection-trials";
import { callerArn, workloadBlock } from "./world";

const ANCHOR = "arn:aws:rolesanywhere:us-east-1:123456789012:trust-anchor/";

describe("cases: IAM Roles Anywhere refuses", () => {
  const { open, refusal, sessions, ...trials } = connectionTrials();
  let simulator: Simulator;
  before(() => {
    simulator = trials.simulator();
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

  it("calls nobody else when the certificate fails, although the environment has keys", async () => {
    const block = workloadBlock(simulator, { certificate_chain: "" });
    const environment = { AWS_ACCESS_KEY_ID: "AKIAOTHER", AWS_SECRET_ACCESS_KEY: "other" };
    const one = open(block, {}, {}, environment);
    await assert.rejects(() => callerArn(one), /Untrusted signing certificate/);
    assert.deepEqual(Object.keys(simulator.counts()), ["rolesanywhere.CreateSession"]);
  });
});
