/** Owns the named faults: what goes wrong on purpose, at which service, and how often. */

/** The faults by name, each with what it does. */
export const faultKinds = {
  slow: "answers after `ms` (default 2000)",
  silent: "accepts the request and never answers",
  down: "destroys the connection before anything is done",
  "lost-answer": "does what was asked, then destroys the connection",
  "503": "answers 503 in the service's own words",
  "500": "answers 500 in the service's own words",
  throttle: "answers the service's own throttling error",
  "skewed-clock": "its clock is off by `seconds` (default 3600), in the Date header and in the judging of signatures",
  "expired-token": "says that the token has expired",
  malformed: "answers 200 with something that is neither XML nor JSON",
  "html-502": "answers 502 with the HTML page of a load balancer",
  truncated: "does what was asked, then ends the connection in the middle of the answer",
  empty: "answers 200 with an empty body",
  "hop-limit":
    "lets the answers of instance metadata token requests die on the way, as a hop limit of 1 does to a container",
} as const;

export type FaultKind = keyof typeof faultKinds;

export interface Fault {
  readonly kind: FaultKind;
  /** How many requests it hits; all of them when absent. */
  readonly times?: number;
  /** For `slow`, milliseconds. */
  readonly ms?: number;
  /** For `skewed-clock`, seconds; negative is behind. */
  readonly seconds?: number;
}

/** Faults of every service, switched while the simulator runs. `*` stands for all services. */
export class FaultSwitch {
  readonly #faults = new Map<string, Fault>();

  /** Switches a fault on, in place of any other at that service. */
  set(service: string, fault: Fault): void {
    this.#faults.set(service, fault);
  }

  /** Switches the fault of a service off, or all. */
  clear(service?: string): void {
    if (service === undefined) this.#faults.clear();
    else this.#faults.delete(service);
  }

  /** What is switched on, with the times that remain. */
  list(): Readonly<Record<string, Fault>> {
    return Object.fromEntries(this.#faults);
  }

  /** The fault that hits a request to `service` now; counts it. */
  take(service: string): Fault | undefined {
    if (this.#faults.size === 0) return undefined;
    const name = this.#faults.has(service) ? service : "*";
    const fault = this.#faults.get(name);
    if (fault?.times === undefined) return fault;
    if (fault.times <= 1) this.#faults.delete(name);
    else this.#faults.set(name, { ...fault, times: fault.times - 1 });
    return fault.times < 1 ? undefined : fault;
  }
}
