/** Owns one call of a client, from its input to the request that was sent or to the error that came of it. */
import assert from "node:assert/strict";
import { AdapterError } from "../../../utils/errors/adapter-error";
import type { IapMetadata } from "../../../utils/types/call";
import { type Answer, answers, fixture } from "./client-fixture";

/** @returns the result of one call, the request that was sent, and its body as text */
export async function sent(
  service: string,
  operation: string,
  input: unknown,
  answer: Answer = {},
  metadata?: IapMetadata,
) {
  const f = fixture(answers(answer));
  const result = await f.client.send(service, operation, input, f.options(metadata === undefined ? {} : { metadata }));
  const request = f.handler.requests[0];
  assert.ok(request !== undefined);
  return {
    result,
    request,
    body: request.body === undefined ? undefined : Buffer.from(request.body as Uint8Array).toString(),
  };
}

/** @returns why a call was not sent */
export const refused = (
  service: string,
  operation: string,
  input: unknown,
  metadata?: IapMetadata,
): Promise<AdapterError> =>
  sent(service, operation, input, {}, metadata).then(
    () => assert.fail("it was sent"),
    (error: unknown) => (error instanceof AdapterError ? error : assert.fail(String(error))),
  );
