/** Owns the word that an error is counted under. */
import type { AdapterError } from "../errors/adapter-error";

/** As AWS writes its codes: `AccessDenied`, `InvalidInstanceID.NotFound`. A host that answers something else must not name our series. */
const AWS_CODE = /^[A-Za-z][A-Za-z0-9.]{0,63}$/;

/**
 * @param mask - whatever changes a code is a reason not to show it
 * @returns AWS's code where AWS refused a call, our own in every other case
 * @see https://opentelemetry.io/docs/specs/semconv/registry/attributes/error/
 */
export function errorType(error: AdapterError, mask: (text: string) => string = (text) => text): string {
  const { code, aws } = error;
  if (aws === undefined || !AWS_CODE.test(aws.code) || mask(aws.code) !== aws.code) return code;
  return aws.code;
}
