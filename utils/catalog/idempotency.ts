/** Owns the judgement whether an operation may be repeated when its first request may have been processed. */
import type { Idempotency, Traits } from "../models/entity-format";

/** Verbs of AWS operation names that only read. Others read too, but not wherever they are used: `VerifyEmailIdentity` sends a mail. */
const READ_VERBS =
  "BatchDescribe BatchGet Check Count Describe Estimate Filter Get Head List Lookup Query Scan Search Select Simulate TransactGet Validate";
const READ_ONLY = new RegExp(`^(?:${READ_VERBS.split(" ").join("|")})(?=[A-Z0-9]|$)`);

/** Named as reads, yet each hands something out or takes it back. */
const NOT_READ_ONLY: ReadonlySet<string> = new Set(["GetActivityTask", "CheckInLicense"]);

const IDEMPOTENT_METHODS: ReadonlySet<string> = new Set(["GET", "HEAD", "PUT", "DELETE"]);

export interface IdempotencyFacts {
  readonly name: string;
  readonly traits: Traits;
  /** HTTP method where the protocol binds operations to HTTP, else undefined: an RPC protocol POSTs everything. */
  readonly boundMethod: string | undefined;
  /** Whether a member of the input is an idempotency token, which the client fills in. */
  readonly hasIdempotencyToken: boolean;
}

/** @returns `idempotent` only for a stated or well-known reason */
export function idempotencyOf(facts: IdempotencyFacts): Idempotency {
  const { name, traits, boundMethod, hasIdempotencyToken } = facts;
  const stated = typeof traits === "number" ? (traits & 2) === 2 : traits["idempotent"] === 1;
  if (stated || hasIdempotencyToken) return "idempotent";
  if (boundMethod !== undefined && IDEMPOTENT_METHODS.has(boundMethod)) return "idempotent";
  return READ_ONLY.test(name) && !NOT_READ_ONLY.has(name) ? "idempotent" : "unsafe";
}
