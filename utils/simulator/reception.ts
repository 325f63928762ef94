/** Owns the way of a request through the simulator: who answers it, what goes wrong on purpose, what is sent and recorded. */
import type { ServerResponse } from "node:http";
import type { Answer } from "./answer";
import type { ContainerCredentials } from "./container-credentials";
import { type ControlPanel, controlPrefix } from "./control-panel";
import type { Fault, FaultKind, FaultSwitch } from "./faults";
import type { Destination, Gateway, Outcome } from "./gateway";
import { type InstanceMetadata, metadataAction } from "./instance-metadata";
import type { RecordedRequest, RequestRecord } from "./request-record";
import type { RolesAnywhere } from "./roles-anywhere";
import type { RefusalKind } from "./service-fault";
import type { WireRequest } from "./wire-request";

export interface ReceptionDependencies {
  readonly gateway: Gateway;
  readonly metadata: InstanceMetadata;
  readonly containers: ContainerCredentials;
  readonly rolesAnywhere: RolesAnywhere;
  readonly control: ControlPanel;
  readonly faults: FaultSwitch;
  readonly record: RequestRecord;
  /** Epoch milliseconds. */
  readonly now: () => number;
  /** Milliseconds, for durations. */
  readonly monotonic: () => number;
}

/** Faults that are answered in the words of the service. */
const refusals: Readonly<Partial<Record<FaultKind, RefusalKind>>> = {
  "503": "unavailable",
  "500": "internal",
  throttle: "throttled",
  "expired-token": "expired-token",
};
/** Faults that are answered with the same bytes by whatever service. */
const pages: Readonly<Partial<Record<FaultKind, Answer>>> = {
  malformed: {
    status: 200,
    headers: { "content-type": "text/xml" },
    body: "<Response><unfinished attribute=> this is not XML",
  },
  "html-502": {
    status: 502,
    headers: { "content-type": "text/html" },
    body: "<html>\r\n<head><title>502 Bad Gateway</title></head>\r\n<body>\r\n<center><h1>502 Bad Gateway</h1></center>\r\n</body>\r\n</html>\r\n",
  },
  empty: { status: 200, headers: {}, body: "" },
};
const plainStatus: Readonly<Partial<Record<FaultKind, number>>> = {
  "503": 503,
  "500": 500,
  throttle: 429,
  "expired-token": 401,
};

const NOTE_HEADER = "x-simulator-note";
const MAX_NOTE = 256;

/** A request whose receiver is known. */
interface Visit {
  readonly service: string;
  readonly action: string;
  readonly destination?: Destination;
  readonly note?: string;
  readonly answer: (nowMs: number, fault: Fault | undefined) => Outcome;
}

export class Reception {
  readonly #timers = new Set<NodeJS.Timeout>();
  #dateSecond = 0;
  #dateText = "";

  constructor(private readonly use: ReceptionDependencies) {}

  /** Lets go of answers that are still to come. */
  close(): void {
    for (const timer of this.#timers) clearTimeout(timer);
  }

  receive(request: WireRequest, response: ServerResponse): void {
    if (request.rawPath.startsWith(controlPrefix) && !request.headers.has("authorization")) {
      this.#send(request, response, this.use.control.answer(request), this.use.now());
      return;
    }
    const startedMs = this.use.monotonic();
    const note = request.headers.get(NOTE_HEADER)?.slice(0, MAX_NOTE);
    const visit = { ...this.#visit(request), ...(note === undefined ? {} : { note }) };
    const fault = this.#fault(visit);
    if (fault?.kind !== "slow") {
      this.#serve(request, response, visit, fault, startedMs);
      return;
    }
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      this.#serve(request, response, visit, fault, startedMs);
    }, fault.ms ?? 2000);
    this.#timers.add(timer);
  }

