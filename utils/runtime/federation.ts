/** Owns the proof of who a call acts as, for others than AWS: the attestation, and the Edge API that takes it. */
import { chainKeys } from "../credentials/chain-key";
import type { EdgeClient } from "../edge/edge-client";
import type { Attestor, EdgeOverrides, FederationRequest } from "../edge/edge-types";
import { type SignedCallerIdentity, signedCallerIdentity } from "../edge/signed-caller-identity";
import { AdapterError } from "../errors/adapter-error";
import { edgeEndpoint } from "../settings/aembit-source";
import { describeRoleChain } from "../settings/describe-role-chain";
import type { RoleRequest } from "../settings/plan-role-chain";
import type { Settings } from "../settings/settings";
import type { CallMetrics, CallResult } from "../types/call";
import type { Clock } from "../types/clock";
import type { IdentityProvider } from "../types/identity";
import type { EdgeEndpoint, RoleChain } from "../types/role-chain";

export interface FederationDependencies {
  readonly settings: Settings;
  readonly clock: Clock;
  readonly edge: EdgeClient;
  readonly plan: (request: RoleRequest) => RoleChain;
  readonly identity: (chain: RoleChain) => IdentityProvider;
  /** Limit of finding out an identity in milliseconds. */
  readonly timeoutMs: number;
}

export class Federation {
  readonly #dependencies: FederationDependencies;

  constructor(dependencies: FederationDependencies) {
    this.#dependencies = dependencies;
  }

  /**
   * A proof is signed now and never kept; a token is kept until shortly before its end; credentials are not kept.
   * @throws AdapterError `EDGE_API_FAILED`, and what planning and identity throw
   */
  async answer(request: FederationRequest, role: RoleRequest, given?: CallMetrics): Promise<CallResult> {
    const { clock, plan } = this.#dependencies;
    const started = clock.monotonic();
    const chain = attesting(plan(role), request);
    const { source, steps } = describeRoleChain(chain);
    const metrics = given ?? { roundTripMs: 0, attempts: 0, queueMs: 0, credentialSource: "", roleChain: [] };
    Object.assign(metrics, { credentialSource: source, roleChain: steps, attempts: 1 });
    const output = await this.#output(request, chain);
    metrics.roundTripMs = Math.round((clock.monotonic() - started) * 1000) / 1000;
    return { statusCode: 200, headers: {}, output, metrics };
  }

  async #output(request: FederationRequest, chain: RoleChain): Promise<unknown> {
    const { clock, edge, settings } = this.#dependencies;
    if (request.type === "callerIdentity") return this.#attest(chain, request.region ?? settings.sts.region);
    const endpoint = this.#endpoint(request.edge);
    const attestor: Attestor = {
      key: chainKeys(chain).at(-1) as string,
      attest: (given) => this.#attest(chain, endpoint.region, given?.timeoutMs),
    };
    if (request.type === "edgeCredentials") return edge.credentials(endpoint, attestor, request.wanted);
    const { accessToken, tokenType, expiresAtMs } = await edge.authenticate(endpoint, attestor);
    return { accessToken, tokenType, expiresIn: Math.floor((expiresAtMs - clock.now()) / 1000) };
  }

  #endpoint(overrides: EdgeOverrides): EdgeEndpoint {
    const { settings } = this.#dependencies;
    const source = settings.credentialSource;
    const configured = source?.type === "aembit" ? source.edge : undefined;
    const { proxy, tls, sts } = settings;
    return edgeEndpoint(
      {
        url: overrides.url ?? configured?.url ?? "",
        clientId: overrides.clientId ?? configured?.clientId ?? "",
        resourceSetId: overrides.resourceSetId ?? configured?.resourceSetId ?? "",
        region: overrides.region ?? configured?.region ?? "",
      },
      { proxy, tls, stsRegion: sts.region },
      (name) => `authentication.aembit.${name}`,
    );
  }

  async #attest(chain: RoleChain, region: string, timeoutMs?: number): Promise<SignedCallerIdentity> {
    if (!/^[a-z]+(-[a-z0-9]+)+$/.test(region)) {
      throw new AdapterError("INVALID_INPUT", {
        parameter: "region",
        found: JSON.stringify(region),
        expected: "a region, for example us-east-1",
        documentation: "aws-global stands for the global endpoint.",
      });
    }
    const { clock, identity } = this.#dependencies;
    const own = this.#dependencies.timeoutMs;
    const resolved = await identity(chain).resolve({ timeoutMs: Math.min(timeoutMs ?? own, own) });
    return signedCallerIdentity(resolved, region, clock.now());
  }
}

/** Whom Aembit gives credentials to attests there as whom it was before: the identity that Aembit knows. */
function attesting(planned: RoleChain, request: FederationRequest): RoleChain {
  const { source } = planned;
  if (request.type === "callerIdentity" || source.type !== "aembit") return planned;
  return { source: source.attestor, steps: planned.steps.filter(({ origin }) => origin !== "aws_iam_role") };
}
