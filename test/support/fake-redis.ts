/** Owns a Redis in a map: what the store asks of a server, with a clock that the trial moves. */
import {
  prolongIfEqual,
  type RedisClient,
  type RedisScript,
  type RedisUse,
  removeIfEqual,
} from "../../utils/redis/redis-client";
import type { Clock } from "../../utils/types/clock";

interface Entry {
  readonly value: Buffer;
  readonly endsMs: number;
}

export class FakeRedis implements RedisClient {
  readonly entries = new Map<string, Entry>();
  closed = 0;

  constructor(readonly clock: Pick<Clock, "now">) {}

  #find(name: string): Entry | undefined {
    const entry = this.entries.get(name);
    if (entry !== undefined && entry.endsMs <= this.clock.now()) this.entries.delete(name);
    return this.entries.get(name);
  }
  #put(name: string, value: Buffer | string, livesMs: number): void {
    this.entries.set(name, { value: Buffer.from(value), endsMs: this.clock.now() + livesMs });
  }
  async get(name: string): Promise<Buffer | undefined> {
    return this.#find(name)?.value;
  }
  async set(name: string, value: Buffer, livesMs: number): Promise<void> {
    this.#put(name, value, livesMs);
  }
  async claim(name: string, value: string, livesMs: number): Promise<boolean> {
    if (this.#find(name) !== undefined) return false;
    this.#put(name, value, livesMs);
    return true;
  }
  async remove(name: string): Promise<void> {
    this.entries.delete(name);
  }
  async run(
    script: RedisScript,
    name: string,
    [value, livesMs]: readonly (string | number | Buffer)[],
  ): Promise<unknown> {
    const entry = this.#find(name);
    if (entry === undefined || !entry.value.equals(Buffer.from(value as string))) return 0;
    if (script === removeIfEqual) this.entries.delete(name);
    if (script === prolongIfEqual) this.#put(name, entry.value, livesMs as number);
    return 1;
  }
  close(): void {
    this.closed += 1;
  }
}

/** The use of a Redis that is there, or is not. */
export function linkTo(
  client: RedisClient,
  state: { away?: boolean } = {},
): RedisUse & { reopen(): void; close(): void } {
  return {
    use: async (work) => (state.away === true ? undefined : work(client)),
    reopen: () => undefined,
    close: () => client.close(),
  };
}
