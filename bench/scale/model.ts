/**
 * Owns the arithmetic of scale: how often roles are assumed, by so many nodes for so many calls.
 *
 * A session lives an hour and is used until a minute before its end. From some moment of its last five minutes on, drawn
 * anew for each session, the next use fetches another one. Uses of one role on one node are a Poisson process, so the
 * time from that moment to that use is exponential, whatever happened before.
 */

export interface Load {
  readonly roles: number;
  readonly nodes: number;
  /** Of all nodes together; every role and every node is as likely as any other. */
  readonly callsPerSecond: number;
  readonly cache: "own" | "shared";
}

/** Seconds of a session that are used, see docs/decisions.md: an hour less a minute. */
export const USEFUL_SECONDS = 3540;
/** A refresh may begin this long before the end of use, and at the latest half as long before it. */
export const LEAD_SECONDS = 300;

const FROM = USEFUL_SECONDS - LEAD_SECONDS;
const TO = USEFUL_SECONDS - LEAD_SECONDS / 2;

/**
 * @param t - seconds since the session was fetched
 * @param usesPerSecond - of the role on one node
 * @returns how likely it is that a node has not asked for another session yet
 */
function quietUntil(t: number, usesPerSecond: number): number {
  if (t <= FROM) return 1;
  const width = TO - FROM;
  const decay = (since: number): number => Math.exp(-usesPerSecond * (t - since));
  if (t >= TO) return (decay(TO) - decay(FROM)) / (usesPerSecond * width);
  return (TO - t) / width + (1 - decay(FROM)) / (usesPerSecond * width);
}

/** The mean time until the first of `nodes` asks for another session: the integral of how likely none has. */
export function meanCycleSeconds(nodes: number, usesPerSecond: number): number {
  const tail = TO + 40 / (usesPerSecond * nodes);
  const all = (t: number): number => quietUntil(t, usesPerSecond) ** nodes;
  return FROM + integral(all, FROM, TO) + integral(all, TO, tail);
}

/** Simpson's rule. */
function integral(f: (t: number) => number, from: number, to: number): number {
  const steps = 4000;
  const width = (to - from) / steps;
  let sum = f(from) + f(to);
  for (let step = 1; step < steps; step += 1) sum += f(from + step * width) * (step % 2 === 1 ? 4 : 2);
  return (sum * width) / 3;
}

/** @returns AssumeRole calls a second of all nodes together, in the long run */
export function assumeRoleRate({ roles, nodes, callsPerSecond, cache }: Load): number {
  const usesPerSecond = callsPerSecond / (roles * nodes);
  if (cache === "own") return (roles * nodes) / meanCycleSeconds(1, usesPerSecond);
  return roles / meanCycleSeconds(nodes, usesPerSecond);
}

/** @returns AssumeRole calls when every node needs every role for the first time */
export const coldStart = ({ roles, nodes, cache }: Load): number => (cache === "own" ? roles * nodes : roles);

/**
 * Requests that a service sees when it allows fewer than are made.
 * @param allowedPerSecond - by the service, for the account
 * @param retries - after the first attempt
 * @returns between what it sees when the retry budget is spent, and what it would see if every refusal were repeated
 */
export function serviceRate(
  callsPerSecond: number,
  allowedPerSecond: number,
  retries: number,
): { readonly least: number; readonly most: number } {
  if (callsPerSecond <= allowedPerSecond) return { least: callsPerSecond, most: callsPerSecond };
  let [low, high] = [callsPerSecond, callsPerSecond * (retries + 1)];
  // An attempt is refused with probability p; a call makes 1 + p + p² + … attempts, of which the service takes what it allows.
  for (let round = 0; round < 60; round += 1) {
    const attempts = (low + high) / 2;
    const refused = 1 - allowedPerSecond / attempts;
    const made = callsPerSecond * Array.from({ length: retries + 1 }, (_, n) => refused ** n).reduce((a, b) => a + b);
    if (made > attempts) low = attempts;
    else high = attempts;
  }
  return { least: callsPerSecond, most: (low + high) / 2 };
}
