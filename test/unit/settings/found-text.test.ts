/** Owns the trials of how wrong values are shown: enough to find the mistake, and never what may be a secret. */
import assert from "node:assert/strict";
import { describe, it } from "mocha";
import { foundText, withoutUserInfo } from "../../../utils/settings/found-text";
import { validateProperties } from "../../../utils/settings/validate-properties";

const SECRET = "S3cretValueXYZ";

describe("foundText", () => {
  for (const text of [
    `http://user:${SECRET}@proxy:3128`,
    `http://user:a/${SECRET}@proxy`,
    `http://user:a#${SECRET}@proxy`,
    `user:${SECRET}@127.0.0.1`,
    `https://u:${SECRET}@b@127.0.0.1/path`,
    `error: option '--upstream <x>' argument 's3=http://u:${SECRET}@x' is invalid`,
  ]) {
    it(`leaves out user and password of ${text.replace(SECRET, "…")}`, () => {
      assert.equal(foundText(text).includes(SECRET), false, foundText(text));
      assert.match(withoutUserInfo(text), /\*\* masked \*\*@/);
    });
  }

  for (const text of ["eu-west-9", "arn:aws:iam::123456789012:role/a@b", "someone@example.com", "https://host:443/x"]) {
    it(`shows ${text}`, () => {
      assert.equal(foundText(text), JSON.stringify(text));
    });
  }
});

describe("text in the place of a block", () => {
  const authentication = { auth_method: "aws_authentication" };
  for (const [what, properties] of Object.entries({
    authentication: { authentication: SECRET },
    "a proxy": { authentication, proxy: `http://user:a/${SECRET}@proxy:3128` },
    "a token": { authentication: { ...authentication, aws_web_identity: SECRET } },
    "a list of providers": { authentication: { ...authentication, credential_providers: SECRET } },
    "a provider": { authentication: { ...authentication, credential_providers: [SECRET] } },
    headers: { authentication, request: { global_request: { addlHeaders: `Authorization: ${SECRET}` } } },
  })) {
    it(`is not repeated: ${what}`, () => {
      assert.throws(
        () => validateProperties(properties),
        (error: Error) => !error.message.includes(SECRET) && /text of \d+ characters/.test(error.message),
      );
    });
  }
});
