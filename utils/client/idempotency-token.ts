/** Owns the token by which a service knows a request that it has had already, where the caller gives none. */

const DIGITS = 12;

/**
 * @param random - answers 0 to 1, in steps of 2^-48
 * @returns a UUID of version 4
 * @see https://smithy.io/2.0/spec/behavior-traits.html#idempotencytoken-trait
 */
export function idempotencyToken(random: () => number): string {
  const digits = (): string =>
    Math.floor(random() * 16 ** DIGITS)
      .toString(16)
      .padStart(DIGITS, "0");
  const [first, second, last] = [digits(), digits(), digits()] as const;
  const variant = (8 + Math.floor(random() * 4)).toString(16);
  return `${first.slice(0, 8)}-${first.slice(8)}-4${second.slice(0, 3)}-${variant}${second.slice(3, 6)}-${last}`;
}
