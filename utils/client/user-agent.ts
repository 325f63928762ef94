/** Owns the words by which AWS's logs tell the adapter's calls apart. */

/**
 * @param version - of the adapter
 * @param nodeVersion - `20.19.0`
 * @returns a User-Agent header in the form of the AWS SDKs
 */
export const userAgent = (version: string, nodeVersion: string): string =>
  `adapter-aws/${version} lang/js md/nodejs#${nodeVersion}`;
