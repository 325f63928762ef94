/** Owns the discrete-event simulation of nodes that call as roles: call by call, as the identity cache decides. */
import type { Load } from "./model";

const LIFETIME_SECONDS = 3600;
const EXPIRED_WITHIN_SECONDS = 60;
const LEAD_SECONDS = 300;
const LEAD_SHARE = 0.25;
const STAGGER_SHARE = 0.5;

export interface SimulatedLoad extends Load {
  readonly seconds: number;
  /** `cold`: nobody has a session; `in-mid-life`: each has one of any age, as after a long time. */
  readonly begin: "cold" | "in-mid-life";
  /** Not counted. */
  readonly warmUpSeconds: number;
  readonly seed: number;
}

export interface SimulatedFigures {
  readonly calls: number;
  /** In the time after the warm-up. */
  readonly assumeRoles: number;
  readonly assumeRolesPerSecond: number;
  /** The most in any second, warm-up included. */
  readonly peakPerSecond: number;
}

/** Answers 0 to 1; equal seeds give equal sequences (mulberry32). */
export function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** One call of the load, in its order. */
export interface SimulatedCall {
  readonly atSeconds: number;
  readonly node: number;
  readonly role: number;
}

/** Calls at random times, of random nodes, as random roles: millions of them, so that they are visited and not kept. */
function visitCalls(
  { roles, nodes, callsPerSecond, seconds, seed }: SimulatedLoad,
  visit: (atSeconds: number, node: number, role: number) => void,
): void {
  const random = seeded(seed);
  for (let at = 0; ; ) {
    at -= Math.log(1 - random()) / callsPerSecond;
    if (at >= seconds) return;
    visit(at, Math.floor(random() * nodes), Math.floor(random() * roles));
  }
}

/** The calls that `simulate` simulates, for whoever makes them. */
export function callsOf(load: SimulatedLoad): readonly SimulatedCall[] {
  const calls: SimulatedCall[] = [];
  visitCalls(load, (atSeconds, node, role) => calls.push({ atSeconds, node, role }));
  return calls;
}

export function simulate(load: SimulatedLoad): SimulatedFigures {
  const { roles, nodes, cache, warmUpSeconds, seconds, seed } = load;
  const random = seeded(seed + 1);
  // Seconds until which a session is used, and from which a use fetches another one; 0 for none.
  const usableUntil = new Float64Array(roles * nodes);
  const refreshAt = new Float64Array(roles * nodes);
  const stored = new Float64Array(cache === "shared" ? roles : 0);
  if (load.begin === "in-mid-life") {
    const sessions = cache === "shared" ? stored : usableUntil;
    for (let at = 0; at < sessions.length; at += 1)
      sessions[at] = (LIFETIME_SECONDS - EXPIRED_WITHIN_SECONDS) * random();
    for (let at = 0; at < refreshAt.length; at += 1) {
      refreshAt[at] = (usableUntil[at] as number) - LEAD_SECONDS * (1 - STAGGER_SHARE * random());
    }
  }
  let [calls, assumed, second, inSecond, peak] = [0, 0, 0, 0, 0];
  visitCalls(load, (now, node, role) => {
    calls += 1;
    const at = node * roles + role;
    if (now < (usableUntil[at] as number) && now < (refreshAt[at] as number)) return;
    let until = cache === "shared" ? (stored[role] as number) : 0;
    // What the store has will do when it is valid, and better than what is at hand.
    if (until <= now || until <= (usableUntil[at] as number)) {
      until = now + LIFETIME_SECONDS - EXPIRED_WITHIN_SECONDS;
      if (cache === "shared") stored[role] = until;
      if (now >= warmUpSeconds) assumed += 1;
      if (Math.floor(now) !== second) [second, inSecond] = [Math.floor(now), 0];
      inSecond += 1;
      peak = Math.max(peak, inSecond);
    }
    const lead = Math.min(LEAD_SECONDS, (until - now) * LEAD_SHARE);
    usableUntil[at] = until;
    refreshAt[at] = until - lead * (1 - STAGGER_SHARE * random());
  });
  return {
    calls,
    assumeRoles: assumed,
    assumeRolesPerSecond: assumed / (seconds - warmUpSeconds),
    peakPerSecond: peak,
  };
}
