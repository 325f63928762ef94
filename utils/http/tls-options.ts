/** Owns the `ssl` properties as Node's TLS options: files read and checked once, when a handler is made. */
import { createSecureContext, type SecureContext, type SecureContextOptions } from "node:tls";
import { AdapterError } from "../errors/adapter-error";
import type { Files } from "../types/files";
import { lazy } from "../types/lazy";
import type { TlsSettings } from "../types/tls";

export interface TlsOptions {
  /** Made once and shared by all connections: parsing certificates takes longer than most handshakes' own work. */
  readonly secureContext: () => SecureContext;
  readonly rejectUnauthorized: boolean;
}

const refused = (property: string, found: string, expected: string, cause: unknown): AdapterError =>
  new AdapterError("INVALID_PROPERTIES", { property, found, expected }, { cause });

function readFile(files: Files, property: string, path: string): Buffer {
  try {
    return files.read(path);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw refused(property, `${path} (${code ?? "unreadable"})`, "the path of a readable PEM file", error);
  }
}

/** Names the property that OpenSSL stumbles over, by trying them one after another. */
function checkContext(tls: TlsSettings, options: SecureContextOptions, block: string): void {
  const attempt = (property: string, found: string, expected: string, part: SecureContextOptions): void => {
    try {
      createSecureContext(part);
    } catch (error) {
      throw refused(property, `${found} (${(error as NodeJS.ErrnoException).code ?? "unusable"})`, expected, error);
    }
  };
  const { ca, cert, key, passphrase, ...rest } = options;
  if (ca) attempt(`${block}.ca_file`, String(tls.caFile), "PEM certificates of authorities", { ca });
  if (cert) attempt(`${block}.cert_file`, String(tls.certFile), "a PEM certificate", { cert });
  const withPassphrase = passphrase === undefined ? {} : { passphrase };
  if (key) {
    attempt(`${block}.key_file`, String(tls.keyFile), `a PEM private key that ${block}.passphrase opens`, {
      key,
      ...withPassphrase,
    });
  }
  if (key && cert) {
    const expected = `the private key of the certificate in ${block}.cert_file`;
    attempt(`${block}.key_file`, String(tls.keyFile), expected, { key, cert, ...withPassphrase });
  }
  for (const [option, property] of [
    ["ciphers", `${block}.ciphers`],
    ["secureProtocol", `${block}.secure_protocol`],
    ["ecdhCurve", `${block}.ecdhCurve`],
  ] as const) {
    const value = rest[option];
    if (value !== undefined) attempt(property, String(value), "a value that OpenSSL knows", { [option]: value });
  }
}

/**
 * @param block - the properties that `tls` comes from, for errors
 * @throws AdapterError `INVALID_PROPERTIES` naming the property whose file or value is unusable
 */
export function readTlsOptions(tls: TlsSettings | undefined, files: Files, block = "ssl"): TlsOptions {
  if (tls === undefined) return { secureContext: lazy(() => createSecureContext()), rejectUnauthorized: true };
  const options: SecureContextOptions = {};
  if (tls.caFile) options.ca = readFile(files, `${block}.ca_file`, tls.caFile);
  if (tls.certFile) options.cert = readFile(files, `${block}.cert_file`, tls.certFile);
  if (tls.keyFile) options.key = readFile(files, `${block}.key_file`, tls.keyFile);
  if (tls.passphrase) options.passphrase = tls.passphrase.reveal();
  if (tls.ciphers) options.ciphers = tls.ciphers;
  if (tls.secureProtocol) options.secureProtocol = tls.secureProtocol;
  if (tls.ecdhCurve) options.ecdhCurve = tls.ecdhCurve;
  if (Object.keys(options).length > 0) checkContext(tls, options, block);
  return {
    secureContext: lazy(() => createSecureContext(options)),
    rejectUnauthorized: tls.certificateCheck === "verify",
  };
}
