/** Owns the errors of certificates and keys that cannot be used, told before anything is sent. */
import { AdapterError } from "../../errors/adapter-error";

const BLOCK = "authentication.aws_roles_anywhere";

/** Where a certificate or key was configured: its property, and the file if it is one. */
export interface Origin {
  /** `certificate`, `private_key_file`. */
  readonly property: string;
  readonly file?: string;
}

/** @returns `certificate_file (/etc/pki/client.pem)` */
export const originWords = ({ property, file }: Origin): string =>
  file === undefined ? property : `${property} (${file})`;

/**
 * @param words - the source, as logs call it
 * @param reason - what is wrong, without a secret
 * @param advice - what to change
 */
export function materialError(words: string, reason: string, advice: string, cause?: unknown): AdapterError {
  return new AdapterError(
    "CREDENTIAL_SOURCE_FAILED",
    { step: words, reason, advice: `${advice} (${BLOCK})` },
    { step: words, ...(cause === undefined ? {} : { cause }) },
  );
}
