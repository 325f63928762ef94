/** Owns the form of a troubleshooting report: plain data that a table, a page and a program read alike. Nothing in it is secret. */

/** `skipped` is not needed here; `not-tried` had to be left out because of a failure before it. */
export type CheckStatus = "passed" | "failed" | "warning" | "skipped" | "not-tried";

export type CheckName = "properties" | "time" | "dns" | "proxy" | "metadata" | "sts" | "chain" | "service";

export interface Check {
  readonly name: CheckName;
  /** As a person calls it. */
  readonly title: string;
  readonly status: CheckStatus;
  /** What was found, in one sentence. */
  readonly found: string;
  /** What to change and where. */
  readonly advice?: string;
  /** AWS's own answer, where there was one. */
  readonly aws?: { readonly code: string; readonly message: string; readonly requestId?: string };
  readonly durationMs: number;
}

/** One box of the picture, and the arrow that leads to it. */
export interface ChainLink {
  readonly kind: "source" | "role" | "service";
  /** Of the box: `Adapter Role`, `task-reader`, `ec2 DescribeInstances`. */
  readonly title: string;
  /** Below it: key id, ARN, region. */
  readonly detail: string;
  /** On the arrow: `AssumeRole`; nothing leads to the source. */
  readonly arrow?: string;
  /** The setting that asked for it; the service is what the chain is for. */
  readonly why?: string;
  readonly status: "passed" | "failed" | "not-tried";
  /** What AWS answered. */
  readonly answer?: string;
}

export interface TroubleshootReport {
  /** Of the adapter. */
  readonly id: string;
  /** ISO 8601. */
  readonly startedAt: string;
  readonly durationMs: number;
  readonly status: "passed" | "warning" | "failed";
  /** The one line to read: the first thing that is wrong. */
  readonly diagnosis: string;
  /** What to change and where. */
  readonly advice?: string;
  readonly checks: readonly Check[];
  readonly chain: readonly ChainLink[];
}
