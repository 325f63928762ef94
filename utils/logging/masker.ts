/** Owns masking in one place: by structure, then by known value, then by pattern. */
import type { Clock } from "../types/clock";
import { MASK } from "../types/secret";
import { mayHoldSecret } from "./first-look";
import { KnownValues } from "./known-values";
import { maskLongRuns } from "./long-runs";
import { maskAuthorization, maskStructure, type SecretNames, secretNames } from "./mask-structure";
import { maskPatterns } from "./secret-patterns";
import { TextBytes } from "./text-bytes";

/** Names of the members of an operation that its model marks as sensitive, as they appear on the wire. Keep one set an operation. */
export type SensitiveMembers = ReadonlySet<string>;

/** A text for the log, and what was left out of it. */
export interface MaskedBody {
  readonly text: string;
  /** Characters that were cut off; 0 when the text is complete. */
  readonly cutCharacters: number;
}

export interface MaskerOptions {
  /** Bound of the known values, see {@link KnownValuesOptions}. */
  readonly maxSecrets?: number;
  /** Without it no secret is forgotten for its time. */
  readonly clock?: Pick<Clock, "now" | "monotonic">;
  /** For how many milliseconds after its expiration a secret is masked: as long as whoever used it last may still be at work. An hour unless told. */
  readonly expiredForMs?: number;
}

const HOUR_MS = 3_600_000;
/** Longer secrets than this may show their beginning at the very place of a cut. */
const LONGEST_SECRET = 4096;
const DEPTH_LIMIT = 32;

/** Masks whatever leaves the product for a person's eyes. One an instance: it knows that instance's secrets and no other's. */
export class Masker {
  readonly #bytes = new TextBytes();
  readonly #values: KnownValues;
  readonly #names: SecretNames;
  readonly #moreNames: readonly string[];
  readonly #clock: Pick<Clock, "now" | "monotonic"> | undefined;
  readonly #expiredForMs: number;
  readonly #namesByOperation = new WeakMap<SensitiveMembers, SecretNames>();

  /**
   * @param sensitiveNames - further secret names, `authentication.sensitive` of the service instance
   */
  constructor(sensitiveNames: readonly string[] = [], { maxSecrets, clock, expiredForMs }: MaskerOptions = {}) {
    this.#moreNames = sensitiveNames;
    this.#names = secretNames(sensitiveNames);
    this.#values = new KnownValues(this.#bytes, { maxSecrets, clock });
    this.#clock = clock;
    this.#expiredForMs = expiredForMs ?? HOUR_MS;
  }

