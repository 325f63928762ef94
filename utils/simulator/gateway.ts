/** Owns the judgement of a request: which service it is for, whether its signature and permissions hold, and the answer. */
import { randomUUID } from "node:crypto";
import { type Answer, faultAnswer } from "./answer";
import { authorize, callerConditions } from "./policy";
import { type PresentedSignature, presentedSignature } from "./presented-signature";
import { type ErrorFamily, refusalFault } from "./refusal-table";
import type { OpenedCall, SignedCallContext, SimulatedService } from "./service";
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
const actionParameter = /(?:^|&)Action=(\w+)/;
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
    const action =
      form || request.rawQuery.includes("Action=")
        ? actionParameter.exec(form ? request.body.toString("latin1") : request.rawQuery)?.[1]
        : undefined;
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
    const opened = tryOpen(service, request);
    if (!(opened instanceof Error)) outcome.action = opened.action;
    if (forced !== undefined) throw new Refusal(forced);
    if (refusal !== undefined) throw refusal;
    const verified =
      presented === undefined
        ? undefined
        : this.verifier.verify(request, presented, { service: serviceName, regions, nowMs });
    if (verified !== undefined) outcome.principalArn = verified.key.caller.arn;
    // AWS judges the signature before it says that an action does not exist.
    if (verified === undefined && opened instanceof Error) throw new Refusal("missing-signature");
    const payload = verified?.payload ?? request.body;
    const reopened = payload === request.body ? opened : tryOpen(service, request, payload);
    if (reopened instanceof Error) throw reopened;
    const call = reopened;
    outcome.action = call.action;
    if (call.roleArn !== undefined) outcome.roleArn = call.roleArn;
    const base = { requestId, nowMs, payload, region: presented?.region ?? (regions[0] as string) };
    if (verified === undefined) {
      if (call.signature === "required") throw new Refusal("missing-signature");
      return call.run(base as SignedCallContext);
    }
    const context: SignedCallContext = { ...base, caller: verified.key.caller };
    const permission = call.permission();
    if (permission !== undefined) {
      const conditions = {
        "aws:requestedregion": context.region,
        ...callerConditions(context.caller),
        ...call.conditions(context),
      };
      authorize(context.caller, permission, call.resources(context), conditions);
    }
    return call.run(context);
  }
}

/** The call, or what is wrong with it: kept until the signature has been judged. */
function tryOpen(service: SimulatedService, request: WireRequest, payload = request.body): OpenedCall | Error {
  try {
    return service.open(request, payload);
  } catch (thrown) {
    return thrown instanceof Error ? thrown : new Error(String(thrown));
  }
}
