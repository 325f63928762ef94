/** Owns one node of the trials of the shared cache: a process with an adapter that calls when it is told to. */
import { join } from "node:path";

type Answer = { readonly response?: { readonly Arn?: string } } | null;
type Failure = { readonly IAPerror?: { readonly displayString?: string } } | null;
interface Adapter {
  connect(): void;
  once(event: string, listener: () => void): void;
  awsRequestSTSRole(...given: unknown[]): void;
}

/** What a node is told to do. */
export type Order =
  | { readonly kind: "open"; readonly properties: Record<string, unknown> }
  | { readonly kind: "call"; readonly roles: readonly string[]; readonly calls: number };

/** What it says to that. */
export interface Report {
  readonly callbacks: number;
  /** Each failure, and each answer that came as somebody else. */
  readonly wrong: readonly string[];
  readonly longestMs: number;
  /** What was logged from info upward since the last report. */
  readonly log: readonly string[];
}

const log: string[] = [];
const silent = (): void => {};
const keep = (message: unknown): void => {
  log.push(String(message));
};
const levels = { spam: silent, trace: silent, debug: silent, info: keep, warn: keep, error: keep };
(globalThis as { log?: unknown }).log = levels;

const AwsAdapter = require(join(__dirname, "..", "..", "..", "dist", "adapter.js")) as new (
  id: string,
  properties: unknown,
) => Adapter;
let adapter: Adapter | undefined;

const nameOf = (arn: string): string => arn.split("/")[1] ?? arn;

function call(role: string, wrong: string[]): Promise<number> {
  const startedMs = performance.now();
  return new Promise((resolve) => {
    const done = (data: Answer, error: Failure): void => {
      const arn = data?.response?.Arn ?? "";
      if (error !== null) wrong.push(error.IAPerror?.displayString ?? JSON.stringify(error));
      else if (!arn.includes(`:assumed-role/${nameOf(role)}/`)) wrong.push(`${arn} in place of ${role}`);
      resolve(performance.now() - startedMs);
    };
    adapter?.awsRequestSTSRole("sts", "GetCallerIdentity", {}, { RoleArn: role }, null, {}, done);
  });
}

async function follow(order: Order): Promise<Report> {
  const wrong: string[] = [];
  let times: number[] = [];
  if (order.kind === "open") {
    adapter = new AwsAdapter("shared", order.properties);
    const online = new Promise<void>((resolve) => adapter?.once("ONLINE", resolve));
    adapter.connect();
    await online;
  } else {
    const { roles, calls } = order;
    times = await Promise.all(Array.from({ length: calls }, (_, n) => call(roles[n % roles.length] as string, wrong)));
  }
  return { callbacks: times.length, wrong, longestMs: Math.max(0, ...times), log: log.splice(0) };
}

process.on("message", (order: Order) => {
  void follow(order).then((report) => process.send?.(report));
});
