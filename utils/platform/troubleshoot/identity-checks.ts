/** Owns the checks of who the adapter is: the source, each step of the chain, and the call as the identity at its end. */
import { type AdapterError, toAdapterError } from "../../errors/adapter-error";
import type { Runtime } from "../../runtime/create-runtime";
import type { CallerIdentity } from "../../runtime/identities";
import { describeSource } from "../../settings/describe-role-chain";
import type { Clock } from "../../types/clock";
import type { RoleChain } from "../../types/role-chain";
import type { OperationCall } from "../read-arguments";
import type { CheckList } from "./checks";
import type { Probe } from "./connection-checks";
import { type Fault, recogniseFault } from "./recognise-fault";
import type { ChainLink, Check, CheckName } from "./report";

type Outcome = Omit<Check, "name" | "title">;

const READS = /^(?:Get|List|Describe|Head|Query|Scan|Search|Lookup|Test|Validate|Simulate|Estimate)/;

const whoText = ({ arn, accessKeyId, expiration }: CallerIdentity): string =>
  `${arn} (${accessKeyId}${expiration === undefined ? "" : `, until ${expiration.toISOString()}`})`;

export class IdentityChecks {
  readonly #runtime: Runtime;
  readonly #clock: Clock;
  readonly #list: CheckList;
  readonly #probe: Probe;
  readonly #chain: RoleChain;
  /** The identity that was reached last, in words. */
  #actor: string;

  constructor(runtime: Runtime, clock: Clock, list: CheckList, probe: Probe, chain: RoleChain) {
    this.#runtime = runtime;
    this.#clock = clock;
    this.#list = list;
    this.#probe = probe;
    this.#chain = chain;
    this.#actor = describeSource(chain.source);
  }

  /** @returns the picture, with what was found in it */
  async run(call: OperationCall, picture: readonly ChainLink[]): Promise<ChainLink[]> {
    const links = [...picture];
    const mark = (at: number, outcome: Outcome): void => {
      const isPassed = outcome.status === "passed" || outcome.status === "warning";
      const status = isPassed ? "passed" : outcome.status === "failed" ? "failed" : "not-tried";
      const answer = outcome.aws === undefined ? outcome.found : `${outcome.aws.code}: ${outcome.aws.message}`;
      links[at] = { ...(links[at] as ChainLink), status, answer };
    };
    const isNearby = await this.#metadata();
    if (!isNearby) {
      mark(0, this.#last("metadata"));
      return links;
    }
    const source = await this.#sts();
    mark(0, source);
    if (source.status === "failed") return links;
    for (const [index] of this.#chain.steps.entries()) {
      const outcome = await this.#step(index);
      mark(index + 1, outcome);
      if (outcome.status === "failed") return links;
    }
    if (this.#chain.steps.length === 0) this.#list.add("chain", skipped("no role is assumed"));
    const outcome = await this.#service(call);
    mark(links.length - 1, outcome);
    return links;
  }

  #last(name: CheckName): Outcome {
    return this.#list.all().find((check) => check.name === name) as Check;
  }

  async #timed(found: () => Promise<Outcome["found"]>, step?: number): Promise<Outcome> {
    const startedMs = this.#clock.monotonic();
    const durationMs = () => Math.round(this.#clock.monotonic() - startedMs);
    try {
      return { status: "passed", found: await found(), durationMs: durationMs() };
    } catch (thrown) {
      return { ...this.#failure(toAdapterError(thrown), step), durationMs: durationMs() };
    }
  }

  #failure(error: AdapterError, step: number | undefined): Omit<Outcome, "durationMs"> {
    const { source, steps } = this.#chain;
    const hasKeys = source.type === "static" || source.type === "environment";
    const fault: Fault = {
      error,
      actor: this.#actor,
      hasSessionToken: hasKeys && source.sessionToken !== undefined,
      ...(hasKeys ? { accessKeyId: source.accessKeyId } : {}),
      ...(step === undefined ? {} : { step: steps[step] as (typeof steps)[number] }),
      ...(this.#probe.clockOffsetMs === undefined ? {} : { clockOffsetMs: this.#probe.clockOffsetMs }),
    };
    const { aws, recommendation } = error;
    const requestId = aws?.requestId === undefined ? {} : { requestId: aws.requestId };
    return {
      status: "failed",
      found: recogniseFault(fault),
      advice: recommendation,
      ...(aws === undefined ? {} : { aws: { code: aws.code, message: aws.message, ...requestId } }),
    };
  }

  /** What is near by: asked without STS, so that a fault of the instance is not taken for one of the way to AWS. */
  async #metadata(): Promise<boolean> {
    const { source } = this.#chain;
    if (source.type !== "instanceMetadata" && source.type !== "container") {
      this.#list.add("metadata", skipped(`the source is the ${describeSource(source)}`));
      return true;
    }
    const outcome = await this.#timed(async () => {
      const identity = await this.#runtime.identity({ source, steps: [] }).resolve();
      const { attachedRole } = identity as { attachedRole?: { name: string } };
      const role =
        attachedRole === undefined ? "credentials" : `token, and credentials of the role ${attachedRole.name}`;
      return `${role} (${identity.accessKeyId})`;
    });
    this.#list.add("metadata", outcome);
    return outcome.status === "passed";
  }

  async #sts(): Promise<Outcome> {
    const { source } = this.#chain;
    const outcome = await this.#timed(async () => {
      const who = await this.#runtime.whoIs({ source, steps: [] });
      this.#actor = who.arn;
      return whoText(who);
    });
    this.#list.add("sts", outcome);
    return outcome;
  }

  async #step(index: number): Promise<Outcome> {
    const { source, steps } = this.#chain;
    const outcome = await this.#timed(async () => {
      const who = await this.#runtime.whoIs({ source, steps: steps.slice(0, index + 1) });
      this.#actor = who.arn;
      return whoText(who);
    }, index);
    this.#list.add("chain", outcome, `Step ${index + 1} of ${steps.length}`);
    return outcome;
  }

  async #service(call: OperationCall): Promise<Outcome> {
    const { service, operation, params, kind, stsParams, roleName, metadata } = call;
    let elsewhere: string | undefined;
    const sent = READS.test(operation)
      ? await this.#timed(async () => {
          const given = { kind, stsParams, roleName, callProperties: metadata?.callProperties };
          const options = metadata === undefined ? given : { ...given, metadata };
          const { statusCode, requestId, headers } = await this.#runtime.call(service, operation, params, options);
          elsewhere = this.#otherRegion(headers["x-amz-bucket-region"], call);
          return `${service} ${operation} answered ${statusCode}${requestId === undefined ? "" : ` (request ${requestId})`}`;
        })
      : skipped(`${service} ${operation} may change something, so it is not sent`);
    const outcome: Outcome =
      elsewhere === undefined
        ? sent
        : {
            ...sent,
            status: "warning",
            found: `the bucket is in ${elsewhere}, which a redirect told: ${sent.found}`,
            advice: `Set callProperties.region of calls for this bucket to ${elsewhere}: it saves a request in each process, and a body is not sent twice.`,
          };
    this.#list.add("service", outcome);
    return outcome;
  }

  /** @returns the region of a bucket that is not in the one that was called */
  #otherRegion(bucketRegion: string | undefined, { metadata }: OperationCall): string | undefined {
    const called = metadata?.callProperties?.region || this.#runtime.settings.endpoint.region;
    return bucketRegion === called ? undefined : bucketRegion;
  }
}

const skipped = (found: string): Outcome => ({ status: "skipped", found, durationMs: 0 });
