/** Owns the trials of named credential providers: unique, complete, chosen by name or by selector, nobody else's. */
import assert from "node:assert/strict";
import { describe, it } from "mocha";
import { AdapterError } from "../../../utils/errors/adapter-error";
import { parseSettings } from "../../../utils/settings/parse-settings";
import { planRoleChain } from "../../../utils/settings/plan-role-chain";
import { selectCredentialProvider } from "../../../utils/settings/select-credential-provider";

const role = "arn:aws:iam::123456789012:role/storage";
const keys = { aws_access_key: "AKIASTORAGEEXAMPLE01", aws_secret_key: "storageSecretKeyOfNobody" };
const settingsWith = (...credential_providers: object[]) =>
  parseSettings(
    "aws",
    { region: "us-east-1", authentication: { auth_method: "aws_authentication", credential_providers } },
    { HOME: "/home/adapter" },
  );

function refusal(...providers: object[]): AdapterError {
  try {
    settingsWith(...providers);
  } catch (error) {
    assert.ok(error instanceof AdapterError);
    assert.equal(error.code, "INVALID_PROPERTIES");
    assert.doesNotMatch(error.message, /OfNobody/);
    return error;
  }
  return assert.fail("it was accepted");
}

describe("credential_providers", () => {
  it("are chosen by selector, exactly as it is written", () => {
    const settings = settingsWith(
      { name: "storage", access_key_id_selector: "AKIADUMMYFORROLEA", ...keys },
      { name: "tables", access_key_id_selector: "AKIADUMMYFORROLEB", role_arn: role },
      { name: "by name only", ...keys },
    );
    assert.equal(selectCredentialProvider(settings, "AKIADUMMYFORROLEA"), "storage");
    assert.equal(selectCredentialProvider(settings, "AKIADUMMYFORROLEB"), "tables");
    assert.equal(selectCredentialProvider(settings, "akiadummyforrolea"), undefined);
    assert.equal(selectCredentialProvider(settings, "AKIADUMMYFORROLE"), undefined);
    assert.equal(selectCredentialProvider(settings, ""), undefined);
  });

  it("bring every source there is, and the external id, name and duration of their role", () => {
    const settings = settingsWith(
      { name: "token", aws_web_identity: { token_file: "/token", role_arn: role } },
      { name: "profile", aws_profile: { profile: "ops" } },
      {
        name: "role",
        ...keys,
        role_arn: role,
        external_id: "partner:1",
        session_name: "proxy",
        duration_seconds: 7200,
      },
    );
    const chainOf = (credential_provider: string) =>
      planRoleChain(settings, {}, { kind: "plain", callProperties: { credential_provider } });
    assert.equal(chainOf("token").source.type, "webIdentity");
    assert.deepEqual(chainOf("profile").source, {
      type: "profile",
      profile: "ops",
      credentialsFile: "/home/adapter/.aws/credentials",
      configFile: "/home/adapter/.aws/config",
      sts: settings.sts,
    });
    const [step] = chainOf("role").steps;
    assert.deepEqual(
      [step?.roleArn, step?.externalId, step?.roleSessionName, step?.durationSeconds],
      [role, "partner:1", "proxy", 7200],
    );
  });

  for (const [what, property, providers] of [
    [
      "two of one name",
      "1.name",
      [
        { name: "a", ...keys },
        { name: "a", ...keys },
      ],
    ],
    [
      "two of one selector",
      "1.access_key_id_selector",
      [
        { name: "a", access_key_id_selector: "ROLEA", ...keys },
        { name: "b", access_key_id_selector: "ROLEA", ...keys },
      ],
    ],
    ["a selector in lower case", "0.access_key_id_selector", [{ name: "a", access_key_id_selector: "RoleA", ...keys }]],
    ["no name", "0.name", [{ ...keys }]],
    ["neither source nor role", "0.role_arn", [{ name: "a" }]],
    ["half a pair of keys", "0.aws_secret_key", [{ name: "a", aws_access_key: "AKIASTORAGEEXAMPLE01" }]],
    ["two sources", "0", [{ name: "a", ...keys, aws_profile: { profile: "ops" } }]],
    ["an external id without a role", "0.role_arn", [{ name: "a", ...keys, external_id: "partner:1" }]],
    ["a malformed role", "0.role_arn", [{ name: "a", ...keys, role_arn: "role/storage" }]],
    [
      "a chained session of two hours",
      "0.duration_seconds",
      [
        {
          name: "a",
          aws_web_identity: { token_file: "/token", role_arn: role },
          role_arn: role,
          duration_seconds: 7200,
        },
      ],
    ],
    ["a block that is no block", "0.aws_web_identity.token_file", [{ name: "a", aws_web_identity: { token_file: 5 } }]],
  ] as const) {
    it(`with ${what} are refused, naming authentication.credential_providers.${property}`, () => {
      assert.equal(refusal(...providers).detail["property"], `authentication.credential_providers.${property}`);
    });
  }

  it("with an unknown property are accepted with a warning that names it", () => {
    const { warnings } = settingsWith({ name: "a", ...keys, aws_web_identity: { tokenfile: "" }, rolearn: role });
    assert.ok(
      warnings.some((text) => text.startsWith("authentication.credential_providers.0.rolearn is not")),
      String(warnings),
    );
    assert.ok(warnings.some((text) => text.includes("credential_providers.0.aws_web_identity.tokenfile is not")));
  });
});
