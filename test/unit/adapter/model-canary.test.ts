/** Owns the small canary over the models: some of the operations with a sensitive member, and callbacks that throw. */
import assert from "node:assert/strict";
import { describe, it } from "mocha";

import AwsAdapter = require("../../../adapter");

import { createLogger, logLevels } from "../../../utils/logging/platform-logger";
import { foundSecrets } from "../../support/canary";
import { encounters, modelCanary, sensitiveOperations } from "../../support/canary-models";

describe("canary over the models, in small", () => {
  for (const authLogging of [true, false]) {
    it(`auth_logging ${authLogging ? "on" : "off"}`, async function () {
      this.timeout(30_000);
      const operations = sensitiveOperations().filter((_, index) => index % 25 === 0);
      const { calls, reached, found } = await modelCanary(operations, { level: "debug", authLogging, met: encounters });
      assert.deepEqual(found, []);
      assert.ok(reached > 0.9 * calls, `${reached} of ${calls} calls were sent`);
    });
  }

  it("the search finds what is there: a canary that cannot sing proves nothing", () => {
    const secret = "a/b+c&d<e\"f'g=h%i";
    const entries = [
      `x ${secret}`,
      encodeURIComponent(secret),
      Buffer.from(secret).toString("base64"),
      { deep: [secret] },
    ];
    for (const entry of entries) assert.notDeepEqual(foundSecrets([entry], [secret]), []);
    assert.deepEqual(foundSecrets(["nothing"], [secret]), []);
  });

  it("a callback that throws leaves no secret of the instance in the log", async () => {
    const secret = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";
    const written: unknown[] = [];
    const write = (message: unknown): void => void written.push(message);
    const sink = Object.fromEntries(logLevels.map((name) => [name, write]));
    const adapter = new AwsAdapter(
      "canary",
      {
        region: "us-east-1",
        stub: true,
        authentication: {
          auth_method: "aws_authentication",
          aws_access_key: "AKIAIOSFODNN7EXAMPLE",
          aws_secret_key: secret,
        },
      },
      { environment: {}, logger: createLogger("canary", { ...sink, level: "spam" }) },
    ) as unknown as Record<string, (...given: unknown[]) => unknown>;
    let calls = 0;
    const others = process.listeners("uncaughtException");
    process.removeAllListeners("uncaughtException");
    const thrown = new Promise((resolve) => process.on("uncaughtException", resolve));
    try {
      adapter["stsGetCallerIdentity"]!({}, () => {
        calls += 1;
        throw new Error(`with ${secret}`);
      });
      await thrown;
      // For what would be written or called behind it.
      await new Promise((resolve) => setTimeout(resolve, 50));
    } finally {
      process.removeAllListeners("uncaughtException");
      for (const other of others) process.on("uncaughtException", other);
    }
    assert.equal(calls, 1);
    assert.deepEqual(foundSecrets(written, [secret]), []);
  });
});
