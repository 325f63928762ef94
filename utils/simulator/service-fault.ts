/** Owns the two ways a simulated call ends badly: a fault of the service, and a refusal that each protocol words in its own way. */

/** An answer that a service gives in its own code and words. */
export class ServiceFault extends Error {
  override readonly name = "ServiceFault";

  /**
   * @param code - AWS's code
   * @param message - AWS's message
   * @param status - HTTP status
   * @param details - further elements of the error body, as S3 has them
   * @param headers - further headers of the answer
   */
  constructor(
    readonly code: string,
    message: string,
    readonly status = 400,
    readonly details: Readonly<Record<string, string | number>> = {},
    readonly headers: Readonly<Record<string, string>> = {},
  ) {
    super(message);
  }
}

/** Why a request is refused before, or instead of, its operation. */
export type RefusalKind =
  | "missing-signature"
  | "incomplete-signature"
  | "unknown-key"
  | "invalid-token"
  | "expired-token"
  | "clock-skew"
  | "wrong-scope"
  | "header-not-signed"
  | "signature-mismatch"
  | "denied"
  | "throttled"
  | "unavailable"
  | "internal"
  | "unknown-action";

/** A refusal before it is put into the words of a protocol; `message` and `details` replace the table's where given. */
export class Refusal extends Error {
  override readonly name = "Refusal";

  constructor(
    readonly kind: RefusalKind,
    readonly text?: string,
    readonly details: Readonly<Record<string, string | number>> = {},
  ) {
    super(text ?? kind);
  }
}
