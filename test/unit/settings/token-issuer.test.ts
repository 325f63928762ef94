/** Owns the cases of `aws_web_identity` with an issuer of our own, and of how long a session may be asked for. */
import assert from "node:assert/strict";
import { describe, it } from "mocha";
import { AdapterError } from "../../../utils/errors/adapter-error";
import { describeRoleChain } from "../../../utils/settings/describe-role-chain";
import { parseSettings } from "../../../utils/settings/parse-settings";
import { planRoleChain } from "../../../utils/settings/plan-role-chain";
import type { Settings } from "../../../utils/settings/settings";

const role = "arn:aws:iam::123456789012:role/network";
const issuer = { url: "https://issuer.example/aws", subject: "itential", key_folder: "/var/lib/adapter-aws/keys" };
const settingsOf = (block: object, more: object = {}): Settings =>
  parseSettings(
    "aws",
    { region: "eu-west-1", authentication: { auth_method: "aws_authentication", aws_web_identity: block, ...more } },
    {},
  );

function refusal(work: () => unknown): { property: string; message: string } {
  try {
    work();
  } catch (error) {
    assert.ok(error instanceof AdapterError, String(error));
    assert.equal(error.code, "INVALID_PROPERTIES");
    return { property: String(error.detail["property"]), message: error.message };
  }
  return assert.fail("it was accepted");
}

describe("aws_web_identity.issuer", () => {
  it("is a source with all that a token says", () => {
    const chain = planRoleChain(settingsOf({ issuer, role_arn: role }), {}, { kind: "plain" });
    assert.ok(chain.source.type === "webIdentity" && "issuer" in chain.source.token);
    assert.deepEqual(chain.source.token.issuer, {
      url: issuer.url,
      subject: "itential",
      audience: "sts.amazonaws.com",
      keyFolder: issuer.key_folder,
      lifetimeSeconds: 300,
    });
    assert.equal(
      describeRoleChain(chain).source,
      `Adapter Role (aws_web_identity ${role}, with tokens of ${issuer.url})`,
    );
  });

  it("does not count as given when a form left it empty", () => {
    assert.equal(settingsOf({ issuer: { url: "", subject: "", key_folder: "" } }).credentialSource, undefined);
  });

  it("stands in a credential provider, too", () => {
    const entry = { name: "own", aws_web_identity: { issuer, role_arn: role } };
    const { credentialProviders } = settingsOf({}, { credential_providers: [entry] });
    assert.equal(credentialProviders[0]?.source?.type, "webIdentity");
    const wrong = { ...entry, aws_web_identity: { issuer: { ...issuer, subject: "" }, role_arn: role } };
    assert.equal(
      refusal(() => settingsOf({}, { credential_providers: [wrong] })).property,
      "authentication.credential_providers.0.aws_web_identity.issuer.subject",
    );
  });

  const bad: [name: string, block: object, property: string, message: RegExp][] = [
    ["no subject", { ...issuer, subject: "" }, "issuer.subject", /found nothing.*trust policy/],
    ["a subject with spaces", { ...issuer, subject: "a b" }, "issuer.subject", /without spaces/],
    ["no URL", { ...issuer, url: "" }, "issuer.url", /found nothing/],
    ["http", { ...issuer, url: "http://issuer.example" }, "issuer.url", /https:/],
    ["a slash at the end", { ...issuer, url: "https://issuer.example/" }, "issuer.url", /with a slash at its end/],
    ["a query", { ...issuer, url: "https://issuer.example/a?b" }, "issuer.url", /more than host and path/],
    ["a user in the URL", { ...issuer, url: "https://a:b@issuer.example" }, "issuer.url", /more than host and path/],
    ["a URL too long", { ...issuer, url: `https://issuer.example/${"a".repeat(250)}` }, "issuer.url", /characters/],
    [
      "a key folder relative to nobody knows what",
      { ...issuer, key_folder: "keys" },
      "issuer.key_folder",
      /whole path/,
    ],
    [
      "a token that lives too long",
      { ...issuer, token_lifetime_seconds: 3601 },
      "issuer.token_lifetime_seconds",
      /3600/,
    ],
    ["an audience with spaces", { ...issuer, audience: " sts" }, "issuer.audience", /sts\.amazonaws\.com/],
  ];
  for (const [name, block, property, message] of bad) {
    it(`refuses ${name}, by name`, () => {
      const found = refusal(() => settingsOf({ issuer: block, role_arn: role }));
      assert.equal(found.property, `authentication.aws_web_identity.${property}`);
      assert.match(found.message, message);
    });
  }

  it("refuses two tokens at once", () => {
    const { message } = refusal(() => settingsOf({ issuer, token_file: "/token", role_arn: role }));
    assert.match(message, /both token_file and issuer/);
  });
});

describe("the lifetime of a web identity session", () => {
  const withSeconds = (seconds: unknown) => settingsOf({ issuer, role_arn: role, duration_seconds: seconds });

  for (const seconds of [900, 3600, 43_200]) {
    it(`is accepted: ${seconds}`, () => {
      const source = withSeconds(seconds).credentialSource;
      assert.ok(source?.type === "webIdentity");
      assert.equal(source.durationSeconds, seconds);
    });
  }

  for (const seconds of [43_201, 129_600]) {
    it(`is refused with the reason: ${seconds}`, () => {
      const { property, message } = refusal(() => withSeconds(seconds));
      assert.equal(property, "authentication.aws_web_identity.duration_seconds");
      assert.match(message, /900 to 43200 seconds: AssumeRoleWithWebIdentity ends at 12 hours.*129600.*not for roles/);
    });
  }

  for (const seconds of [899, 0, -1, 129_601, 3600.5, "3600", null, {}]) {
    it(`is refused by name: ${JSON.stringify(seconds)}`, () => {
      const { property, message } = refusal(() => withSeconds(seconds));
      assert.equal(property, "authentication.aws_web_identity.duration_seconds");
      assert.match(message, /integer/);
      assert.doesNotMatch(message, /12 hours/);
    });
  }

  it("is limited for the role of a credential provider, too", () => {
    const provider = { name: "long", role_arn: role };
    for (const [seconds, reason] of [
      [129_600, /AssumeRole ends at 12 hours/],
      [899, /900 to 43200 seconds\./],
    ] as const) {
      const entry = { ...provider, duration_seconds: seconds };
      const { property, message } = refusal(() => settingsOf({}, { credential_providers: [entry] }));
      assert.equal(property, "authentication.credential_providers.0.duration_seconds");
      assert.match(message, reason);
    }
  });
});
