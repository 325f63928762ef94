/** Owns what these cases share: an adapter, its methods as promises, and the error that a call ends with. */
import assert from "node:assert/strict";

import AwsAdapter = require("../../../adapter");

import type { CallError, SuccessEnvelope } from "../../../utils/platform/envelope";
import { silentLogger } from "../../support/silent-logger";

type Method = (...given: readonly unknown[]) => Promise<SuccessEnvelope>;

export class Connection {
  readonly adapter: AwsAdapter;

  constructor(properties: unknown, overrides: object = {}) {
    this.adapter = new AwsAdapter("s3", properties, { environment: {}, logger: silentLogger, ...overrides });
  }

  call(method: string, ...given: readonly unknown[]): Promise<SuccessEnvelope> {
    return (this.adapter as unknown as Record<string, Method>)[method]!.call(this.adapter, ...given);
  }

  async response<T = Record<string, unknown>>(method: string, ...given: readonly unknown[]): Promise<T> {
    return (await this.call(method, ...given)).response as T;
  }

  async refusal(method: string, ...given: readonly unknown[]): Promise<CallError> {
    const outcome = await this.call(method, ...given).catch((thrown: CallError) => thrown);
    assert.ok(outcome instanceof Error, JSON.stringify(outcome));
    return outcome as CallError;
  }
}
