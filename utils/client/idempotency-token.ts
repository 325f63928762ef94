/** Owns the token by which a service knows a request that it has had already, where the caller gives none. */

/** Half of what is drawn: V8 is slow to write whole numbers in hexadecimal that are larger than 30 bits. */
const HALF = 2 ** 24;

/**
 * @param random - answers 0 to 1, in steps of 2^-48
 * @returns a UUID of version 4
 * @see https://smithy.io/2.0/spec/behavior-traits.html#idempotencytoken-trait
 */
export function idempotencyToken(random: () => number): string {
  const digits = (): string => {
    const bits = Math.floor(random() * HALF * HALF);
    return sixDigits(Math.floor(bits / HALF)) + sixDigits(bits % HALF);
  };
  const [first, second, last] = [digits(), digits(), digits()] as const;
  const variant = (8 + Math.floor(random() * 4)).toString(16);
  return `${first.slice(0, 8)}-${first.slice(8)}-4${second.slice(0, 3)}-${variant}${second.slice(3, 6)}-${last}`;
}

const sixDigits = (bits: number): string => (HALF + bits).toString(16).slice(1);
