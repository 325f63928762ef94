/** Owns the recognition of secrets by their looks: long runs of characters that are a secret key, a session token or a web token. */
import { MASK } from "../types/secret";

/** A secret access key is as long as this; session and web tokens are longer. */
const KEY_LENGTH = 40;
/** How session tokens of STS begin: base64 of a fixed header that names the region. */
const sessionTokenBeginnings = ["IQoJb3JpZ2lu", "FwoGZXIvYXdz", "FQoGZXIvYXdz", "FwoDYXdz", "FQoDYXdz"];
const webToken = /(?:^|\/)eyJ[\w-]{8,}\.[\w-]{4,}/;
/** Base64 that mixes digits and both cases. A hash in hexadecimal does not, a name has joints. */
const secretKey = /^(?=[^a-z]*[a-z])(?=[^A-Z]*[A-Z])(?=[^0-9]*[0-9])[A-Za-z0-9/+]{40}$/;

const isInRun = new Uint8Array(128);
for (let code = 0; code < 128; code += 1) isInRun[code] = /[A-Za-z0-9+/_.%-]/.test(String.fromCharCode(code)) ? 1 : 0;

const inRun = (text: string, at: number): boolean => {
  const code = text.charCodeAt(at);
  return code < 128 && isInRun[code] === 1;
};

function isSecretRun(run: string, behind: string): boolean {
  // What ends in padding is base64 of something that is no multiple of three bytes long, and a key is.
  if (run.length === KEY_LENGTH) return behind !== "=" && secretKey.test(run);
  return sessionTokenBeginnings.some((beginning) => run.startsWith(beginning)) || webToken.test(run);
}

/** @returns the text with each such run replaced by the mask */
export function maskLongRuns(text: string): string {
  let masked = "";
  let copied = 0;
  // A run of that length covers one of every so many characters: only these are looked at, and their surroundings.
  for (let at = KEY_LENGTH - 1; at < text.length; at += KEY_LENGTH) {
    if (!inRun(text, at)) continue;
    let from = at;
    while (from > copied && inRun(text, from - 1)) from -= 1;
    let to = at + 1;
    while (to < text.length && inRun(text, to)) to += 1;
    if (to - from >= KEY_LENGTH && isSecretRun(text.slice(from, to), text.charAt(to))) {
      masked += text.slice(copied, from) + MASK;
      while (text[to] === "=") to += 1;
      copied = to;
    }
    while (at + KEY_LENGTH < to) at += KEY_LENGTH;
  }
  return copied === 0 ? text : masked + text.slice(copied);
}
