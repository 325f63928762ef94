/** Owns what the platform's methods may use of the adapter that they belong to. */
import type { Metrics } from "../metrics/metrics";
import type { Dependencies } from "../runtime/create-runtime";
import type { Clock } from "../types/clock";
import type { Environment } from "../types/environment";
import type { ReplaceableFiles } from "../types/files";
import type { EntityCache } from "./entity-cache";
import type { SuccessEnvelope } from "./envelope";
import type { Health } from "./health";
import type { InstanceCall } from "./send-call";
import type { ServiceInstance } from "./service-instance";
import type { Lookup } from "./troubleshoot/connection-checks";

export interface AdapterParts {
  readonly id: string;
  readonly instance: ServiceInstance;
  readonly health: Health;
  readonly entities: EntityCache;
  readonly metrics: Metrics;
  readonly clock: Clock;
  readonly environment: Environment;
  readonly randomBytes: (size: number) => Buffer;
  readonly files: ReplaceableFiles;
  /** Where the adapter is installed: holds pronghorn.json and entities/. */
  readonly folder: string;
  /** Methods that a workflow may use. */
  methods(): readonly string[];
  /** Opens the instance anew, after files of its models have changed. */
  reopen(): void;
  /** Makes a call of the method that is being performed. @throws CallError */
  call(read: () => InstanceCall, way?: "queued" | "direct"): Promise<SuccessEnvelope>;
  /** As the platform gave them, secrets and all. */
  readonly properties: unknown;
  /** What the process lends to a runtime. */
  readonly dependencies: Dependencies & { readonly lookup: Lookup };
  /** Puts other properties to use without a restart. */
  refresh(properties: unknown): void;
}

/** What a look at the installed files needs. */
export type InstalledParts = Pick<AdapterParts, "folder" | "files">;

/** What a method does: its values without the callback go in, what the platform is given comes out. */
export type Performance = (parts: AdapterParts, values: readonly unknown[]) => Promise<unknown>;
