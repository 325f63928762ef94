/** Owns the record of requests: enough to tell who did what, never anything secret. */
import type { FaultKind } from "./faults";

export interface RecordedRequest {
  readonly requestId: string;
  /** ISO 8601, by the simulator's clock. */
  readonly time: string;
  /** The signing name, or `imds` or `container`. */
  readonly service: string;
  readonly action: string;
  readonly region?: string;
  readonly accessKeyId?: string;
  /** Who signed, once that is believed. */
  readonly principalArn?: string;
  /** The role that was asked for. */
  readonly roleArn?: string;
  /** The header `x-simulator-note`: what a trial wants to find again. */
  readonly note?: string;
  /** 0 when no answer was sent. */
  readonly status: number;
  readonly errorCode?: string;
  readonly fault?: FaultKind;
  readonly durationMs: number;
}

const maxRecorded = 20_000;

export class RequestRecord {
  readonly #requests: RecordedRequest[] = [];
  readonly #counts = new Map<string, number>();

  /** The latest requests, oldest first; bounded. */
  get requests(): readonly RecordedRequest[] {
    return this.#requests;
  }

  add(request: RecordedRequest): void {
    this.#requests.push(request);
    if (this.#requests.length > maxRecorded) this.#requests.splice(0, maxRecorded / 4);
    const name = `${request.service}.${request.action}`;
    this.#counts.set(name, (this.#counts.get(name) ?? 0) + 1);
  }

  /** How often each `service.action` was asked for since the start or the last {@link clear}. */
  counts(): Record<string, number> {
    return Object.fromEntries(this.#counts);
  }

  clear(): void {
    this.#requests.length = 0;
    this.#counts.clear();
  }
}
