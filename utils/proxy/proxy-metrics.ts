/** Owns the proxy's counts: what went through it since it started, without a word of any request. */
import type { RefusalKind } from "./proxy-refusal";

export interface ProxyFigures {
  readonly requests: number;
  readonly inFlight: number;
  readonly tunnels: number;
  readonly bytesFromClients: number;
  readonly bytesToClients: number;
  /** Held of bodies that are being hashed. */
  readonly heldBytes: number;
  /** Answers by class, `2xx`, those of the proxy itself included. */
  readonly answers: Readonly<Record<string, number>>;
  /** What the proxy refused or failed at, by kind. */
  readonly refusals: Readonly<Record<string, number>>;
  readonly byProvider: Readonly<Record<string, number>>;
  /** Signed and sent a second time: an identity had ended, or a kept connection had. */
  readonly sentAgain: number;
  /** Clients that left before their answer was complete. */
  readonly abandoned: number;
}

export class ProxyMetrics {
  requests = 0;
  inFlight = 0;
  tunnels = 0;
  bytesFromClients = 0;
  bytesToClients = 0;
  sentAgain = 0;
  abandoned = 0;
  readonly #answers = new Map<string, number>();
  readonly #refusals = new Map<string, number>();
  readonly #providers = new Map<string, number>();

  countAnswer(status: number): void {
    increase(this.#answers, `${Math.floor(status / 100)}xx`);
  }

  countRefusal(kind: RefusalKind): void {
    increase(this.#refusals, kind);
  }

  countProvider(name: string): void {
    increase(this.#providers, name);
  }

  figures(heldBytes: number): ProxyFigures {
    const { requests, inFlight, tunnels, bytesFromClients, bytesToClients, sentAgain, abandoned } = this;
    return {
      ...{ requests, inFlight, tunnels, bytesFromClients, bytesToClients, heldBytes, sentAgain, abandoned },
      answers: Object.fromEntries(this.#answers),
      refusals: Object.fromEntries(this.#refusals),
      byProvider: Object.fromEntries(this.#providers),
    };
  }
}

const increase = (counts: Map<string, number>, name: string): void => {
  counts.set(name, (counts.get(name) ?? 0) + 1);
};
