/** Owns the paginators and waiters of an API model, in the terms of entities/. */
import type { WaiterAcceptor } from "../models/entity-format";
import type { C2jModel, C2jWaiter } from "./c2j-model";
import type { CapturedPaginator, ExtractedWaiter } from "./captured-client";

const STATES: readonly string[] = ["success", "failure", "retry"] satisfies readonly WaiterAcceptor["state"][];
/** As the clients of version 3 have it: a model only says how often version 2 would ask. */
const MAX_DELAY_SECONDS = 120;

const COMPARATORS: Readonly<Record<string, "allStringEquals" | "anyStringEquals">> = {
  pathAll: "allStringEquals",
  pathAny: "anyStringEquals",
};

function matcher({
  matcher: kind,
  argument,
  expected,
}: C2jWaiter["acceptors"][number]): WaiterAcceptor["matcher"] | undefined {
  switch (kind) {
    case "path":
    case "pathAll":
    case "pathAny": {
      if (argument === undefined || (typeof expected !== "string" && typeof expected !== "boolean")) return undefined;
      const single = typeof expected === "boolean" ? "booleanEquals" : "stringEquals";
      const comparator = COMPARATORS[kind] ?? single;
      return { output: { path: argument, expected: String(expected), comparator } };
    }
    case "status":
      return expected === 200 ? { success: true } : undefined;
    case "error":
      return typeof expected === "string" ? { errorType: expected } : undefined;
    default:
      return undefined;
  }
}

/** Every waiter, sorted by name; one that has an acceptor of an unknown kind is left undefined. */
export function waitersOfModel({ waiters }: Pick<C2jModel, "waiters">): readonly ExtractedWaiter[] {
  return Object.entries(waiters)
    .sort(([left], [right]) => (left < right ? -1 : 1))
    .map(([name, { operation, delay, acceptors }]) => {
      const known = acceptors.flatMap((acceptor): WaiterAcceptor[] => {
        const matched = matcher(acceptor);
        if (matched === undefined || !STATES.includes(acceptor.state)) return [];
        return [{ state: acceptor.state as WaiterAcceptor["state"], matcher: matched }];
      });
      const complete = known.length === acceptors.length && known.length > 0;
      const waiter = { minDelaySeconds: delay, maxDelaySeconds: MAX_DELAY_SECONDS, acceptors: known };
      return { name, operation, waiter: complete ? waiter : undefined };
    });
}

/** By operation; without those whose pages are told apart by several members, which Smithy does not know either. */
export function paginatorsOfModel({
  paginators,
}: Pick<C2jModel, "paginators">): ReadonlyMap<string, CapturedPaginator> {
  const found = new Map<string, CapturedPaginator>();
  for (const [operation, { input_token: input, output_token: output, limit_key: size }] of Object.entries(paginators)) {
    if (typeof input !== "string" || typeof output !== "string") continue;
    const pageSize = typeof size === "string" ? { pageSize: size } : {};
    found.set(operation, { inputToken: input, outputToken: output, ...pageSize });
  }
  return found;
}
