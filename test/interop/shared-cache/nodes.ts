/** Owns the nodes of the trials of the shared cache: processes that open adapters and call, all at once. */
import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import type { Order, Report } from "./node";

export class Nodes {
  readonly #children: readonly ChildProcess[];

  constructor(count: number) {
    const options = { execArgv: ["--no-warnings", "--require", "tsx/cjs"] };
    this.#children = Array.from({ length: count }, () => fork(join(__dirname, "node.ts"), options));
    for (const child of this.#children) child.setMaxListeners(0);
  }

  /** Tells all the same at once. @returns what each said */
  tell(order: Order): Promise<Report[]> {
    return Promise.all(
      this.#children.map(async (child) => {
        const ended = once(child, "exit").then(([code]) => Promise.reject(new Error(`a node ended with ${code}`)));
        ended.catch(() => undefined);
        const said = once(child, "message") as Promise<[Report]>;
        child.send(order);
        return (await Promise.race([said, ended]))[0];
      }),
    );
  }

  end(): void {
    for (const child of this.#children) child.kill("SIGKILL");
  }
}
