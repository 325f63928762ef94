/** Owns the answers that make a client repeat or give up, and the read and the write that get them. */
import assert from "node:assert/strict";
import { AdapterError } from "../../../utils/errors/adapter-error";
import type { Answer, Fixture } from "./client-fixture";

export const OK: Answer = { body: "<DescribeVpcsResponse/>" };
export const ec2Error = (
  code: string,
  statusCode = 400,
  headers: Record<string, string> = {},
  message = "m",
): Answer => ({
  statusCode,
  headers,
  body: `<Response><Errors><Error><Code>${code}</Code><Message>${message}</Message></Error></Errors><RequestID>R</RequestID></Response>`,
});
export const connection = (phase: string): AdapterError =>
  new AdapterError("CONNECTION_FAILED", { host: "h", reason: "ECONNRESET", phase });
export const timeout = (phase: string): AdapterError =>
  new AdapterError("TIMEOUT", { waitedFor: "h", limitMs: 1, phase });

export const read = (f: Fixture): Promise<unknown> => f.client.send("ec2", "DescribeVpcs", {}, f.options());
export const write = (f: Fixture): Promise<unknown> =>
  f.client.send("ec2", "CreateVpc", { CidrBlock: "10.0.0.0/16" }, f.options());

/** @returns the one error that a call may end with */
export async function failure(promise: Promise<unknown>): Promise<AdapterError> {
  try {
    await promise;
  } catch (error) {
    assert.ok(error instanceof AdapterError, String(error));
    return error;
  }
  return assert.fail("it did not fail");
}
