/** Owns what the platform's methods may use of the adapter that they belong to. */
import type { SuccessEnvelope } from "./envelope";
import type { Health } from "./health";
import type { InstanceCall, ServiceInstance } from "./service-instance";

export interface AdapterParts {
  readonly id: string;
  readonly instance: ServiceInstance;
  readonly health: Health;
  /** Makes a call of the method that is being performed. @throws CallError */
  call(read: () => InstanceCall): Promise<SuccessEnvelope>;
}

/** What a method does: its values without the callback go in, what the platform is given comes out. */
export type Performance = (parts: AdapterParts, values: readonly unknown[]) => Promise<unknown>;
