/** Owns the operations that keep a caller waiting on purpose, when no other customisation of theirs says for how long. */
import type { CustomisationFactory } from "./customisation";

/** https://docs.aws.amazon.com/step-functions/latest/apireference/API_GetActivityTask.html */
const WAIT_SECONDS: Readonly<Record<string, number>> = { GetActivityTask: 60 };

export const longPoll: CustomisationFactory = (_options, { name }) => {
  const seconds = Object.hasOwn(WAIT_SECONDS, name) ? WAIT_SECONDS[name] : undefined;
  return seconds === undefined ? {} : { waitsMs: () => seconds * 1000 };
};
