/** Owns the keeping of integers that a JSON parser would round. */

const MAYBE_BIG = /\d{16}/;
const SHORTEST_BIG = 16;
const NUMBER = /-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g;

/**
 * JSON.parse makes a double of every number, so an integer beyond 2^53 would come out changed and nobody would know.
 * Here such integers become text before they are parsed; all else stays as it is.
 * @param text - a JSON answer
 * @returns the same when no integer in it is that long
 */
export function quoteBigIntegers(text: string): string {
  if (!MAYBE_BIG.test(text)) return text;
  let quoted = "";
  let copied = 0;
  for (let at = 0; at < text.length; ) {
    const opening = text.indexOf('"', at);
    const end = opening === -1 ? text.length : opening;
    // Most of what stands between two strings is a colon or a comma.
    if (end - at >= SHORTEST_BIG) {
      const outside = text.slice(at, end);
      const mended = outside.replace(NUMBER, quotedIfBig);
      if (mended !== outside) {
        quoted += text.slice(copied, at) + mended;
        copied = end;
      }
    }
    at = opening === -1 ? end : behindString(text, opening);
  }
  return copied === 0 ? text : quoted + text.slice(copied);
}

const quotedIfBig = (token: string): string =>
  token.length >= SHORTEST_BIG && /^-?\d+$/.test(token) && !Number.isSafeInteger(Number(token)) ? `"${token}"` : token;

/** No regular expression: of a string of some megabytes it would keep more places to come back to than it has room for. */
function behindString(text: string, opening: number): number {
  for (let quote = text.indexOf('"', opening + 1); quote !== -1; quote = text.indexOf('"', quote + 1)) {
    let backslashes = 0;
    while (text.charAt(quote - 1 - backslashes) === "\\") backslashes += 1;
    if (backslashes % 2 === 0) return quote + 1;
  }
  return text.length;
}
