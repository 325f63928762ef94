/** Owns the recognition, by AWS's words, of a request that was signed for another region or service than it went to. */

/**
 * @param message - AWS's; only S3 has a code of its own for it
 * @see https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-troubleshooting.html on the credential scope
 */
export function isWrongScope(message: string): boolean {
  return /Credential should be scoped to|the region '[^']*' is wrong/i.test(message);
}