  /**
   * Masks this value from now on wherever it appears, in every usual encoding. Cheap: nothing is encoded yet.
   * @param expiration - when it ceases to be of use to anybody; without it it is masked for as long as there is room
   */
  addSecret(value: string, expiration?: Date): void {
    const leftMs = (expiration?.getTime() ?? Number.NaN) - (this.#clock?.now() ?? 0);
    // A clock that is set makes nobody's session end: what is left runs from here on, and what seems over is in use now.
    const untilMs = (this.#clock?.monotonic() ?? 0) + Math.max(0, leftMs) + this.#expiredForMs;
    this.#values.add(value, Number.isNaN(untilMs) ? undefined : untilMs);
  }

  #namesOf(sensitive: SensitiveMembers | undefined): SecretNames {
    if (sensitive === undefined || sensitive.size === 0) return this.#names;
    let names = this.#namesByOperation.get(sensitive);
    if (names === undefined) {
      names = secretNames([...this.#moreNames, ...sensitive]);
      this.#namesByOperation.set(sensitive, names);
    }
    return names;
  }

  /** @returns the text without its secrets; masking twice changes nothing more */
  maskText(text: string, sensitive?: SensitiveMembers): string {
    const names = this.#namesOf(sensitive);
    const holdsNone = this.#bytes.with(
      text,
      (bytes) => !this.#values.isIn(text, bytes) && !mayHoldSecret(text, bytes, names),
    );
    return holdsNone ? text : this.#maskPatterns(this.#values.mask(maskStructure(text, names)));
  }

  #maskPatterns(text: string): string {
    const masked = maskPatterns(text);
    return this.#bytes.with(masked, (bytes) => maskLongRuns(masked, bytes));
  }

  /**
   * Masks a body of any size at a bounded cost.
   * @param limit - characters of `text` that are looked at; the rest is cut off
   */
  maskBody(text: string, limit: number, sensitive?: SensitiveMembers): MaskedBody {
    if (text.length <= limit) return { text: this.maskText(text, sensitive), cutCharacters: 0 };
    // Values first, and beyond the cut, so that no secret is cut in half and then not recognised.
    const kept = this.#values.mask(text.slice(0, limit + LONGEST_SECRET), limit);
    const names = this.#namesOf(sensitive);
    const holdsNone = this.#bytes.with(kept, (bytes) => !mayHoldSecret(kept, bytes, names));
    return {
      text: holdsNone ? kept : this.#maskPatterns(maskStructure(kept, names)),
      cutCharacters: text.length - limit,
    };
  }

  /** @returns a copy of the headers: secret ones masked, of `authorization` all but its signature readable */
  maskHeaders(headers: Readonly<Record<string, string | readonly string[] | undefined>>): Record<string, string> {
    const masked = this.maskSecretHeaders(headers);
    for (const [name, value] of Object.entries(masked)) masked[name] = this.maskText(value);
    return masked;
  }

  /** Like {@link Masker.maskHeaders}, by the headers' names only: for texts that are masked as a whole afterwards. */
  maskSecretHeaders(
    headers: Readonly<Record<string, string | readonly string[] | undefined>>,
    sensitive?: SensitiveMembers,
  ): Record<string, string> {
    const names = this.#namesOf(sensitive);
    const masked: Record<string, string> = {};
    for (const name of Object.keys(headers)) {
      const given = headers[name];
      if (given === undefined) continue;
      const value = typeof given === "string" ? given : given.join(", ");
      const lower = name.toLowerCase();
      if (lower === "authorization" || lower === "proxy-authorization") masked[name] = maskAuthorization(value);
      else masked[name] = value !== "" && names.has(lower) ? MASK : value;
    }
    return masked;
  }

  /** Whether what stands behind that name is secret. */
  isSecretName(name: string, sensitive?: SensitiveMembers): boolean {
    return this.#namesOf(sensitive).has(name.toLowerCase());
  }

  /**
   * @param value - anything: nested, cyclic, with buffers, errors, secrets
   * @returns a plain, JSON-safe copy without its secrets
   */
  maskValue(value: unknown, sensitive?: SensitiveMembers): unknown {
    const names = this.#namesOf(sensitive);
    const open = new Set<object>();
    const copy = (part: unknown, depth: number): unknown => {
      if (typeof part === "string") return this.maskText(part, sensitive);
      if (typeof part === "bigint") return part.toString();
      if (typeof part === "function" || typeof part === "symbol") return undefined;
      if (typeof part !== "object" || part === null) return part;
      if (part instanceof Uint8Array) return `${part.byteLength} bytes`;
      if (part instanceof Date) return Number.isNaN(part.getTime()) ? "invalid date" : part.toISOString();
      if (depth > DEPTH_LIMIT) return "nested too deep";
      if (open.has(part)) return "circular";
      open.add(part);
      const plain = copyObject(part, depth);
      open.delete(part);
      return plain;
    };
    const copyObject = (part: object, depth: number): unknown => {
      if (Array.isArray(part)) return part.map((item) => copy(item, depth + 1));
      const { toJSON } = part as { toJSON?: unknown };
      if (typeof toJSON === "function") return copy(toJSON.call(part), depth + 1);
      const entries = part instanceof Error ? errorEntries(part) : Object.entries(part);
      const plain: Record<string, unknown> = {};
      for (const [name, member] of entries) {
        if (name.toLowerCase() === "authorization" && typeof member === "string")
          plain[name] = maskAuthorization(member);
        else plain[name] = isSecret(names, name, member) ? MASK : copy(member, depth + 1);
      }
      return plain;
    };
    return copy(value, 0);
  }
}

const isSecret = (names: SecretNames, name: string, member: unknown): boolean =>
  member !== undefined &&
  member !== null &&
  member !== "" &&
  typeof member !== "boolean" &&
  names.has(name.toLowerCase());

const errorEntries = (error: Error): [string, unknown][] => [
  ["name", error.name],
  ["message", error.message],
  ...Object.entries(error),
];
