/** Owns the reading of credentials as instance metadata and container endpoints write them. */
import type { AwsCredentialIdentity } from "../types/identity";

/** What such a document says: credentials, or why there are none. */
export type CredentialDocument =
  | { readonly outcome: "credentials"; readonly identity: AwsCredentialIdentity & { readonly expiration: Date } }
  | { readonly outcome: "refused"; readonly code: string; readonly message: string }
  | { readonly outcome: "unreadable" };

/**
 * @param text - body of the answer
 * @see https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/instance-metadata-security-credentials.html
 */
export function readJsonCredentials(text: string): CredentialDocument {
  let document: Record<string, unknown>;
  try {
    document = JSON.parse(text) as Record<string, unknown>;
  } catch {
    return { outcome: "unreadable" };
  }
  if (typeof document !== "object" || document === null) return { outcome: "unreadable" };
  const of = (name: string): string => (typeof document[name] === "string" ? (document[name] as string) : "");
  const code = of("Code") || of("code");
  if (code !== "" && code !== "Success") return { outcome: "refused", code, message: of("Message") || of("message") };
  const expirationMs = Date.parse(of("Expiration"));
  if (of("AccessKeyId") === "" || of("SecretAccessKey") === "" || of("Token") === "" || Number.isNaN(expirationMs)) {
    return { outcome: "unreadable" };
  }
  return {
    outcome: "credentials",
    identity: {
      accessKeyId: of("AccessKeyId"),
      secretAccessKey: of("SecretAccessKey"),
      sessionToken: of("Token"),
      expiration: new Date(expirationMs),
    },
  };
}
