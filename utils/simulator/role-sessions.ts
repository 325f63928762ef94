/** Owns the credentials that AWS itself keeps ready for a role: on an instance, in a container. */
import type { CredentialStore, TemporaryCredentials } from "./credential-store";
import { evaluate, trustNaming } from "./policy";
import type { World } from "./world";

export interface RoleSessionRequest {
  readonly accountId: string;
  readonly roleName: string;
  /** The service that the role must trust, `ec2.amazonaws.com`. */
  readonly service: string;
  readonly sessionName: string;
}

const lifetimeSeconds = 6 * 3600;
/** New credentials are there this long before the old ones end. */
const renewalMs = 5 * 60_000;

export class RoleSessions {
  readonly #current = new Map<string, { readonly key: TemporaryCredentials; readonly renewAtMs: number }>();

  constructor(
    private readonly world: World,
    private readonly credentials: CredentialStore,
  ) {}

  /** @returns the credentials now in force, or undefined when there is no such role or it does not trust the service */
  current(request: RoleSessionRequest, nowMs: number): TemporaryCredentials | undefined {
    const name = `${request.accountId}/${request.roleName}/${request.sessionName}`;
    const ready = this.#current.get(name);
    if (ready !== undefined && ready.renewAtMs > nowMs) return ready.key;
    const role = this.world.roles.find((one) => one.accountId === request.accountId && one.name === request.roleName);
    if (role === undefined) return undefined;
    if (evaluate(trustNaming(role.trust, "Service", request.service), "sts:AssumeRole", undefined, {}) !== "allow")
      return undefined;
    const key = this.credentials.issue(
      {
        type: "role-session",
        accountId: role.accountId,
        arn: `arn:aws:sts::${role.accountId}:assumed-role/${role.name}/${request.sessionName}`,
        userId: `${role.roleId}:${request.sessionName}`,
        role,
        permissions: role.permissions,
        sessionPolicies: [],
        sessionTags: {},
        transitiveTagKeys: [],
      },
      lifetimeSeconds,
    );
    const lifetimeMs = key.expirationMs - nowMs;
    this.#current.set(name, { key, renewAtMs: key.expirationMs - Math.min(renewalMs, lifetimeMs / 2) });
    return key;
  }
}
