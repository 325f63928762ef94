/** Owns AWS4-X509: the signature that IAM Roles Anywhere takes, made with the key of a certificate on the same canonical request. */
import { hash, type KeyObject, sign } from "node:crypto";
import { AdapterError } from "../errors/adapter-error";
import { hostHeader } from "../types/host-header";
import type { HttpRequest } from "../types/http";
import { canonicalRequest } from "./canonical-request";
import { payloadHash } from "./payload-hash";
import type { SigningRecord } from "./signing-record";

/** By the type of the key, as node names it. An ECDSA signature goes out in ASN.1 DER, which is node's default. */
const ALGORITHMS: Readonly<Record<string, string>> = {
  rsa: "AWS4-X509-RSA-SHA256",
  ec: "AWS4-X509-ECDSA-SHA256",
};

/** A certificate with its key: what signs. */
export interface X509Identity {
  /** DER of the certificate whose key signs. */
  readonly certificate: Uint8Array;
  /** Its serial number in decimal. */
  readonly serialNumber: string;
  readonly privateKey: KeyObject;
  /** DER of the intermediates, the issuer of `certificate` first; the trust anchor itself is not needed. */
  readonly chain: readonly Uint8Array[];
}

export interface X509SigningOptions {
  /** Signing name of the service, `rolesanywhere`. */
  readonly service: string;
  readonly region: string;
  /** Epoch milliseconds. */
  readonly dateMs: number;
}

/**
 * @returns the signing algorithm for a private key, `undefined` for a key that IAM Roles Anywhere takes no signature of
 * @see https://docs.aws.amazon.com/rolesanywhere/latest/userguide/authentication-sign-process.html
 */
export function x509Algorithm(privateKey: KeyObject): string | undefined {
  return ALGORITHMS[privateKey.asymmetricKeyType ?? ""];
}

const base64 = (der: Uint8Array): string => Buffer.from(der).toString("base64");

/**
 * Signs in place: fills `x-amz-date`, `x-amz-x509`, `x-amz-x509-chain` (with intermediates only), `host` if missing, and
 * `authorization`, and clears what an earlier signature left. No key is derived: the private key signs the string itself,
 * RSA by PKCS #1 v1.5, and always over SHA-256, on P-384 too.
 * @param request - exactly the parts that are sent; its body in memory
 * @returns the intermediates
 * @throws AdapterError `CREDENTIAL_SOURCE_FAILED` when the key is neither RSA nor EC
 * @see https://docs.aws.amazon.com/rolesanywhere/latest/userguide/authentication-sign-process.html
 */
export function signX509(request: HttpRequest, identity: X509Identity, options: X509SigningOptions): SigningRecord {
  const algorithm = x509Algorithm(identity.privateKey);
  if (algorithm === undefined) {
    throw new AdapterError("CREDENTIAL_SOURCE_FAILED", {
      step: "IAM Roles Anywhere",
      reason: `the private key is of type ${identity.privateKey.asymmetricKeyType ?? identity.privateKey.type}, not RSA or EC`,
      advice: "Use a certificate with an RSA or an EC key.",
    });
  }
  const { headers } = request;
  for (const name of ["authorization", "date", "x-amz-security-token", "x-amz-x509-chain"]) delete headers[name];
  const timestamp = new Date(options.dateMs).toISOString().replace(/[-:]|\.\d{3}/g, "");
  headers["host"] ??= hostHeader(request);
  headers["x-amz-date"] = timestamp;
  headers["x-amz-x509"] = base64(identity.certificate);
  if (identity.chain.length > 0) headers["x-amz-x509-chain"] = identity.chain.map(base64).join(",");

  const canonical = canonicalRequest(request, "double-encoded", payloadHash(request, "sha256"));
  const credentialScope = `${timestamp.slice(0, 8)}/${options.region}/${options.service}/aws4_request`;
  const stringToSign = `${algorithm}\n${timestamp}\n${credentialScope}\n${hash("sha256", canonical.text, "hex")}`;
  const signature = sign("sha256", Buffer.from(stringToSign), identity.privateKey).toString("hex");
  headers["authorization"] =
    `${algorithm} Credential=${identity.serialNumber}/${credentialScope}, SignedHeaders=${canonical.signedHeaders}, Signature=${signature}`;
  return {
    canonicalRequest: canonical.text,
    stringToSign,
    signedHeaders: canonical.signedHeaders,
    credentialScope,
    signature,
  };
}
