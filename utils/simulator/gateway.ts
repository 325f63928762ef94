/** Owns the judgement of a request: which service it is for, whether its signature and permissions hold, and the answer. */
import { randomUUID } from "node:crypto";
import { type Answer, faultAnswer } from "./answer";
import { authorize } from "./policy";
import { type PresentedSignature, presentedSignature } from "./presented-signature";
import { QueryParameters } from "./query-parameters";
import { type ErrorFamily, refusalFault } from "./refusal-table";
import type { SignedCallContext, SimulatedService } from "./service";
import { Refusal, type RefusalKind, ServiceFault } from "./service-fault";
import type { SignatureVerifier } from "./signature-verifier";
import type { WireRequest } from "./wire-request";

/** Where a request goes, found out before its signature is believed. */
export interface Destination {
  /** The service that the request is for, by its host, its target or its action. */
  readonly service: SimulatedService | undefined;
  readonly serviceName: string;
  readonly family: ErrorFamily;
  readonly regions: readonly string[];
  readonly presented?: PresentedSignature;
  /** What was wrong with the signature's form. */
  readonly refusal?: Refusal;
}

export interface Outcome {
  readonly answer: Answer;
  readonly requestId: string;
  readonly action: string;
  readonly principalArn?: string;
  readonly roleArn?: string;
  readonly errorCode?: string;
}

/** `X-Amz-Target` prefix to signing name. */
const targets: Readonly<Record<string, string>> = {
  DynamoDB_20120810: "dynamodb",
  secretsmanager: "secretsmanager",
  AmazonSQS: "sqs",
};
const awsHost =
  /(?:^|\.)(sts|ec2|s3|dynamodb|sqs|secretsmanager)[.-](?:(?:dualstack|fips)\.)?(?:([a-z]{2}(?:-[a-z]+)+-\d)\.)?amazonaws\.com/;

export class Gateway {
  readonly #services: ReadonlyMap<string, SimulatedService>;
  readonly #byAction: ReadonlyMap<string, string>;

  constructor(
    services: ReadonlyMap<string, SimulatedService>,
    private readonly verifier: SignatureVerifier,
    private readonly regions: readonly string[],
  ) {
    this.#services = services;
    this.#byAction = new Map(
      [...services.values()]
        .filter(({ family }) => family === "query" || family === "ec2")
        .flatMap(({ name, actionNames }) => actionNames.map((action) => [action, name] as const)),
    );
  }

  /** Which service a request is for. Behind one address there is no telling by host alone, so target and action tell as well. */
  destination(request: WireRequest): Destination {
    let presented: PresentedSignature | undefined;
    let refusal: Refusal | undefined;
    try {
      presented = presentedSignature(request);
    } catch (thrown) {
      if (!(thrown instanceof Refusal)) throw thrown;
      refusal = thrown;
    }
    const host = awsHost.exec(request.headers.get("host") ?? "");
    const target = request.headers.get("x-amz-target")?.split(".")[0] ?? "";
    const form = request.headers.get("content-type")?.startsWith("application/x-www-form-urlencoded") === true;
    const action = form || request.rawQuery.includes("Action=") ? this.#action(request) : undefined;
    const serviceName =
      host?.[1] ??
      targets[target] ??
      (action === undefined ? undefined : this.#byAction.get(action)) ??
      presented?.service ??
      "s3";
    const service = this.#services.get(serviceName);
    const family = service?.family ?? (target !== "" ? "json" : form ? "query" : "s3");
    const regions =
      host === null
        ? this.regions
        : host[2] !== undefined
          ? [host[2]]
          : host[1] === "s3"
            ? this.regions
            : ["us-east-1"];
    return {
      service,
      serviceName,
      family,
      regions,
      ...(presented === undefined ? {} : { presented }),
      ...(refusal === undefined ? {} : { refusal }),
    };
  }

  #action(request: WireRequest): string | undefined {
    return QueryParameters.read(request, request.body).get("Action");
  }

  /**
   * @param nowMs - the clock by which signatures are judged
   * @param forced - a refusal that a fault demands, whatever the request is
   */
  handle(request: WireRequest, destination: Destination, nowMs: number, forced?: RefusalKind): Outcome {
    const requestId =
      destination.family === "s3" ? randomUUID().replaceAll("-", "").slice(0, 16).toUpperCase() : randomUUID();
    const outcome: { action: string; principalArn?: string; roleArn?: string } = { action: "Unknown" };
    try {
      const answer = this.#run(request, destination, nowMs, requestId, outcome, forced);
      return { ...outcome, answer, requestId };
    } catch (thrown) {
      const fault =
        thrown instanceof Refusal
          ? refusalFault(destination.family, thrown)
          : thrown instanceof ServiceFault
            ? thrown
            : refusalFault(destination.family, new Refusal("internal", `The simulator failed: ${String(thrown)}`));
      return {
        ...outcome,
        answer: faultAnswer(destination.family, fault, requestId),
        requestId,
        errorCode: fault.code,
      };
    }
  }

  #run(
    request: WireRequest,
    { service, serviceName, presented, refusal, regions }: Destination,
    nowMs: number,
    requestId: string,
    outcome: { action: string; principalArn?: string; roleArn?: string },
    forced: RefusalKind | undefined,
  ): Answer {
    if (service === undefined) {
      const known = [...this.#services.keys()].join(", ");
      throw new ServiceFault("UnknownService", `The simulator has no service '${serviceName}'; it has ${known}.`, 501);
    }
    const named = nameOf(service, request);
    if (named !== undefined) outcome.action = named;
    if (forced !== undefined) throw new Refusal(forced);
    if (refusal !== undefined) throw refusal;
    const verified =
      presented === undefined
        ? undefined
        : this.verifier.verify(request, presented, { service: serviceName, regions, nowMs });
    if (verified !== undefined) outcome.principalArn = verified.key.caller.arn;
    const payload = verified?.payload ?? request.body;
    // Only now is the caller told that an action does not exist: AWS, too, judges the signature first.
    if (verified === undefined && named === undefined) throw new Refusal("missing-signature");
    const call = service.open(request, payload);
    outcome.action = call.action;
    if (call.roleArn !== undefined) outcome.roleArn = call.roleArn;
    const base = { requestId, nowMs, payload, region: presented?.region ?? (regions[0] as string) };
    if (verified === undefined) {
      if (call.signature === "required") throw new Refusal("missing-signature");
      return call.run(base as SignedCallContext);
    }
    const context: SignedCallContext = { ...base, caller: verified.key.caller };
    const permission = call.permission();
    if (permission !== undefined)
      authorize(context.caller, permission, call.resources(context), call.conditions(context));
    return call.run(context);
  }
}

/** The action's name for the record, where it can be read at all. */
function nameOf(service: SimulatedService, request: WireRequest): string | undefined {
  try {
    return service.open(request, request.body).action;
  } catch {
    return undefined;
  }
}