  #visit(request: WireRequest): Visit {
    const { gateway, metadata, containers, rolesAnywhere } = this.use;
    const signed = request.headers.get("authorization")?.startsWith("AWS4") === true;
    const plain = (service: string, action: string, respond: (nowMs: number) => Answer): Visit => ({
      service,
      action,
      answer: (nowMs, fault) => {
        const status = fault === undefined ? undefined : plainStatus[fault.kind];
        const answer = status === undefined ? respond(nowMs) : { status, headers: {}, body: "" };
        return { answer, requestId: "", action };
      },
    });
    if (!signed && request.rawPath.startsWith("/latest/")) {
      return plain("imds", metadataAction(request), (nowMs) => metadata.answer(request, nowMs));
    }
    if (!signed && containers.serves(request))
      return plain("container", "Credentials", (nowMs) => containers.answer(request, nowMs));
    if (rolesAnywhere.serves(request)) {
      const answer = (nowMs: number, fault: Fault | undefined): Outcome =>
        rolesAnywhere.handle(request, nowMs, fault?.kind);
      return { service: "rolesanywhere", action: "CreateSession", answer };
    }
    const destination = gateway.destination(request);
    return {
      service: destination.serviceName,
      action: "Unknown",
      destination,
      answer: (nowMs, fault) =>
        gateway.handle(request, destination, nowMs, fault === undefined ? undefined : refusals[fault.kind]),
    };
  }

  /** The hop limit is a matter of token answers only; it does not wear off on other requests. */
  #fault(visit: Visit): Fault | undefined {
    const set = this.use.faults.list()[visit.service] ?? this.use.faults.list()["*"];
    if (set === undefined || (set.kind === "hop-limit" && visit.action !== "Token")) return undefined;
    return this.use.faults.take(visit.service);
  }

  #serve(
    request: WireRequest,
    response: ServerResponse,
    visit: Visit,
    fault: Fault | undefined,
    startedMs: number,
  ): void {
    const kind = fault?.kind;
    const nowMs = this.use.now() + (kind === "skewed-clock" ? (fault?.seconds ?? 3600) * 1000 : 0);
    const page = kind === undefined ? undefined : pages[kind];
    if (kind === "down" || kind === "silent" || kind === "hop-limit") {
      this.#record(visit, undefined, 0, fault, startedMs, nowMs);
      if (kind === "down") response.destroy();
      return;
    }
    const outcome = page === undefined ? visit.answer(nowMs, fault) : undefined;
    const answer = outcome?.answer ?? (page as Answer);
    this.#record(visit, outcome, kind === "lost-answer" ? 0 : answer.status, fault, startedMs, nowMs);
    if (kind === "lost-answer") response.destroy();
    else if (kind === "truncated") this.#sendHalf(response, answer);
    else this.#send(request, response, answer, nowMs);
  }

  #headers(answer: Answer, nowMs: number): Record<string, string | number> {
    const second = Math.floor(nowMs / 1000);
    if (second !== this.#dateSecond) {
      this.#dateSecond = second;
      this.#dateText = new Date(nowMs).toUTCString();
    }
    const length = typeof answer.body === "string" ? Buffer.byteLength(answer.body) : answer.body.length;
    const bodiless = answer.status === 204 || answer.status === 304;
    return {
      date: this.#dateText,
      server: "simulator",
      ...(bodiless ? {} : { "content-length": length }),
      ...answer.headers,
    };
  }

  #send(request: WireRequest, response: ServerResponse, answer: Answer, nowMs: number): void {
    if (response.destroyed) return;
    response.writeHead(answer.status, this.#headers(answer, nowMs));
    response.end(request.method === "HEAD" ? undefined : answer.body);
  }

  #sendHalf(response: ServerResponse, answer: Answer): void {
    const body = Buffer.from(answer.body);
    response.writeHead(answer.status, this.#headers(answer, this.use.now()));
    response.write(body.subarray(0, Math.floor(body.length / 2)), () => response.destroy());
  }

  #record(
    visit: Visit,
    outcome: Outcome | undefined,
    status: number,
    fault: Fault | undefined,
    startedMs: number,
    nowMs: number,
  ): void {
    const presented = visit.destination?.presented;
    const recorded: RecordedRequest = {
      requestId: outcome?.requestId ?? "",
      time: new Date(nowMs).toISOString(),
      service: visit.service,
      action: outcome?.action ?? visit.action,
      ...(presented === undefined ? {} : { region: presented.region, accessKeyId: presented.accessKeyId }),
      ...(outcome?.principalArn === undefined ? {} : { principalArn: outcome.principalArn }),
      ...(outcome?.roleArn === undefined ? {} : { roleArn: outcome.roleArn }),
      ...(visit.note === undefined ? {} : { note: visit.note }),
      status,
      ...(outcome?.errorCode === undefined ? {} : { errorCode: outcome.errorCode }),
      ...(fault === undefined ? {} : { fault: fault.kind }),
      durationMs: Math.round((this.use.monotonic() - startedMs) * 1000) / 1000,
    };
    this.use.record.add(recorded);
  }
}
