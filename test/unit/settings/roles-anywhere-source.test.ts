/** Owns the trials of the aws_roles_anywhere and credential_cache blocks. */
import assert from "node:assert/strict";
import { describe, it } from "mocha";
import { AdapterError } from "../../../utils/errors/adapter-error";
import { describeRoleChain } from "../../../utils/settings/describe-role-chain";
import { parseSettings } from "../../../utils/settings/parse-settings";
import { planRoleChain } from "../../../utils/settings/plan-role-chain";
import type { RolesAnywhereSource } from "../../../utils/types/role-chain";

const ARNS = {
  profile_arn: "arn:aws:rolesanywhere:eu-west-1:123456789012:profile/11111111-2222-3333-4444-555555555555",
  role_arn: "arn:aws:iam::123456789012:role/workload",
  trust_anchor_arn: "arn:aws:rolesanywhere:eu-west-1:123456789012:trust-anchor/66666666-7777-8888-9999-000000000000",
};
const KEY_TEXT = "-----BEGIN PRIVATE KEY-----s3cr3t";
const COMPLETE = { ...ARNS, session_name: "itential", certificate: "PEM", private_key: KEY_TEXT };
const properties = (block: object, more: object = {}, auth: object = {}) => ({
  authentication: { auth_method: "aws_authentication", aws_roles_anywhere: block, ...auth },
  ...more,
});
const parse = (given: unknown) => parseSettings("aws", given, {});

function source(block: object, more: object = {}): RolesAnywhereSource {
  const { credentialSource } = parse(properties(block, more));
  assert.ok(credentialSource?.type === "rolesAnywhere");
  return credentialSource;
}

