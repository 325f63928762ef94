/** Owns the trials of the rate_control block: off by default, a rate of its own for a service, one clear error a mistake. */
import assert from "node:assert/strict";
import { describe, it } from "mocha";
import { AdapterError } from "../../../utils/errors/adapter-error";
import { parseSettings } from "../../../utils/settings/parse-settings";

const rates = (block?: object) =>
  parseSettings(
    "aws",
    { authentication: { auth_method: "aws_authentication" }, ...(block === undefined ? {} : { rate_control: block }) },
    {},
  ).rates;

describe("rateSettingsOf", () => {
  it("controls nothing unless it is enabled", () => {
    assert.deepEqual([rates(), rates({ requests_per_second: 5 })], [undefined, undefined]);
  });

  it("has defaults, and rates of single services", () => {
    const services = { ec2: { requests_per_second: 5, burst: 20 }, iam: { requests_per_second: 0.5 } };
    assert.deepEqual(rates({ enabled: true, services }), {
      ...{ requestsPerSecond: 20, burst: 40, maxWaitMs: 5000 },
      services: { ec2: { requestsPerSecond: 5, burst: 20 }, iam: { requestsPerSecond: 0.5, burst: 1 } },
    });
  });

  for (const [given, property] of [
    [{ requests_per_second: 0 }, "requests_per_second"],
    [{ services: { ec2: 5 } }, "services.ec2.requests_per_second"],
    [{ services: { ec2: { requests_per_second: "5" } } }, "services.ec2.requests_per_second"],
    [{ services: { ec2: { requests_per_second: 5, burst: 0 } } }, "services.ec2.burst"],
  ] as const) {
    it(`refuses ${JSON.stringify(given)}`, () => {
      assert.throws(
        () => rates({ enabled: true, ...given }),
        (error) => {
          assert.ok(error instanceof AdapterError && error.code === "INVALID_PROPERTIES");
          return error.detail["property"] === `rate_control.${property}`;
        },
      );
    });
  }
});
