/** Owns the list of checks, in their order, and what becomes of those that an earlier failure makes pointless. */
import type { Check, CheckName, CheckStatus } from "./report";

export const checkTitles: Readonly<Record<CheckName, string>> = {
  properties: "Properties",
  time: "Clock",
  dns: "DNS",
  proxy: "Proxy",
  metadata: "Metadata",
  sts: "STS",
  chain: "Role chain",
  service: "Service",
};

const order = Object.keys(checkTitles) as CheckName[];

/** Collects checks as they are made; whatever is missing at the end was not tried. */
export class CheckList {
  readonly #made = new Map<string, Check>();

  /** @param title - where a check is made more than once, of this one */
  add(name: CheckName, outcome: Omit<Check, "name" | "title">, title: string = checkTitles[name]): void {
    this.#made.set(`${name} ${title}`, { name, title, ...outcome, durationMs: Math.round(outcome.durationMs) });
  }

  /** In order. */
  all(): Check[] {
    const made = [...this.#made.values()];
    return order.flatMap((name): Check[] => {
      const own = made.filter((check) => check.name === name);
      const missing: Check = {
        name,
        title: checkTitles[name],
        status: "not-tried",
        found: "a failure before it leaves nothing to try",
        durationMs: 0,
      };
      return own.length > 0 ? own : [missing];
    });
  }

  /** The worst of all, and the first check that has it. */
  verdict(): { readonly status: "passed" | "warning" | "failed"; readonly check: Check | undefined } {
    const checks = this.all();
    const first = (status: CheckStatus) => checks.find((check) => check.status === status);
    const failed = first("failed");
    if (failed !== undefined) return { status: "failed", check: failed };
    const warning = first("warning");
    return { status: warning === undefined ? "passed" : "warning", check: warning };
  }
}
