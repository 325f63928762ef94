/** Owns the keeping of identities: one fetch at a time for each, early refresh, and an end before they expire. */
import { AdapterError, toAdapterError } from "../errors/adapter-error";
import { errorType } from "../metrics/error-type";
import type { Recorder } from "../metrics/metrics";
import { BoundedMap } from "../types/bounded-map";
import type { Clock } from "../types/clock";
import type {
  AwsCredentialIdentity,
  AwsCredentialIdentityProvider,
  IdentityProvider,
  IdentityRequest,
} from "../types/identity";
import { type CredentialStore, isSameIdentity } from "./credential-store/credential-store";
import { storedFetch } from "./credential-store/stored-fetch";
import { lazyAbort, within } from "./within";

/** Credentials with less than this left count as expired: a request must still be valid when AWS reads it. */
const EXPIRED_WITHIN_MS = 60_000;
/** A refresh starts this long before the end of use, or at this share of it, whichever is later. */
const REFRESH_AHEAD_MS = 300_000;
const REFRESH_AHEAD_SHARE = 0.25;
/** Share of the lead by which refreshes are spread, so that roles fetched together are not renewed together. */
const STAGGER_SHARE = 0.5;
/** Shortest wait after an early refresh failed. */
const RETRY_REFRESH_MS = 1000;
const RETRY_REFRESH_MAX_MS = 30_000;
/** A fetch bounds itself; this ends one that does not, and leaves the better error the time to arrive. */
const BACKSTOP_SHARE = 1.05;

interface Kept {
  readonly identity: AwsCredentialIdentity;
  /** The answer of `resolve` while the identity is valid: made once, not per call. */
  readonly answer: Promise<AwsCredentialIdentity>;
}

interface Entry {
  kept?: Kept;
  /** Epoch milliseconds from which the identity is not handed out any more. */
  usableUntilMs: number;
  /** Epoch milliseconds from which a use starts a refresh in the background. */
  refreshAtMs: number;
  flight?: Promise<AwsCredentialIdentity>;
  /** What AWS no longer accepts: not to be taken from the store again. */
  rejected?: AwsCredentialIdentity;
}

/** How an identity is obtained, and in which words errors and logs speak of it. */
export interface IdentityFetch {
  readonly fetch: AwsCredentialIdentityProvider;
  /** For example `step 1 of 2, AssumeRole arn:… (aws_iam_role)`. */
  readonly words: string;
  /** `never` for what cannot be had twice, such as a session opened with a one-time code. */
  readonly earlyRefresh: "background" | "never";
  /** `store` also keeps it behind the memory, where there is a store; for identities that cost a call and come to an end. */
  readonly kept?: "memory" | "store";
  /** Type of the source, or `assumeRole`: what is measured is told apart by it. */
  readonly source?: string;
  readonly metrics?: Recorder | undefined;
}

/** What the providers of one cache do; made once, so that a provider is no more than its key and its fetch. */
interface Lookups {
  resolve(key: string, how: IdentityFetch, request?: IdentityRequest): Promise<AwsCredentialIdentity>;
  current(key: string, how: IdentityFetch): AwsCredentialIdentity | undefined;
  invalidate(key: string, identity: AwsCredentialIdentity): void;
}

class CachedIdentity implements IdentityProvider {
  readonly #lookups: Lookups;
  readonly #key: string;
  readonly #how: IdentityFetch;

  constructor(lookups: Lookups, key: string, how: IdentityFetch) {
    this.#lookups = lookups;
    this.#key = key;
    this.#how = how;
  }

  resolve(request?: IdentityRequest): Promise<AwsCredentialIdentity> {
    return this.#lookups.resolve(this.#key, this.#how, request);
  }

  current(): AwsCredentialIdentity | undefined {
    return this.#lookups.current(this.#key, this.#how);
  }

  invalidate(identity: AwsCredentialIdentity): void {
    this.#lookups.invalidate(this.#key, identity);
  }
}

