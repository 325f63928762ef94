/** Owns what is kept of a signature: its intermediates, for the auth log and for tests that say where one differs. */

export interface SigningRecord {
  /** Holds the session token where one is signed: mask before it is logged. */
  readonly canonicalRequest: string;
  readonly stringToSign: string;
  readonly signedHeaders: string;
  readonly credentialScope: string;
  readonly signature: string;
}
