/** Owns the keeping of integers that a JSON parser would round. */

const MAYBE_BIG = /\d{16}/;
const TOKEN = /"(?:[^"\\]|\\.)*"|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g;

/**
 * JSON.parse makes a double of every number, so an integer beyond 2^53 would come out changed and nobody would know.
 * Here such integers become text before they are parsed; all else stays byte for byte.
 * @param body - a JSON answer
 * @returns the same bytes when no integer in them is that long
 */
export function quoteBigIntegers(body: Buffer): Buffer {
  const text = body.toString("latin1");
  if (!MAYBE_BIG.test(text)) return body;
  const quoted = text.replace(TOKEN, (token) =>
    token.length > 15 && /^-?\d+$/.test(token) && !Number.isSafeInteger(Number(token)) ? `"${token}"` : token,
  );
  return quoted.length === text.length ? body : Buffer.from(quoted, "latin1");
}
