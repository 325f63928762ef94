/** Owns the memory that bodies may take which must be held until they are hashed: so much for one, so much for all. */
import type { Readable } from "node:stream";
import { ProxyRefusal } from "./proxy-refusal";

/** As many of the largest may be held at once. */
const LARGEST_AT_ONCE = 8;

export class BufferBudget {
  readonly #limitBytes: number;
  #heldBytes = 0;

  /** @param limitBytes - of one body */
  constructor(limitBytes: number) {
    this.#limitBytes = limitBytes;
  }

  get heldBytes(): number {
    return this.#heldBytes;
  }

  /** Gives back what `read` took. */
  release(body: Buffer): void {
    this.#heldBytes -= body.length;
  }

  /**
   * @param declaredBytes - the length that the client announced, where it did
   * @returns the whole body, to be given back by `release`
   * @throws ProxyRefusal when it is too large, or too much is held already
   */
  read(body: Readable, declaredBytes: number | undefined): Promise<Buffer> {
    return new Promise((resolve, reject) => {
      const parts: Buffer[] = [];
      let bytes = 0;
      const end = (outcome: () => void): void => {
        body.off("data", onData).off("end", onEnd).off("error", onLost).off("close", onLost);
        outcome();
      };
      const refuse = (refusal: ProxyRefusal): void => {
        this.#heldBytes -= bytes;
        end(() => reject(refusal));
      };
      const fits = (more: number): boolean => {
        if (bytes + more > this.#limitBytes) refuse(this.#tooLarge());
        else if (this.#heldBytes + more > this.#limitBytes * LARGEST_AT_ONCE) {
          refuse(new ProxyRefusal("busy", "The proxy holds too many bodies at the moment: send the request again."));
        } else return true;
        return false;
      };
      const onData = (part: Buffer): void => {
        if (!fits(part.length)) return;
        parts.push(part);
        bytes += part.length;
        this.#heldBytes += part.length;
      };
      const onEnd = (): void => end(() => resolve(parts.length === 1 ? (parts[0] as Buffer) : Buffer.concat(parts)));
      const onLost = (): void => refuse(new ProxyRefusal("incomplete-body", "The body of the request ended early."));
      if (!fits(declaredBytes ?? 0)) return;
      body.on("data", onData).on("end", onEnd).on("error", onLost).on("close", onLost);
    });
  }

  #tooLarge(): ProxyRefusal {
    const limit = `${Math.floor(this.#limitBytes / 1024 / 1024)} MiB`;
    return new ProxyRefusal(
      "too-large",
      `The body has no x-amz-content-sha256, so it is held until it is hashed, and it is longer than ${limit}. Send its hash along, or start the proxy with a larger --buffer-limit.`,
    );
  }
}
