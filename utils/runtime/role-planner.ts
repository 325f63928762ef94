/** Owns the memory of plans: what was asked for before is answered without checking and hashing it again. */

import type { SecretKeeper } from "../credentials/secret-keeper";
import { planRoleChain, type RoleRequest } from "../settings/plan-role-chain";
import type { Settings } from "../settings/settings";
import { BoundedMap } from "../types/bounded-map";
import type { Environment } from "../types/environment";
import type { RoleChain } from "../types/role-chain";
import { secretsIn } from "./secrets-in";

const MAX_PLANS = 10_000;

export class RolePlanner {
  readonly #plans = new BoundedMap<RoleChain>(MAX_PLANS);
  #plain: RoleChain | undefined;

  constructor(
    readonly settings: Settings,
    readonly environment: Environment,
    readonly secrets: SecretKeeper,
  ) {}

  /** @throws AdapterError, see `planRoleChain`; a refusal is not remembered */
  plan(request: RoleRequest): RoleChain {
    const { kind, stsParams, roleName, callProperties } = request;
    const provider = callProperties?.credential_provider;
    if (kind === "plain" && !stsParams && !roleName && !provider) {
      this.#plain ??= this.#make(request);
      return this.#plain;
    }
    // A one-time code is used once; keeping it would keep a secret for nothing.
    if (stsParams?.TokenCode) return this.#make(request);
    const key = keyOf(kind, roleName, provider, stsParams);
    if (key === undefined) return this.#make(request);
    let chain = this.#plans.get(key);
    if (chain === undefined) {
      chain = this.#make(request);
      this.#plans.set(inOnePiece(key), chain);
    }
    return chain;
  }

  #make(request: RoleRequest): RoleChain {
    const chain = planRoleChain(this.settings, this.environment, request);
    for (const secret of secretsIn(chain)) this.secrets.addSecret(secret);
    return chain;
  }
}

/**
 * Every part is preceded by its length, so that no value can pass for another one. Written out because JSON.stringify of
 * the same would be a tenth of what a whole call costs.
 * @returns undefined for what JSON cannot hold (a circle, a bigint): the plan refuses it by name
 */
function keyOf(
  kind: string,
  roleName: unknown,
  provider: unknown,
  stsParams: object | null | undefined,
): string | undefined {
  try {
    let key = kind + part(roleName) + part(provider);
    for (const name in stsParams) key += part(name) + part((stsParams as Record<string, unknown>)[name]);
    return key;
  } catch {
    return undefined;
  }
}

function part(value: unknown): string {
  if (typeof value === "string") return `s${value.length}:${value}`;
  const text = JSON.stringify(value) ?? "";
  return `j${text.length}:${text}`;
}

/** V8 keeps a text that was put together as its pieces: several times the memory, for as long as the plan. */
const inOnePiece = (text: string): string => JSON.parse(JSON.stringify(text)) as string;
