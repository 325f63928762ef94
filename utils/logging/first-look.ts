/** Owns the one look at a text that tells whether masking by name or by pattern would change it: most texts it would not. */
import { hasSecretRun } from "./long-runs";
import { isChangedByName, isNameCharacter, LONGEST_NAME, type SecretNames } from "./mask-structure";
import { mayMatchBehind, mayMatchUser } from "./secret-patterns";
import type { Bytes } from "./text-bytes";

/**
 * @param bytes - of the text
 * @returns false when {@link maskStructure}, {@link maskPatterns} and {@link maskLongRuns} would leave the text as it is
 */
export function mayHoldSecret(text: string, bytes: Bytes, names: SecretNames): boolean {
  const filter = names.filter();
  if (filter === undefined) return true;
  const { ones, fours } = bytes;
  const groups = (text.length + 3) >> 2;
  for (let group = 0; group < groups; group += 1)
    if (filter.mayHold(fours[group]!) && isChangedNear(text, ones, group << 2, names)) return true;
  return hasSecretRun(text, bytes) || mayMatchUser(text);
}

const [SPACE, EQUALS] = [0x20, 0x3d];

/** Looks at each name, and what else is written like one, that has one of the four characters from `at` on. */
function isChangedNear(text: string, ones: Uint8Array, at: number, names: SecretNames): boolean {
  let start = at;
  while (start > 0 && at - start <= LONGEST_NAME && isNameCharacter(ones[start - 1]!)) start -= 1;
  const behind = Math.min(at + 4, text.length);
  // Farther behind, it is too long for a name.
  const far = behind + LONGEST_NAME;
  while (start < behind) {
    let end = start;
    while (end < far && isNameCharacter(ones[end]!)) end += 1;
    if (end > start && end < far) {
      if (names.mayHaveIn(ones, start, end) && isChangedByName(text, start, end, names)) return true;
      if ((ones[end] === SPACE || ones[end] === EQUALS) && mayMatchBehind(text, end)) return true;
    }
    start = end + 1;
  }
  return false;
}
