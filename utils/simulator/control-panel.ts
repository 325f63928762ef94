/** Owns the simulator's own address, `/_simulator/`: faults, requests and counts over HTTP. */
import type { Answer } from "./answer";
import { type Fault, type FaultKind, type FaultSwitch, faultKinds } from "./faults";
import type { RequestRecord } from "./request-record";
import type { WireRequest } from "./wire-request";
import { roleArn, userArn, type World } from "./world";

export const controlPrefix = "/_simulator/";

const json = (status: number, body: unknown): Answer => ({
  status,
  headers: { "content-type": "application/json" },
  body: `${JSON.stringify(body)}\n`,
});
const refuse = (status: number, message: string): Answer => json(status, { error: message });

export class ControlPanel {
  readonly #services: ReadonlySet<string>;

  constructor(
    private readonly faults: FaultSwitch,
    private readonly record: RequestRecord,
    private readonly world: World,
    services: readonly string[],
  ) {
    this.#services = new Set([...services, "imds", "container", "rolesanywhere", "*"]);
  }

  /** `GET|POST|DELETE /_simulator/faults`, `GET|DELETE /_simulator/requests`, `GET /_simulator/counts`, `GET /_simulator/world`. */
  answer(request: WireRequest): Answer {
    // A page in a browser must not reach the switches under a name of its own.
    if (!/^(?:127\.0\.0\.1|localhost)(?::\d+)?$/.test(request.headers.get("host") ?? ""))
      return refuse(403, "Ask 127.0.0.1 itself.");
    const name = `${request.method} ${request.rawPath.slice(controlPrefix.length)}`;
    switch (name) {
      case "GET faults":
        return json(200, { faults: this.faults.list(), kinds: faultKinds, services: [...this.#services] });
      case "POST faults":
        return this.#set(request);
      case "DELETE faults":
        this.faults.clear();
        return json(200, { faults: {} });
      case "GET requests":
        return json(200, { requests: this.record.requests });
      case "DELETE requests":
        this.record.clear();
        return json(200, { requests: [] });
      case "GET counts":
        return json(200, { counts: this.record.counts() });
      case "GET world":
        return json(200, {
          regions: this.world.regions,
          users: this.world.users.map(userArn),
          roles: this.world.roles.map(roleArn),
          buckets: this.world.buckets.map((bucket) => bucket.name),
        });
      default:
        return refuse(404, `There is no ${name} at ${controlPrefix}.`);
    }
  }

  #set(request: WireRequest): Answer {
    let body: Record<string, unknown>;
    try {
      body = JSON.parse(request.body.toString("utf8")) as Record<string, unknown>;
    } catch {
      return refuse(400, 'Send JSON: { "service": "sts", "kind": "throttle", "times": 1 }.');
    }
    const { service, kind } = body;
    if (typeof service !== "string" || !this.#services.has(service)) {
      return refuse(400, `service is one of ${[...this.#services].join(", ")}.`);
    }
    if (kind === "none" || kind === null) {
      this.faults.clear(service);
      return json(200, { faults: this.faults.list() });
    }
    if (typeof kind !== "string" || !Object.hasOwn(faultKinds, kind)) {
      return refuse(400, `kind is one of ${Object.keys(faultKinds).join(", ")}, or none.`);
    }
    const numbers = Object.fromEntries(
      (["times", "ms", "seconds"] as const).flatMap((field) =>
        typeof body[field] === "number" ? [[field, body[field]]] : [],
      ),
    ) as Pick<Fault, "times" | "ms" | "seconds">;
    this.faults.set(service, { kind: kind as FaultKind, ...numbers });
    return json(200, { faults: this.faults.list() });
  }
}
