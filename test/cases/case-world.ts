/** Owns the AWS in which the cases of role chains are run: every user and role that they speak of. */
import { defaultWorld } from "../../utils/simulator/default-world";
import type { PolicyStatement, Role, TrustStatement, World } from "../../utils/simulator/world";

const account = "123456789012";
const issuer = "oidc.eks.us-east-1.amazonaws.com/id/CASES";
export const tokenSubject = "system:serviceaccount:itential:adapter";

/** Whoever may assume says so himself: in an account, trust in its root is trust in its policies. */
const mayBecome = (...names: readonly string[]): PolicyStatement => ({
  Effect: "Allow",
  Action: "sts:AssumeRole",
  Resource: names.map((name) => `arn:aws:iam::${account}:role/${name}`),
});
const trustAccount: TrustStatement = {
  Effect: "Allow",
  Principal: { AWS: `arn:aws:iam::${account}:root` },
  Action: "sts:AssumeRole",
};
const trustToken: TrustStatement = {
  Effect: "Allow",
  Principal: { Federated: `arn:aws:iam::${account}:oidc-provider/${issuer}` },
  Action: "sts:AssumeRoleWithWebIdentity",
  Condition: { StringEquals: { [`${issuer}:sub`]: tokenSubject } },
};
const trustService = (service: string): TrustStatement => ({
  Effect: "Allow",
  Principal: { Service: service },
  Action: "sts:AssumeRole",
});

const role = (name: string, trust: TrustStatement, permissions: readonly PolicyStatement[]): Role => ({
  accountId: account,
  name,
  roleId: `AROACASE${name.replace(/\W/g, "").toUpperCase().padEnd(13, "0").slice(0, 13)}`,
  trust: [trust],
  permissions,
  maxSessionDurationSeconds: 43_200,
});

/** The order adapter → named → task is the only one that is allowed. */
const fromBase = mayBecome("adapter", "named", "task");

export function caseWorld(): World {
  return {
    ...defaultWorld(),
    users: [
      {
        accountId: account,
        name: "adapter",
        userId: "AIDACASEADAPTER000000",
        accessKeys: [{ accessKeyId: "AKIAADAPTEREXAMPLE01", secretAccessKey: "adapterSecretKeyOfNobody" }],
        permissions: [fromBase],
      },
      {
        accountId: account,
        name: "pod",
        userId: "AIDACASEPOD0000000000",
        accessKeys: [
          { accessKeyId: "AKIAPODEXAMPLE000001", secretAccessKey: "podSecretKeyOfNobody" },
          {
            accessKeyId: "ASIAPODEXAMPLE000001",
            secretAccessKey: "podSecretKeyOfNobody",
            sessionToken: "podSessionTokenOfNobody",
          },
        ],
        permissions: [fromBase],
      },
    ],
    roles: [
      role("adapter", trustAccount, [mayBecome("named", "task")]),
      role("named", trustAccount, [mayBecome("task")]),
      role("task", trustAccount, []),
      role("irsa", trustToken, [fromBase]),
      role("federated", trustToken, [fromBase]),
      role("app-role", trustService("ec2.amazonaws.com"), [fromBase]),
      {
        ...role("task-role", trustService("ecs-tasks.amazonaws.com"), [fromBase]),
        trust: [trustService("ecs-tasks.amazonaws.com"), trustService("pods.eks.amazonaws.com")],
      },
    ],
    oidcProviders: [{ accountId: account, issuer, clientIds: ["sts.amazonaws.com"] }],
    metadataInstance: {
      instanceId: "i-0123456789abcdef0",
      accountId: account,
      roleName: "app-role",
      httpTokens: "required",
    },
    containerTask: {
      accountId: account,
      roleName: "task-role",
      relativeUri: "/v2/credentials/0e2f",
      authorizationToken: "podIdentityTokenOfNobody",
    },
  };
}
