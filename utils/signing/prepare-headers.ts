/** Owns the state of a request's headers before any algorithm signs them: nothing of an earlier signature, and a host. */
import { AdapterError } from "../errors/adapter-error";
import { hostHeader } from "../types/host-header";
import type { HttpRequest } from "../types/http";
import type { AwsCredentialIdentity } from "../types/identity";

/**
 * Clears what an earlier attempt signed, so that no token of another identity travels along, and fills `host`.
 * @throws AdapterError `NO_CREDENTIALS` when the identity cannot sign
 */
export function prepareHeaders(request: HttpRequest, identity: AwsCredentialIdentity): void {
  if (!identity?.accessKeyId || !identity.secretAccessKey) {
    throw new AdapterError("NO_CREDENTIALS", {
      reason: "the identity to sign with has no access key or no secret key",
    });
  }
  const { headers } = request;
  if ("authorization" in headers) delete headers["authorization"];
  if ("date" in headers) delete headers["date"];
  if (identity.sessionToken) headers["x-amz-security-token"] = identity.sessionToken;
  else if ("x-amz-security-token" in headers) delete headers["x-amz-security-token"];
  headers["host"] ??= hostHeader(request);
}
