/** Owns the form of a call that moto is given: its input, and what its answer must have. */

/**
 * Operation, parameters, and by path in the answer the expected value or the `$name` to remember it by. With `text for a
 * time` moto does what it is asked, and answers with text where the model has seconds: we refuse that, as AWS's clients do.
 */
export type Step = readonly [
  operation: string,
  params?: Readonly<Record<string, unknown>>,
  expect?: Readonly<Record<string, unknown>>,
  flaw?: "text for a time",
];

/** By service the calls in order, each with what the earlier ones gave. */
export type BreadthCases = Readonly<Record<string, readonly Step[]>>;
