/** Owns the keeping of integers that a JSON parser would round. */

const MAYBE_BIG = /\d{16}/;
const TOKEN = /"(?:[^"\\]|\\.)*"|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g;

/**
 * JSON.parse makes a double of every number, so an integer beyond 2^53 would come out changed and nobody would know.
 * Here such integers become text before they are parsed; all else stays as it is.
 * @param text - a JSON answer
 * @returns the same when no integer in it is that long
 */
export function quoteBigIntegers(text: string): string {
  if (!MAYBE_BIG.test(text)) return text;
  return text.replace(TOKEN, (token) =>
    token.length > 15 && /^-?\d+$/.test(token) && !Number.isSafeInteger(Number(token)) ? `"${token}"` : token,
  );
}
