/** Owns a lock between processes: a file that its holder keeps young, and that an old age gives free. */
import type { Clock } from "../../types/clock";
import type { PrivateFiles } from "./private-files";

/** A holder that was killed is waited for no longer than this. */
const STALE_MS = 3000;
const HEARTBEAT_MS = 750;
const FIRST_WAIT_MS = 15;
const LONGEST_WAIT_MS = 120;

export interface FileLockDependencies {
  readonly files: PrivateFiles;
  readonly clock: Clock;
  /** Answers 0 to 1. */
  readonly random: () => number;
  /** Tells one holder from another. */
  readonly owner: () => string;
}

/**
 * It saves calls and guards no data, so the worst of a holder that stalls for longer than it stays young is one call more.
 * @param path - of the lock's file
 * @param untilMs - on the monotonic clock; who has not got the lock by then goes on without it
 * @returns what ends the lock, `undefined` without one
 * @throws the file system's error, or the signal's reason when it aborts
 */
export async function lockFile(
  path: string,
  { files, clock, random, owner }: FileLockDependencies,
  signal?: AbortSignal,
  untilMs: number = Number.POSITIVE_INFINITY,
): Promise<(() => Promise<void>) | undefined> {
  const mine = Buffer.from(owner());
  for (let wait = FIRST_WAIT_MS; ; wait = Math.min(LONGEST_WAIT_MS, wait * 1.5)) {
    signal?.throwIfAborted();
    if (await files.create(path, mine)) break;
    if (await isStale(path, files, clock)) await takeAway(path, files, owner());
    else if (clock.monotonic() >= untilMs) return undefined;
    else await clock.sleep(wait * (0.5 + random() / 2), signal);
  }
  let state: "held" | "released" = "held";
  let cancel = (): void => {};
  const beat = (): void => {
    cancel = clock.schedule(HEARTBEAT_MS, () => {
      if (state === "released") return;
      // A touch that fails lets the lock grow old: somebody else may fetch too, and that is all.
      files.touch(path, clock.now()).catch(() => undefined);
      beat();
    });
  };
  beat();
  return async () => {
    state = "released";
    cancel();
    const found = await files.read(path);
    if (found?.equals(mine) === true) await files.remove(path);
  };
}

async function isStale(path: string, files: PrivateFiles, clock: Clock): Promise<boolean> {
  const modifiedMs = await files.modifiedMs(path);
  // A time in the future is of a clock that was set back: it must not lock for ever.
  return modifiedMs !== undefined && Math.abs(clock.now() - modifiedMs) > STALE_MS;
}

/** Of several that find the same old lock one takes it away; one that took a fresh lock by mistake puts it back. */
async function takeAway(path: string, files: PrivateFiles, id: string): Promise<void> {
  const old = await files.read(path);
  const aside = `${path}.${id}`;
  if (old === undefined || !(await files.rename(path, aside))) return;
  const taken = await files.read(aside);
  if (taken !== undefined && !taken.equals(old)) await files.create(path, taken);
  await files.remove(aside);
}
