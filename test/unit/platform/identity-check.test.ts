/** Owns the cases of where the health check goes. */
import assert from "node:assert/strict";
import { identityCheck } from "../../../utils/platform/identity-check";
import { parseSettings } from "../../../utils/settings/parse-settings";

const target = (properties: object) => {
  const keys = { aws_access_key: "AKIAIOSFODNN7EXAMPLE", aws_secret_key: "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY" };
  const { authentication = {}, ...others } = properties as { authentication?: object };
  const all = {
    region: "eu-west-1",
    ...others,
    authentication: { auth_method: "aws_authentication", ...keys, ...authentication },
  };
  return identityCheck(parseSettings("id", all, {})).metadata?.callProperties;
};
const regional = { host: "sts.eu-west-1.amazonaws.com", protocol: "https", region: "eu-west-1" };

describe("identityCheck", () => {
  it("asks the STS of the region", () => assert.deepEqual(target({}), regional));

  it("asks STS even when host is the one of another service", () => {
    assert.deepEqual(target({ host: "ec2.eu-west-1.amazonaws.com" }), regional);
    assert.deepEqual(target({ host: "10.0.0.1", service: "ec2" }), regional);
  });

  it("asks the STS that aws_sts names", () => {
    const authentication = { aws_sts: { region: "eu-west-1", endpoint: "127.0.0.1:4566", sslEnable: false } };
    const named = { host: "127.0.0.1", port: 4566, protocol: "http", region: "eu-west-1" };
    assert.deepEqual(target({ authentication }), named);
    assert.deepEqual(target({ host: "127.0.0.1", port: 4566, protocol: "http", authentication }), named);
  });

  it("asks a host of one's own that stands for all services", () => {
    assert.equal(target({ host: "localhost", port: 4566, protocol: "http" }), undefined);
  });

  it("is answered with what is wrong when there are no settings", () => {
    assert.equal(identityCheck(undefined).metadata, undefined);
  });
});
