/** Owns the AWS account of a soak: fifty roles, and users whose keys are of this run only. */
import { createHmac } from "node:crypto";
import { defaultWorld } from "../../utils/simulator/default-world";
import type { Role, World } from "../../utils/simulator/world";

const ROLES = 50;
export const STORED_SECRET = "soak-login";

const roleName = (at: number): string => `task-soak-${String(at).padStart(2, "0")}`;
export const soakRoles: readonly string[] = Array.from({ length: ROLES }, (_, at) => roleName(at));

/** @param secret - of this run; what is made of it must not turn up in any log */
export function soakWorld(secret: string): World {
  const world = defaultWorld();
  const derive = (name: string): string => createHmac("sha256", secret).update(name).digest("base64url");
  const adapter = world.roles.find(({ name }) => name === "adapter") as Role;
  const { accountId } = adapter;
  const insiders = [
    `arn:aws:iam::${accountId}:user/adapter`,
    `arn:aws:iam::${accountId}:user/pod`,
    `arn:aws:iam::${accountId}:role/adapter`,
  ];
  const roles = soakRoles.map((name, at) => ({
    accountId,
    name,
    roleId: `AROASOAK${String(at).padStart(8, "0")}`,
    trust: [{ Effect: "Allow" as const, Principal: { AWS: insiders }, Action: "sts:AssumeRole" }],
    permissions: [{ Effect: "Allow" as const, Action: "*", Resource: "*" }],
    maxSessionDurationSeconds: 3600,
  }));
  return {
    ...world,
    instances: [],
    users: world.users.map((user) => ({
      ...user,
      accessKeys: user.accessKeys.map((key) => ({ ...key, secretAccessKey: derive(user.name).slice(0, 40) })),
    })),
    roles: [...world.roles, ...roles],
    secrets: [{ name: STORED_SECRET, accountId, region: "us-east-1", secretString: derive("stored secret") }],
  };
}
