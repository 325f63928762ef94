/** Holds the evaluation of policies to IAM's rules: deny wins, wildcards, conditions, session policies, trust. */
import assert from "node:assert/strict";
import fc from "fast-check";
import type { Caller } from "../../utils/simulator/caller";
import {
  callerConditions,
  evaluate,
  evaluateCaller,
  evaluateTrust,
  matchesPattern,
} from "../../utils/simulator/policy";
import type { PolicyStatement } from "../../utils/simulator/world";

const allow = (Action: string, more: Partial<PolicyStatement> = {}): PolicyStatement => ({
  Effect: "Allow",
  Action,
  Resource: "*",
  ...more,
});
const deny = (Action: string, more: Partial<PolicyStatement> = {}): PolicyStatement => ({
  ...allow(Action, more),
  Effect: "Deny",
});
const caller = (more: Partial<Caller> = {}): Caller => ({
  type: "user",
  accountId: "123456789012",
  arn: "arn:aws:iam::123456789012:user/test",
  userId: "AIDATEST",
  permissions: [],
  sessionPolicies: [],
  sessionTags: {},
  transitiveTagKeys: [],
  ...more,
});

describe("simulator: policies", () => {
  it("patterns match as the equivalent regular expression does", () => {
    const text = fc.string({ unit: fc.constantFrom("a", "b", "*", "?", ":"), maxLength: 8 });
    fc.assert(
      fc.property(text, text, (pattern, value) => {
        const expression = new RegExp(`^${pattern.replaceAll("*", ".*").replaceAll("?", ".")}$`);
        assert.equal(matchesPattern(pattern, value), expression.test(value));
      }),
      { numRuns: 2000 },
    );
  });

  it("an explicit deny wins, in whatever order; nothing said is a deny too", () => {
    const both = [allow("s3:*"), deny("s3:DeleteObject")];
    for (const statements of [both, [...both].reverse()]) {
      assert.equal(evaluate(statements, "s3:DeleteObject", "*", {}), "explicit-deny");
      assert.equal(evaluate(statements, "s3:GetObject", "*", {}), "allow");
      assert.equal(evaluate(statements, "ec2:RunInstances", "*", {}), "implicit-deny");
    }
  });

  it("actions are told apart without regard to case, resources are not", () => {
    assert.equal(evaluate([allow("S3:getobject")], "s3:GetObject", "*", {}), "allow");
    const one = [allow("s3:GetObject", { Resource: "arn:aws:s3:::bucket/*" })];
    assert.equal(evaluate(one, "s3:GetObject", "arn:aws:s3:::bucket/a/b", {}), "allow");
    assert.equal(evaluate(one, "s3:GetObject", "arn:aws:s3:::Bucket/a", {}), "implicit-deny");
    assert.equal(
      evaluate([{ Effect: "Allow", NotAction: "iam:*", Resource: "*" }], "ec2:RunInstances", "*", {}),
      "allow",
    );
    assert.equal(
      evaluate([{ Effect: "Allow", NotAction: "iam:*", Resource: "*" }], "iam:CreateUser", "*", {}),
      "implicit-deny",
    );
  });

  it("every condition must hold, and an operator that there is not never holds", () => {
    const when = (Condition: NonNullable<PolicyStatement["Condition"]>, context: Record<string, string>) =>
      evaluate([allow("*", { Condition })], "s3:GetObject", "*", context);
    const region = { StringEquals: { "aws:RequestedRegion": ["us-east-1", "eu-west-1"] } };
    assert.equal(when(region, { "aws:requestedregion": "eu-west-1" }), "allow");
    assert.equal(when(region, { "aws:requestedregion": "eu-west-2" }), "implicit-deny");
    assert.equal(when(region, {}), "implicit-deny");
    assert.equal(when({ StringEqualsIfExists: { "aws:RequestedRegion": "x" } }, {}), "allow");
    assert.equal(
      when({ ...region, StringLike: { "aws:PrincipalTag/Team": "net*" } }, { "aws:requestedregion": "us-east-1" }),
      "implicit-deny",
    );
    assert.equal(when({ Null: { "sts:ExternalId": "true" } }, {}), "allow");
    assert.equal(
      when({ DateGreaterThan: { "aws:CurrentTime": "2020-01-01" } }, { "aws:currenttime": "2026-01-01" }),
      "implicit-deny",
    );
  });

  it("session tags are conditions of the calls of that session", () => {
    const tagged = caller({ sessionTags: { Team: "net" } });
    const statements = [allow("*", { Condition: { StringEquals: { "aws:PrincipalTag/Team": "net" } } })];
    assert.equal(evaluate(statements, "s3:GetObject", "*", callerConditions(tagged)), "allow");
    assert.equal(evaluate(statements, "s3:GetObject", "*", callerConditions(caller())), "implicit-deny");
  });

  it("each session policy can only take away", () => {
    const session = caller({
      permissions: [allow("s3:*")],
      sessionPolicies: [[allow("s3:Get*")], [allow("*:*Object")]],
    });
    assert.equal(evaluateCaller(session, "s3:GetObject", "*", {}), "allow");
    assert.equal(evaluateCaller(session, "s3:PutObject", "*", {}), "implicit-deny");
    assert.equal(evaluateCaller(session, "ec2:GetObject", "*", {}), "implicit-deny");
  });

  it("trust tells a caller that is named from one whose account is", () => {
    const trust = (AWS: string) => [{ Effect: "Allow" as const, Principal: { AWS }, Action: "sts:AssumeRole" }];
    const match = (AWS: string) => evaluateTrust(trust(AWS), caller(), "sts:AssumeRole", {}).match;
    assert.equal(match("arn:aws:iam::123456789012:user/test"), "direct");
    assert.equal(match("*"), "direct");
    assert.equal(match("arn:aws:iam::123456789012:root"), "account");
    assert.equal(match("123456789012"), "account");
    assert.equal(match("arn:aws:iam::123456789012:user/other"), "none");
  });
});
