/** Owns the proof that what AWS refuses comes back in AWS's own words, with the failed step, and without a secret. */
import { strict as assert } from "node:assert";
import { judgeByMoto } from "./judge";
import { bringOnline, type LoadedAdapter, type Refusal, serviceInstance } from "./platform";

describe("interop: refusals, judged by moto", () => {
  const moto = judgeByMoto();
  const wrongSecret = "wrongwrongwrongwrongwrongwrongwrongwrong";

  function online(name: string, keys: { accessKeyId: string; secretAccessKey: string }): Promise<LoadedAdapter> {
    const { port, url, world } = moto();
    return bringOnline(
      name,
      serviceInstance(name, { port, stsEndpoint: url, globalRole: world.roles.global, ...keys }),
    );
  }
  /** AWS's code and message are in the text, an advice is there, and nobody is told to report a fault. */
  function assertAwsSaid(refusal: Refusal, code: string | RegExp, message: RegExp) {
    assert.match(refusal.aws?.code ?? "", code instanceof RegExp ? code : new RegExp(`^${code}$`));
    assert.match(refusal.IAPerror.displayString, new RegExp(refusal.aws?.code ?? "no code"));
    assert.match(refusal.IAPerror.displayString, message);
    assert.ok(refusal.IAPerror.recommendation.length > 20, refusal.IAPerror.recommendation);
  }

  it("a wrong secret is SignatureDoesNotMatch, and the secret stays out of error and log", async () => {
    const { accessKeyId } = moto().world.users.operator;
    const adapter = await online("auth-logging", { accessKeyId, secretAccessKey: wrongSecret });
    const refusal = await adapter.refusal("iamListUsers", {});
    assertAwsSaid(refusal, "SignatureDoesNotMatch", /signature we calculated does not match/i);
    assert.ok(!JSON.stringify(refusal).includes(wrongSecret));
    assert.ok(!adapter.log.entries.join("\n").includes(wrongSecret));
  });

  it("a wrong secret is named by EC2's own code as well", async () => {
    const { accessKeyId } = moto().world.users.operator;
    const adapter = await online("keys", { accessKeyId, secretAccessKey: wrongSecret });
    assertAwsSaid(await adapter.refusal("ec2DescribeInstances", {}), "AuthFailure", /not able to validate/i);
  });

  it("a wrong secret on the way to a role names the step that failed", async () => {
    const { accessKeyId } = moto().world.users.adapter;
    const adapter = await online("keys-and-global-role", { accessKeyId, secretAccessKey: wrongSecret });
    const refusal = await adapter.refusal("ec2DescribeInstances", {});
    assertAwsSaid(refusal, "SignatureDoesNotMatch", /AssumeRole/);
    assert.match(refusal.aws?.step ?? "", /role\/global/);
  });

  it("an unknown key is InvalidClientTokenId", async () => {
    const keys = { accessKeyId: "AKIAUNKNOWNUNKNOWN00", secretAccessKey: wrongSecret };
    assertAwsSaid(await (await online("keys", keys)).refusal("iamListUsers", {}), "InvalidClientTokenId", /token/i);
  });

  it("a role that does not trust the caller is AccessDenied at its step", async () => {
    const adapter = await online("keys", moto().world.users.adapter);
    const { closed } = moto().world.roles;
    const refusal = await adapter.refusal("ec2DescribeInstancesSTSRole", {}, { RoleArn: closed }, null);
    assertAwsSaid(refusal, /^AccessDenied/, /sts:AssumeRole/);
    assert.match(refusal.aws?.step ?? "", /role\/closed/);
    assert.match(refusal.aws?.step ?? "", /stsParams/);
  });

  it("in a chain the step is the second one when the global role may not reach the task role", async () => {
    const adapter = await online("keys-and-global-role", moto().world.users.adapter);
    const { closed } = moto().world.roles;
    const refusal = await adapter.refusal("ec2DescribeInstancesSTSRole", {}, { RoleArn: closed }, null);
    assertAwsSaid(refusal, /^AccessDenied/, /assumed-role\/global/);
    assert.match(refusal.aws?.step ?? "", /role\/closed/);
    assert.doesNotMatch(refusal.aws?.step ?? "", /role\/global/);
  });

  it("a role without the permission of the action is told so, by action and identity", async () => {
    const adapter = await online("keys", moto().world.users.adapter);
    const stsParams = { RoleArn: moto().world.roles.task, RoleSessionName: "workflow-7" };
    const refusal = await adapter.refusal("iamListUsersSTSRole", {}, stsParams, null);
    assertAwsSaid(
      refusal,
      /^AccessDenied/,
      /assumed-role\/task\/workflow-7 is not authorized to perform: iam:ListUsers/,
    );
    assert.equal(refusal.aws?.operation, "ListUsers");
  });

  it("keys without any permission are refused for EC2 and S3 in these services' own codes", async () => {
    const adapter = await online("keys", moto().world.users.nobody);
    assertAwsSaid(
      await adapter.refusal("ec2DescribeInstances", {}),
      /UnauthorizedOperation|AccessDenied/,
      /authorized/,
    );
    assertAwsSaid(await adapter.refusal("s3ListBuckets", {}), "AccessDenied", /access denied/i);
  });
});
