/** Drives the simulated STS with tokens of web identities: which token opens which role, and why another does not. */
import assert from "node:assert/strict";
import { AssumeRoleWithWebIdentityCommand, STSClient } from "@aws-sdk/client-sts";
import { type Simulator, startSimulator } from "../../utils/simulator/simulator";
import { simulatedRoleArn, userKey } from "../../utils/simulator/simulator-service-instance";
import { refused } from "./simulator-client";

describe("simulator: STS for web identities", () => {
  let simulator: Simulator;
  before(async () => {
    simulator = await startSimulator();
  });
  after(() => simulator.close());

  it("a web identity token opens the role that trusts its issuer, audience and subject", async () => {
    const anonymous = new STSClient({
      endpoint: simulator.url,
      region: "us-east-1",
      maxAttempts: 1,
      credentials: userKey(simulator.world, "pod"),
    });
    const exchange = (token: string, role = "web-identity") =>
      anonymous.send(
        new AssumeRoleWithWebIdentityCommand({
          RoleArn: simulatedRoleArn(simulator.world, role),
          RoleSessionName: "test",
          WebIdentityToken: token,
        }),
      );
    const subject = "system:serviceaccount:itential:adapter";
    const answer = await exchange(simulator.webIdentityToken({ subject }));
    assert.equal(answer.SubjectFromWebIdentityToken, subject);
    assert.equal(answer.AssumedRoleUser?.Arn, "arn:aws:sts::123456789012:assumed-role/web-identity/test");
    assert.equal(answer.Audience, "sts.amazonaws.com");
    await refused(
      exchange(simulator.webIdentityToken({ subject: "system:serviceaccount:other:pod" })),
      "AccessDenied",
      "Not authorized to perform sts:AssumeRoleWithWebIdentity",
    );
    await refused(exchange(simulator.webIdentityToken({ subject }), "adapter"), "AccessDenied", /Not authorized/);
    await refused(
      exchange(simulator.webIdentityToken({ subject, audience: "other" })),
      "InvalidIdentityTokenException",
      "Incorrect token audience",
    );
    await refused(
      exchange(simulator.webIdentityToken({ subject, issuer: "elsewhere.example" })),
      "InvalidIdentityTokenException",
      /No OpenIDConnect provider/,
    );
    await refused(
      exchange(simulator.webIdentityToken({ subject, expiresInSeconds: -1 })),
      "ExpiredTokenException",
      /Token expired/,
    );
    const [head, , signature] = simulator.webIdentityToken({ subject: "other" }).split(".");
    const claims = simulator.webIdentityToken({ subject }).split(".")[1];
    await refused(exchange(`${head}.${claims}.${signature}`), "InvalidIdentityTokenException", /signature is invalid/);
    await refused(exchange("not a token"), "InvalidIdentityTokenException", /not a valid JWT/);
  });
});
