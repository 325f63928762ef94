/** Owns the promise made to a caller: its callback runs exactly once, or it gets a promise. */
import type { CallError, SuccessEnvelope } from "./envelope";
import type { PlatformCallback } from "./read-arguments";
import type { CallListener } from "./running-call";

/** Called when a callback itself throws; the fault is the platform's, so it is passed on, after it is in the log. */
export type CallbackFault = (thrown: unknown) => void;

/**
 * @param outcome - what was asked for; rejects with an error that has its envelope's members
 * @param callback - when there is none, the outcome is answered as a promise
 * @param envelopeOf - makes the callback's error of what `outcome` rejects with; must not throw
 * @param onFault - see {@link CallbackFault}
 */
export function answer<Data, Fault>(
  outcome: Promise<Data>,
  callback: PlatformCallback<Data, Fault> | undefined,
  envelopeOf: (reason: unknown) => Fault,
  onFault: CallbackFault,
): Promise<Data> | undefined {
  if (callback === undefined) return outcome;
  const run = runCallback(callback, onFault);
  // Two arguments, not a catch behind a then: a callback that throws must not be called a second time.
  outcome.then(
    (data) => run(data, null),
    (reason) => run(null, envelopeOf(reason)),
  );
  return undefined;
}

/** Tells a callback how its call went. */
export class CallbackListener implements CallListener {
  readonly #callback: PlatformCallback;
  readonly #onFault: CallbackFault;

  constructor(callback: PlatformCallback, onFault: CallbackFault) {
    this.#callback = callback;
    this.#onFault = onFault;
  }

  answered(answer: SuccessEnvelope): void {
    runCallback(this.#callback, this.#onFault)(answer, null);
  }

  failed(error: CallError): void {
    runCallback(this.#callback, this.#onFault)(null, error.toEnvelope());
  }
}

/** @returns the callback, whose own faults do not come back to who calls it */
export function runCallback<Data, Fault>(
  callback: PlatformCallback<Data, Fault>,
  onFault: CallbackFault,
): PlatformCallback<Data, Fault> {
  return (data, error) => {
    try {
      callback(data, error);
    } catch (thrown) {
      onFault(thrown);
    }
  };
}

/** Throws outside of every promise, as a callback's own exception would have left it. */
export function rethrowLater(thrown: unknown): void {
  setImmediate(() => {
    throw thrown;
  });
}
