/** Owns the choice of the signer: our own SigV4 for bodies in memory, the SDK's signers for everything else. */
import type { HttpRequest } from "../types/http";
import type { AwsCredentialIdentity } from "../types/identity";
import type { CanonicalPath } from "./canonical-request";
import { isBuffered, type Payload } from "./payload-hash";
import { signSigV4 } from "./sign-sigv4";
import { signWithSdk } from "./sign-with-sdk";
import { SigningKeyCache } from "./signing-key-cache";
import type { SigningRecord } from "./signing-record";

export interface SigningOptions {
  /** From the operation's auth schemes and the endpoint rules; `none` sends the request as it is. */
  readonly scheme: "sigv4" | "sigv4a" | "none";
  readonly service: string;
  /** For `sigv4a` a region set, `*` for all. */
  readonly region: string;
  /** Epoch milliseconds, corrected for clock skew by the caller. */
  readonly dateMs: number;
  readonly path: CanonicalPath;
  readonly payload: Payload;
}

/** Signs requests in place. It holds derived keys, so one belongs to one adapter instance. */
export class HttpSigner {
  readonly #keys = new SigningKeyCache();

  /**
   * Fills the headers of `request`. Synchronous for the common case, so that the hot path awaits nothing.
   * @returns the intermediates; nothing for scheme `none`
   * @throws AdapterError `NO_CREDENTIALS` when the identity has no keys
   */
  sign(
    request: HttpRequest,
    identity: AwsCredentialIdentity,
    options: SigningOptions,
  ): Promise<SigningRecord> | SigningRecord | undefined {
    if (options.scheme === "none") return undefined;
    if (options.scheme === "sigv4" && isBuffered(request.body)) {
      return signSigV4(request, identity, options, this.#keys);
    }
    return signWithSdk(request, identity, { ...options, scheme: options.scheme });
  }
}
