/** Owns how the objects of an answer are made. */

/**
 * A constructor of plain objects for one shape. V8 learns from the first of them how much room the next ones need, while
 * each `{}` has room for four members and is grown again and again: a sixth of the time of reading an answer.
 * @returns makes objects that nothing tells from `{}`
 */
export function plainObject(): new () => Record<string, unknown> {
  function Plain(): void {}
  Plain.prototype = Object.prototype;
  return Plain as unknown as new () => Record<string, unknown>;
}
