/** Owns the reading of a package's compiled waiters back into Smithy's declarative acceptors. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import ts from "typescript";
import type { WaiterAcceptor } from "../models/entity-format";
import type { CapturedClient, ExtractedWaiter } from "./captured-client";
import { compiledPath } from "./compiled-path";

type State = WaiterAcceptor["state"];
const STATES: Readonly<Record<string, State>> = { SUCCESS: "success", FAILURE: "failure", RETRY: "retry" };

function* descendants(node: ts.Node): Generator<ts.Node> {
  const children: ts.Node[] = [];
  node.forEachChild((child) => {
    children.push(child);
  });
  for (const child of children) {
    yield child;
    yield* descendants(child);
  }
}

function first<T extends ts.Node>(node: ts.Node, matches: (candidate: ts.Node) => candidate is T): T | undefined {
  for (const candidate of descendants(node)) if (matches(candidate)) return candidate;
  return undefined;
}

/** `return { state: WaiterState.X, reason }` */
function returnedState(statement: ts.Node): State | undefined {
  if (!ts.isReturnStatement(statement) || statement.expression === undefined) return undefined;
  return STATES[/WaiterState\.(\w+)/.exec(statement.expression.getText())?.[1] ?? ""];
}

function anyReturnedState(node: ts.Node): State | undefined {
  const statement = first(node, ts.isReturnStatement);
  return statement === undefined ? undefined : returnedState(statement);
}

/** The comparison after a `returnComparator`: with every element, with any, or with the value itself. */
function comparison(
  statements: readonly ts.Statement[],
):
  | { expected: string; comparator: "stringEquals" | "booleanEquals" | "allStringEquals" | "anyStringEquals" }
  | undefined {
  const source = statements.map((statement) => statement.getText()).join("\n");
  const string = /==\s*("(?:[^"\\]|\\.)*")/.exec(source);
  if (string !== null) {
    const expected = JSON.parse(string[1]!) as string;
    if (/\ballStringEq_?\d*\b/.test(source)) return { expected, comparator: "allStringEquals" };
    if (/\banyStringEq_?\d*\b/.test(source)) return { expected, comparator: "anyStringEquals" };
    return { expected, comparator: "stringEquals" };
  }
  const boolean = /==\s*(true|false)\b/.exec(source);
  return boolean === null ? undefined : { expected: boolean[1]!, comparator: "booleanEquals" };
}

function outputAcceptor(block: ts.Block): WaiterAcceptor | undefined {
  const [declaration, ...checks] = block.statements;
  const compute = declaration === undefined ? undefined : first(declaration, ts.isArrowFunction);
  if (compute === undefined || !ts.isBlock(compute.body)) return undefined;
  const path = compiledPath(compute.body);
  const compared = comparison(checks);
  const state = checks.map(anyReturnedState).find((found) => found !== undefined);
  if (path === undefined || compared === undefined || state === undefined) return undefined;
  return { state, matcher: { output: { path, ...compared } } };
}

function successAcceptors(block: ts.Block): (WaiterAcceptor | undefined)[] {
  return block.statements.flatMap((statement): (WaiterAcceptor | undefined)[] => {
    if (ts.isTryStatement(statement)) return [outputAcceptor(statement.tryBlock)];
    const state = returnedState(statement);
    return state === undefined ? [] : [{ state, matcher: { success: true } }];
  });
}

function errorAcceptors(block: ts.Block): (WaiterAcceptor | undefined)[] {
  return block.statements.flatMap((statement): (WaiterAcceptor | undefined)[] => {
    if (ts.isIfStatement(statement)) {
      const errorType = /exception\.name === "([^"]*)"/.exec(statement.expression.getText())?.[1];
      const state = anyReturnedState(statement.thenStatement);
      return errorType === undefined || state === undefined ? [undefined] : [{ state, matcher: { errorType } }];
    }
    const state = returnedState(statement);
    return state === undefined ? [] : [{ state, matcher: { success: false } }];
  });
}

/**
 * @param name - of the waiter
 * @param source - `waitFor<name>.js` of a client package
 * @see https://smithy.io/2.0/additional-specs/waiters.html
 */
export function readWaiter(name: string, source: string): ExtractedWaiter {
  const file = ts.createSourceFile(`${name}.js`, source, ts.ScriptTarget.Latest, true, ts.ScriptKind.JS);
  const operation = /new (\w+)Command\(input\)/.exec(source)?.[1] ?? "";
  const delays = /minDelay: (\d+), maxDelay: (\d+)/.exec(source);
  const checked = first(file, ts.isTryStatement);
  if (delays === null || checked?.catchClause === undefined) return { name, operation, waiter: undefined };
  const acceptors = [...successAcceptors(checked.tryBlock), ...errorAcceptors(checked.catchClause.block)];
  const known = acceptors.filter((acceptor) => acceptor !== undefined);
  const complete = known.length === acceptors.length && known.length > 0;
  const waiter = { minDelaySeconds: Number(delays[1]), maxDelaySeconds: Number(delays[2]), acceptors: known };
  return { name, operation, waiter: complete ? waiter : undefined };
}

/** Every waiter of a package, sorted by name. */
export function extractWaiters(client: CapturedClient): readonly ExtractedWaiter[] {
  const folder = join(client.folder, "dist-es", "waiters");
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .filter((file) => /^waitFor\w+\.js$/.test(file))
    .sort()
    .map((file) => readWaiter(file.slice("waitFor".length, -".js".length), readFileSync(join(folder, file), "utf8")));
}
