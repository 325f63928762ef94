/** Owns the recognition of secrets by their looks: long runs of characters that are a secret key, a session token or a web token. */
import { MASK } from "../types/secret";
import type { Bytes } from "./text-bytes";

/** A secret access key is as long as this; session and web tokens are longer. */
const KEY_LENGTH = 40;
/** How session tokens of STS begin: base64 of a fixed header that names the region. */
const sessionTokenBeginnings = ["IQoJb3JpZ2lu", "FwoGZXIvYXdz", "FQoGZXIvYXdz", "FwoDYXdz", "FQoDYXdz"];
const firstOfSessionToken = new Set(sessionTokenBeginnings.map((one) => one.charCodeAt(0)));
const webToken = /(?:^|\/)eyJ[\w-]{8,}\.[\w-]{4,}/;
/** Base64 that mixes digits and both cases. A hash in hexadecimal does not, a name has joints. */
const secretKey = /^(?=[^a-z]*[a-z])(?=[^A-Z]*[A-Z])(?=[^0-9]*[0-9])[A-Za-z0-9/+]{40}$/;

const isInRun = new Uint8Array(256);
for (let code = 0; code < 128; code += 1) isInRun[code] = /[A-Za-z0-9+/_.%-]/.test(String.fromCharCode(code)) ? 1 : 0;

const inRun = (code: number): boolean => isInRun[code] === 1;

function isSecretRun(run: string, behind: string): boolean {
  // What ends in padding is base64 of something that is no multiple of three bytes long, and a key is.
  if (run.length === KEY_LENGTH) return behind !== "=" && secretKey.test(run);
  if (firstOfSessionToken.has(run.charCodeAt(0)) && sessionTokenBeginnings.some((one) => run.startsWith(one)))
    return true;
  return run.includes("eyJ") && webToken.test(run);
}

interface Run {
  readonly from: number;
  readonly to: number;
}

/**
 * A run of that length covers one of every so many characters: only these are looked at, and their surroundings.
 * @param floor - where what has not been looked at begins
 */
function nextSecretRun(text: string, { ones }: Bytes, floor: number): Run | undefined {
  let at = floor - (floor % KEY_LENGTH) + KEY_LENGTH - 1;
  for (; at < text.length; at += KEY_LENGTH) {
    if (!inRun(ones[at]!)) continue;
    let from = at;
    while (from > floor && inRun(ones[from - 1]!)) from -= 1;
    let to = at + 1;
    while (inRun(ones[to]!)) to += 1;
    if (to - from >= KEY_LENGTH && isSecretRun(text.slice(from, to), text.charAt(to))) return { from, to };
    while (at + KEY_LENGTH < to) at += KEY_LENGTH;
  }
  return undefined;
}

/** Whether {@link maskLongRuns} would find one. */
export const hasSecretRun = (text: string, bytes: Bytes): boolean => nextSecretRun(text, bytes, 0) !== undefined;

/**
 * @param bytes - of the text
 * @returns the text with each such run replaced by the mask
 */
export function maskLongRuns(text: string, bytes: Bytes): string {
  let masked = "";
  let copied = 0;
  for (let run = nextSecretRun(text, bytes, 0); run !== undefined; run = nextSecretRun(text, bytes, copied)) {
    masked += text.slice(copied, run.from) + MASK;
    copied = run.to;
    while (text[copied] === "=") copied += 1;
  }
  return copied === 0 ? text : masked + text.slice(copied);
}
