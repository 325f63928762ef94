/** Owns a body that is read while it is sent, and can be read again from its beginning for a repetition. */
import { Readable } from "node:stream";

export class RepeatableStream extends Readable {
  /** Exact length. */
  readonly bytes: number;
  readonly #open: () => AsyncIterable<Uint8Array>;
  #parts: AsyncIterator<Uint8Array> | undefined;

  /**
   * @param bytes - exact length of what `open` gives
   * @param open - called when the first piece is wanted, not before
   */
  constructor(bytes: number, open: () => AsyncIterable<Uint8Array>) {
    super();
    this.bytes = bytes;
    this.#open = open;
  }

  /** The pieces from the beginning, for whoever wraps them in another stream. */
  parts(): AsyncIterable<Uint8Array> {
    return this.#open();
  }

  /** Closes this one. @returns the same body, unread */
  again(): RepeatableStream {
    this.destroy();
    return new RepeatableStream(this.bytes, this.#open);
  }

  override _read(): void {
    this.#parts ??= this.#open()[Symbol.asyncIterator]();
    this.#parts.next().then(
      ({ done, value }) => this.push(done ? null : value),
      (error: Error) => this.destroy(error),
    );
  }

  override _destroy(error: Error | null, callback: (error?: Error | null) => void): void {
    const closed = this.#parts?.return?.();
    if (closed === undefined) callback(error);
    else
      closed.then(
        () => callback(error),
        () => callback(error),
      );
  }
}
