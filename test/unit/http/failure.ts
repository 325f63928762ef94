/** Owns the expectation that a promise fails with an error of ours. */
import assert from "node:assert/strict";
import { AdapterError } from "../../../utils/errors/adapter-error";

/** @returns the error that `promise` must fail with */
export async function failure(promise: Promise<unknown>): Promise<AdapterError> {
  const thrown = await promise.then(
    () => assert.fail("it succeeded"),
    (error: unknown) => error,
  );
  assert.ok(thrown instanceof AdapterError, String(thrown));
  return thrown;
}
