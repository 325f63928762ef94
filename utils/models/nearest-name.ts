/** Owns the guess at which name was meant by one that does not exist. */

function editDistance(left: string, right: string): number {
  let previous = Array.from({ length: right.length + 1 }, (_, index) => index);
  for (let row = 1; row <= left.length; row += 1) {
    const current = [row];
    for (let column = 1; column <= right.length; column += 1) {
      const substitution = previous[column - 1]! + (left[row - 1] === right[column - 1] ? 0 : 1);
      current.push(Math.min(substitution, previous[column]! + 1, current[column - 1]! + 1));
    }
    previous = current;
  }
  return previous[right.length]!;
}

const comparable = (name: string): string => name.toLowerCase().replace(/[^a-z0-9]/g, "");

/**
 * @param found - what was asked for
 * @param names - what exists
 * @returns the closest name, or undefined when none is close enough to be worth mentioning
 */
export function nearestName(found: string, names: readonly string[]): string | undefined {
  const wanted = comparable(found);
  // Longer input costs quadratic time and names nothing that exists.
  if (wanted.length === 0 || wanted.length > 100) return undefined;
  let nearest: string | undefined;
  let shortest = Math.floor(wanted.length / 3) + 1;
  for (const name of names) {
    const candidate = comparable(name);
    if (Math.abs(candidate.length - wanted.length) >= shortest) continue;
    const distance = editDistance(wanted, candidate);
    if (distance < shortest) {
      nearest = name;
      shortest = distance;
    }
  }
  return nearest;
}

/** @returns `Did you mean X?`, or an empty text */
export function suggestion(found: string, names: readonly string[]): string {
  const nearest = nearestName(found, names);
  return nearest === undefined ? "" : `Did you mean ${nearest}?`;
}