describe("rolesAnywhereSource", () => {
  it("is one more source of the role chain, without a secret in it that prints", () => {
    const settings = parse(properties(COMPLETE, {}, { aws_iam_role: "arn:aws:iam::123456789012:role/global" }));
    const chain = planRoleChain(settings, {}, { kind: "plain", roleName: "arn:aws:iam::210987654321:role/task" });
    assert.deepEqual(describeRoleChain(chain), {
      source: "Adapter Role (IAM Roles Anywhere arn:aws:iam::123456789012:role/workload)",
      steps: [
        "AssumeRole arn:aws:iam::123456789012:role/global (aws_iam_role)",
        "AssumeRole arn:aws:iam::210987654321:role/task (roleName)",
      ],
    });
    assert.doesNotMatch(JSON.stringify([settings, chain]), /s3cr3t/);
  });

  it("refuses a step of over an hour: its session is a role's already", () => {
    const settings = parse(properties(COMPLETE));
    const stsParams = { RoleArn: "arn:aws:iam::210987654321:role/task", DurationSeconds: 7200 };
    assert.throws(
      () => planRoleChain(settings, {}, { kind: "STSRole", stsParams }),
      (error) => error instanceof AdapterError && error.code === "INVALID_ROLE_REQUEST" && /3600/.test(error.message),
    );
  });

  it("takes the region of the trust anchor, unless region and, before it, custom_region say otherwise", () => {
    assert.equal(source(COMPLETE).region, "eu-west-1");
    assert.equal(source({ ...COMPLETE, region: "us-west-2" }).region, "us-west-2");
    assert.equal(source({ ...COMPLETE, region: "us-west-2", custom_region: "us-east-2" }).region, "us-east-2");
  });

  it("warns of ARNs of another region, and leaves the refusal to AWS", () => {
    const { warnings } = parse(properties({ ...COMPLETE, region: "us-west-2" }));
    assert.equal(warnings.length, 2);
    assert.match(warnings[0] as string, /trust_anchor_arn is of region eu-west-1, .* asked for in us-west-2/);
    assert.deepEqual(parse(properties(COMPLETE)).warnings, []);
  });

  it("finds the endpoint of region, FIPS and dual stack, or takes the one that is given", () => {
    const fips = { use_fips_endpoint: true };
    const dualstack = { use_dualstack_endpoint: true };
    assert.equal(source(COMPLETE).url, "https://rolesanywhere.eu-west-1.amazonaws.com");
    assert.equal(source(COMPLETE, fips).url, "https://rolesanywhere-fips.eu-west-1.amazonaws.com");
    assert.equal(source(COMPLETE, dualstack).url, "https://rolesanywhere.eu-west-1.api.aws");
    assert.equal(source(COMPLETE, { ...fips, ...dualstack }).url, "https://rolesanywhere-fips.eu-west-1.api.aws");
    const china = { ...COMPLETE, custom_region: "cn-north-1" };
    assert.equal(source(china).url, "https://rolesanywhere.cn-north-1.amazonaws.com.cn");
    assert.equal(source({ ...COMPLETE, endpoint: "vpce-1.example" }).url, "https://vpce-1.example");
    assert.equal(source({ ...COMPLETE, endpoint: "http://127.0.0.1:9" }).url, "http://127.0.0.1:9");
  });

  it("goes the way of all calls: proxy and TLS of the service instance", () => {
    const reached = source(COMPLETE, {
      proxy: { enabled: true, host: "proxy.example", port: 3128, protocol: "http" },
      ssl: { enabled: true, ca_file: "/ca.pem" },
    });
    assert.equal(reached.proxy?.host, "proxy.example");
    assert.equal(reached.tls?.caFile, "/ca.pem");
  });

  it("asks for the session name unless the profile does not accept one", () => {
    assert.equal(source(COMPLETE).roleSessionName, "itential");
    assert.equal(source({ ...COMPLETE, send_session_name: false }).roleSessionName, undefined);
  });

  it("takes texts, files and bundles", () => {
    const files = { ...ARNS, session_name: "itential", certificate_file: "/c", private_key_file: "/k" };
    assert.deepEqual(source({ ...files, certificate_chain_file: "/ch" }).material, {
      form: "pem",
      certificate: { file: "/c" },
      privateKey: { file: "/k" },
      chain: { file: "/ch" },
    });
    const { material } = source({ ...ARNS, session_name: "itential", pkcs12_file: "/b.p12", passphrase: "s3cr3t" });
    assert.ok(material.form === "pkcs12" && "file" in material.bundle);
    assert.equal(material.passphrase?.reveal(), "s3cr3t");
  });

  it("counts a block of defaults as not configured", () => {
    const empty = Object.fromEntries(Object.keys(COMPLETE).map((name) => [name, ""]));
    const block = { ...empty, region: "us-east-1", duration_seconds: 3600, send_session_name: true };
    assert.equal(parse(properties(block)).credentialSource, undefined);
  });

  const mistakes: [name: string, block: object, property: string, text: RegExp][] = [
    ["no profile", { ...COMPLETE, profile_arn: "" }, "profile_arn", /nothing, expected the ARN of a profile/],
    ["a role where a profile belongs", { ...COMPLETE, profile_arn: ARNS.role_arn }, "profile_arn", /:profile\/id/],
    ["a profile where a role belongs", { ...COMPLETE, role_arn: ARNS.profile_arn }, "role_arn", /the ARN of a role/],
    ["no trust anchor", { ...COMPLETE, trust_anchor_arn: "" }, "trust_anchor_arn", /the ARN of a trust anchor/],
    [
      "spaces around an ARN",
      { ...COMPLETE, trust_anchor_arn: ` ${ARNS.trust_anchor_arn}` },
      "trust_anchor_arn",
      /spaces/,
    ],
    ["no session name", { ...COMPLETE, session_name: "" }, "session_name", /nothing, expected a name/],
    ["an illegal session name", { ...COMPLETE, session_name: "a b" }, "session_name", /2 to 64/],
    ["a region in capitals", { ...COMPLETE, custom_region: "US-EAST-2" }, "custom_region", /lower case with dashes/],
    ["a region with underscores", { ...COMPLETE, region: "us_east_2" }, "region", /lower case with dashes/],
    ["a region that is none", { ...COMPLETE, custom_region: "mars-north-1" }, "custom_region", /a region of AWS/],
    ["a session too short", { ...COMPLETE, duration_seconds: 899 }, "duration_seconds", /900 to 43200/],
    ["a session too long", { ...COMPLETE, duration_seconds: 43_201 }, "duration_seconds", /900 to 43200/],
    ["no certificate", { ...COMPLETE, certificate: "" }, "certificate", /nothing, expected a certificate/],
    ["no private key", { ...COMPLETE, private_key: "" }, "private_key", /nothing, expected the private key/],
    ["text and file", { ...COMPLETE, private_key_file: "/k" }, "private_key", /both private_key and private_key_file/],
    ["a bundle beside a certificate", { ...COMPLETE, pkcs12_file: "/b" }, "pkcs12", /must not be a guess/],
    ["an endpoint with a path", { ...COMPLETE, endpoint: "https://h/p" }, "endpoint", /a host name/],
  ];
  for (const [name, block, property, text] of mistakes) {
    it(`refuses ${name}, naming ${property}`, () => {
      assert.throws(
        () => parse(properties(block)),
        (error) => {
          assert.ok(error instanceof AdapterError && error.code === "INVALID_PROPERTIES");
          assert.equal(error.detail["property"], `authentication.aws_roles_anywhere.${property}`);
          assert.match(error.message, text);
          assert.doesNotMatch(JSON.stringify([error, error.message]), /s3cr3t/);
          return true;
        },
      );
    });
  }
});

describe("credentialCacheOf", () => {
  const cache = (block: object) =>
    parse({ authentication: { auth_method: "aws_authentication" }, credential_cache: block }).credentialCache;
  const first = "0123456789abcdef0123456789abcdef";
  const second = "fedcba9876543210fedcba9876543210";

  it("keeps sessions in memory unless told otherwise", () => {
    assert.deepEqual(cache({}), { maxChains: 10_000 });
  });

  it("takes one key or several", () => {
    const { store } = cache({ type: "file", folder: "/var/cache/aws", key: [first, second] });
    assert.ok(store?.type === "file");
    assert.deepEqual([store.folder, store.keys.map((key) => key.reveal())], ["/var/cache/aws", [first, second]]);
    assert.deepEqual(cache({ type: "file", folder: "/f", key: first }).store?.keys.length, 1);
  });

  for (const [name, block, property] of [
    ["files without a folder", { type: "file", key: first }, "folder"],
    ["files without a key", { type: "file", folder: "/f" }, "key"],
    ["a key that can be guessed", { type: "file", folder: "/f", key: [first, "hunter2"] }, "key"],
  ] as const) {
    it(`refuses ${name}`, () => {
      assert.throws(
        () => cache(block),
        (error) => {
          assert.ok(error instanceof AdapterError && error.code === "INVALID_PROPERTIES");
          assert.equal(error.detail["property"], `credential_cache.${property}`);
          assert.doesNotMatch(error.message, /hunter2/);
          return true;
        },
      );
    });
  }
});
