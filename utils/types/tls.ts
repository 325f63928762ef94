/** Owns what a TLS connection may be told: the `ssl` properties, as plain data. */
import type { Secret } from "./secret";

export interface TlsSettings {
  /** PEM file of certificate authorities to trust in addition to none of the built-in ones. */
  readonly caFile?: string;
  readonly certFile?: string;
  readonly keyFile?: string;
  readonly passphrase?: Secret;
  /** `verify` unless the operator set `accept_invalid_cert`. */
  readonly certificateCheck: "verify" | "accept-invalid";
  readonly ciphers?: string;
  /** Node's `secureProtocol`, for example `TLSv1_2_method`. */
  readonly secureProtocol?: string;
  readonly ecdhCurve?: string;
}
