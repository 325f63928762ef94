/** Owns the troubleshooting of a service instance: every check in its order, on a runtime of its own whose caches are empty. */
import { toAdapterError } from "../../errors/adapter-error";
import { Masker } from "../../logging/masker";
import { createRuntime, type Dependencies, type Runtime } from "../../runtime/create-runtime";
import { parseSettings } from "../../settings/parse-settings";
import type { Settings } from "../../settings/settings";
import type { RoleChain } from "../../types/role-chain";
import type { OperationCall } from "../read-arguments";
import { secretsOf } from "../secrets-of-properties";
import { chainPicture } from "./chain-picture";
import { CheckList } from "./checks";
import { checkDns, checkProxy, checkTime, type Lookup, type Probe, probeSts } from "./connection-checks";
import { IdentityChecks } from "./identity-checks";
import type { ChainLink, TroubleshootReport } from "./report";

export interface TroubleshootRequest {
  /** Of the adapter. */
  readonly id: string;
  readonly properties: unknown;
  /** The call to be looked into; without it, who the service instance is. */
  readonly call?: OperationCall;
}

export type TroubleshootDependencies = Dependencies & { readonly lookup: Lookup };

const defaultCall: OperationCall = {
  service: "sts",
  operation: "GetCallerIdentity",
  kind: "plain",
  params: {},
  stsParams: null,
  roleName: null,
  metadata: undefined,
};

/** Never throws: what fails is the report. Nothing is changed at AWS: a call that could is not sent. */
export async function troubleshoot(
  request: TroubleshootRequest,
  dependencies: TroubleshootDependencies,
): Promise<TroubleshootReport> {
  const { clock } = dependencies;
  const startedAt = new Date(clock.now()).toISOString();
  const startedMs = clock.monotonic();
  const list = new CheckList();
  const run = new Run(request, dependencies, list);
  let chain: readonly ChainLink[] = [];
  try {
    chain = await run.everything();
  } finally {
    run.close();
  }
  const { status, check } = list.verdict();
  const report: TroubleshootReport = {
    id: request.id,
    startedAt,
    durationMs: Math.round(clock.monotonic() - startedMs),
    status,
    diagnosis: check?.found ?? "everything works",
    ...(check?.advice === undefined ? {} : { advice: check.advice }),
    checks: list.all(),
    chain,
  };
  return run.masked(report);
}

/** Neither sessions nor names are shared: what an old session hides would come to light too late. */
const alone = (dependencies: Dependencies): Dependencies => {
  const { credentialStore: _, authLogSwitch: __, openRates: ___, ...others } = dependencies;
  return { ...others, sharedCaches: new Map() };
};

class Run {
  readonly #request: TroubleshootRequest;
  readonly #dependencies: TroubleshootDependencies;
  readonly #list: CheckList;
  readonly #masker = new Masker();
  #runtime: Runtime | undefined;

  constructor(request: TroubleshootRequest, dependencies: TroubleshootDependencies, list: CheckList) {
    this.#request = request;
    this.#dependencies = dependencies;
    this.#list = list;
    for (const secret of secretsOf(request.properties)) this.#masker.addSecret(secret);
  }

  async everything(): Promise<ChainLink[]> {
    const opened = this.#properties();
    if (opened === undefined) {
      const settings = this.#settingsWithoutCredentials();
      if (settings !== undefined) {
        await this.#connection(settings, this.#open(settings));
        this.close();
      }
      return [];
    }
    const { runtime, chain } = opened;
    const call = this.#request.call ?? defaultCall;
    const { settings } = runtime;
    const region = call.metadata?.callProperties?.region ?? settings.endpoint.region;
    const links = chainPicture(chain, { ...call, ...(region === undefined ? {} : { region }) });
    const probe = await this.#connection(settings, runtime);
    const checks = new IdentityChecks(runtime, this.#dependencies.clock, this.#list, probe, chain);
    return checks.run(call, links);
  }

  #open(settings: Settings): Runtime {
    this.close();
    this.#runtime = createRuntime(settings, alone(this.#dependencies));
    return this.#runtime;
  }

  #properties(): { runtime: Runtime; chain: RoleChain } | undefined {
    const { id, properties, call = defaultCall } = this.#request;
    const startedMs = this.#dependencies.clock.monotonic();
    const durationMs = () => this.#dependencies.clock.monotonic() - startedMs;
    try {
      const settings = parseSettings(id, properties, this.#dependencies.environment);
      const runtime = this.#open(settings);
      const { kind, stsParams, roleName, metadata } = call;
      const chain = runtime.plan({ kind, stsParams, roleName, callProperties: metadata?.callProperties });
      const found = settings.warnings.length === 0 ? "complete and valid" : settings.warnings.join("; ");
      const status = settings.warnings.length === 0 ? "passed" : "warning";
      this.#list.add("properties", { status, found, durationMs: durationMs() });
      return { runtime, chain };
    } catch (thrown) {
      const { displayString, recommendation } = toAdapterError(thrown);
      const found = displayString.replace(/^Service instance property /, "").replace(/\.$/, "");
      this.#list.add("properties", { status: "failed", found, advice: recommendation, durationMs: durationMs() });
      return undefined;
    }
  }

  /** Enough to look at the network, even where the credentials are written wrongly. */
  #settingsWithoutCredentials(): Settings | undefined {
    const { id, properties } = this.#request;
    const given = properties as { authentication?: { aws_sts?: unknown } } | null | undefined;
    try {
      const authentication = { auth_method: "aws_authentication", aws_sts: given?.authentication?.aws_sts ?? {} };
      return parseSettings(id, { ...given, authentication }, this.#dependencies.environment);
    } catch {
      return undefined;
    }
  }

  async #connection(settings: Settings, runtime: Runtime): Promise<Probe> {
    const { clock, lookup } = this.#dependencies;
    const [probe, dns] = await Promise.all([
      probeSts(settings, runtime.stsHandler(), clock),
      checkDns(settings, lookup, clock),
    ]);
    this.#list.add("time", checkTime(probe));
    this.#list.add("dns", dns);
    this.#list.add("proxy", checkProxy(settings, probe));
    return probe;
  }

  /** The last look at every text before a person sees it. */
  masked(report: TroubleshootReport): TroubleshootReport {
    const masker = this.#runtime?.masker ?? this.#masker;
    for (const secret of secretsOf(this.#request.properties)) masker.addSecret(secret);
    return masker.maskValue(report) as TroubleshootReport;
  }

  close(): void {
    this.#runtime?.close();
  }
}