export interface IdentityCacheDependencies {
  /** Most identities kept. */
  readonly maxChains: number;
  readonly clock: Clock;
  /** Answers 0 to 1. */
  readonly random: () => number;
  /** Limit of one fetch in milliseconds, however patient the callers are. */
  readonly fetchTimeoutMs: number;
  /** Hears of a refresh that failed while the old identity still lives. Masked. */
  readonly warn: (message: string) => void;
  /** What other processes and later runs share. */
  readonly store?: CredentialStore;
}

/** Belongs to one adapter instance, or to all that name the same `credential_cache`. */
export class IdentityCache {
  readonly #entries: BoundedMap<Entry>;
  readonly #dependencies: IdentityCacheDependencies;
  readonly #lookups: Lookups = {
    resolve: (key, how, request) => this.#resolve(key, how, request),
    current: (key, how) => this.#valid(key, this.#entry(key), how)?.identity,
    invalidate: (key, identity) => this.#invalidate(key, identity),
  };
  #users = 0;

  constructor(dependencies: IdentityCacheDependencies) {
    this.#dependencies = dependencies;
    this.#entries = new BoundedMap(dependencies.maxChains);
  }

  /** Identities kept, valid or not. */
  get size(): number {
    return this.#entries.size;
  }

  /**
   * Counts one instance more that uses the cache; when the last has left, the store's connections end.
   * @returns what counts it off again, however often it is called
   */
  join(): () => void {
    const { store } = this.#dependencies;
    this.#users += 1;
    if (this.#users === 1) store?.open?.();
    let isHere = true;
    return () => {
      if (isHere) this.#users -= 1;
      if (isHere && this.#users === 0) store?.close?.();
      isHere = false;
    };
  }

  /**
   * @param key - made of everything that decides the identity, see `chainKeys`
   * @param how - used when nothing valid is kept under that key
   * @returns a provider; a thousand concurrent `resolve` of one key are one fetch
   */
  provider(key: string, how: IdentityFetch): IdentityProvider {
    return new CachedIdentity(this.#lookups, key, how);
  }

  #resolve(key: string, how: IdentityFetch, request: IdentityRequest | undefined): Promise<AwsCredentialIdentity> {
    const entry = this.#entry(key);
    const valid = this.#valid(key, entry, how);
    if (valid !== undefined) return valid.answer;
    how.metrics?.record("lookups", 1, how.source, entry.flight === undefined ? "fetched" : "joined");
    const flight =
      entry.flight?.catch((error) => this.#instead(error, key, entry, how)) ?? this.#fetch(key, entry, how, "demand");
    return within(flight, request ?? {}, this.#dependencies.clock, `the identity (${how.words})`);
  }

  /** What is kept, while it may be used; a use close to its end starts a refresh. */
  #valid(key: string, entry: Entry, how: IdentityFetch): Kept | undefined {
    const { kept } = entry;
    if (kept === undefined) return undefined;
    const now = this.#dependencies.clock.now();
    if (now >= entry.usableUntilMs) return undefined;
    how.metrics?.record("lookups", 1, how.source, "hit");
    if (now >= entry.refreshAtMs && entry.flight === undefined) this.#refreshEarly(key, entry, how);
    return kept;
  }

  /** Where instances share a cache, the one that flew may have been closed on the way: the others go on by themselves. */
  #instead(error: unknown, key: string, entry: Entry, how: IdentityFetch): Promise<AwsCredentialIdentity> {
    if (!(error instanceof AdapterError) || error.code !== "ABORTED") throw error;
    return entry.flight ?? this.#fetch(key, entry, how, "demand");
  }

  #invalidate(key: string, identity: AwsCredentialIdentity): void {
    const entry = this.#entries.get(key);
    if (entry?.kept === undefined || !isSameIdentity(entry.kept.identity, identity)) return;
    entry.rejected = identity;
    void this.#dependencies.store?.remove(key, identity);
    delete entry.kept;
  }

  #entry(key: string): Entry {
    let entry = this.#entries.get(key);
    if (entry === undefined) {
      entry = { usableUntilMs: 0, refreshAtMs: 0 };
      this.#entries.set(key, entry);
    }
    return entry;
  }

  #fetch(key: string, entry: Entry, how: IdentityFetch, reason: "demand" | "refresh"): Promise<AwsCredentialIdentity> {
    const { clock, fetchTimeoutMs, store } = this.#dependencies;
    const startedMs = clock.monotonic();
    let origin: "source" | "store" = "store";
    const fetch: AwsCredentialIdentityProvider = (asked) => {
      origin = "source";
      return how.fetch(asked);
    };
    const measure = (error?: unknown): void => {
      const type = error === undefined ? undefined : errorType(toAdapterError(error));
      how.metrics?.record("flights", (clock.monotonic() - startedMs) / 1000, how.source, reason, origin, type);
    };
    const ended = lazyAbort();
    const request = {
      timeoutMs: fetchTimeoutMs,
      get signal() {
        return ended.signal();
      },
    };
    const limit = { timeoutMs: fetchTimeoutMs * BACKSTOP_SHARE };
    const work =
      store === undefined || how.kept !== "store"
        ? fetch(request)
        : storedFetch(store, key, fetch, (found) => this.#isBetter(entry, found), request, clock);
    // What follows a flight is settled before it counts as landed, so that nobody starts another in between.
    const flight = within(work, limit, clock, `the identity (${how.words})`).then(
      (identity) => {
        delete entry.flight;
        measure();
        this.#keep(entry, identity, how);
        return identity;
      },
      (error: unknown) => {
        delete entry.flight;
        measure(error);
        ended.abort(error);
        if (entry.kept !== undefined) this.#postpone(entry, how, error);
        throw error;
      },
    );
    entry.flight = flight;
    return flight;
  }

  /** Whether an identity of the store is valid, not refused by AWS, and lives longer than the one at hand. */
  #isBetter(entry: Entry, found: AwsCredentialIdentity): boolean {
    const usableUntilMs = (found.expiration?.getTime() ?? 0) - EXPIRED_WITHIN_MS;
    if (usableUntilMs <= this.#dependencies.clock.now()) return false;
    if (entry.rejected !== undefined && isSameIdentity(entry.rejected, found)) return false;
    return entry.kept === undefined || usableUntilMs > entry.usableUntilMs;
  }

  #keep(entry: Entry, identity: AwsCredentialIdentity, how: IdentityFetch): void {
    const { clock, random } = this.#dependencies;
    const now = clock.now();
    entry.kept = { identity, answer: Promise.resolve(identity) };
    if (identity.expiration === undefined) {
      entry.usableUntilMs = Number.POSITIVE_INFINITY;
      entry.refreshAtMs = Number.POSITIVE_INFINITY;
      return;
    }
    entry.usableUntilMs = identity.expiration.getTime() - EXPIRED_WITHIN_MS;
    const lead = Math.min(REFRESH_AHEAD_MS, (entry.usableUntilMs - now) * REFRESH_AHEAD_SHARE);
    entry.refreshAtMs =
      how.earlyRefresh === "never"
        ? Number.POSITIVE_INFINITY
        : entry.usableUntilMs - lead * (1 - STAGGER_SHARE * random());
  }

  #refreshEarly(key: string, entry: Entry, how: IdentityFetch): void {
    this.#fetch(key, entry, how, "refresh").catch(() => undefined);
  }

  /** The identity that is kept stays in use; the next try comes later, and sooner the less is left. */
  #postpone(entry: Entry, how: IdentityFetch, error: unknown): void {
    const { clock, random, warn } = this.#dependencies;
    const left = entry.usableUntilMs - clock.now();
    if (left <= 0) return;
    const wait = Math.min(RETRY_REFRESH_MAX_MS, Math.max(RETRY_REFRESH_MS, left / 4));
    entry.refreshAtMs = clock.now() + wait * (1 - STAGGER_SHARE * random());
    const reason = error instanceof AdapterError ? error.message : String(error);
    warn(
      `Early refresh failed (${how.words}); the present credentials stay in use for ${Math.round(left / 1000)} s: ${reason}`,
    );
  }
}
