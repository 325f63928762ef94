/** Owns the wrapper of a secret value: it can be used, but not printed, serialised or inspected. */
import { inspect } from "node:util";

/** What is shown in place of a secret, everywhere. */
export const MASK = "** masked **";

/**
 * A secret that redacts itself. `String(secret)`, `JSON.stringify(secret)` and `util.inspect(secret)` all give the mask;
 * only {@link Secret.reveal} gives the value, so every use of a secret can be found by searching for that word.
 */
export class Secret {
  readonly #value: string;

  constructor(value: string) {
    this.#value = value;
  }

  /** The value itself. Call it where the value is used, never to store it. */
  reveal(): string {
    return this.#value;
  }

  toString(): string {
    return MASK;
  }

  toJSON(): string {
    return MASK;
  }

  static {
    Object.defineProperty(Secret.prototype, inspect.custom, { value: () => MASK });
  }
}
