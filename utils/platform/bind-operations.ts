/** Owns the binding of methods from data: two for each operation of each service, the plain one and the one as a role. */
import type { EntityIndex } from "../models/entity-format";
import type { OperationCall } from "./read-arguments";

/** Runs what a bound method stands for; `given` are the method's own arguments, callback included. */
export type RunOperation<Adapter> = (
  adapter: Adapter,
  method: string,
  service: string,
  operation: string,
  kind: OperationCall["kind"],
  given: readonly unknown[],
) => unknown;

/** `ec2` + `DescribeInstances` → `ec2DescribeInstances`, `ec2DescribeInstancesSTSRole` */
export const methodName = (prefix: string, operation: string, kind: OperationCall["kind"]): string =>
  `${prefix}${operation.charAt(0).toUpperCase()}${operation.slice(1)}${kind === "STSRole" ? "STSRole" : ""}`;

/**
 * Makes the methods, with the parameter names that pronghorn.json lists, as the platform compares them. What they pass on
 * is everything they were given: a callback behind one argument too many is still the callback.
 *
 * They fill an object of their own, which stands between the class and its parent: adding thousands of properties to a
 * prototype that is in use takes many times as long.
 * @param parent - prototype of the class that the adapter extends
 * @returns what the adapter class takes as the prototype of its prototype
 */
export function bindOperations<Adapter extends object>(
  parent: object,
  index: EntityIndex,
  run: RunOperation<Adapter>,
): object {
  const methods = Object.create(null) as object;
  for (const [service, { prefix, reach, operations }] of Object.entries(index)) {
    if (reach !== "methods") continue;
    for (const operation of operations) bindPair(methods, prefix, service, operation, run);
  }
  return Object.setPrototypeOf(methods, parent) as object;
}

/** Puts the plain method of an operation on `methods`, and the one as a role. */
export function bindPair<Adapter>(
  methods: object,
  prefix: string,
  service: string,
  operation: string,
  run: RunOperation<Adapter>,
): void {
  const plain = methodName(prefix, operation, "plain");
  put(methods, plain, plainMethod(run, plain, service, operation));
  const asRole = methodName(prefix, operation, "STSRole");
  put(methods, asRole, roleMethod(run, asRole, service, operation));
}

/** As class methods are: writable, configurable, not enumerable. */
function put(methods: object, name: string, value: unknown): void {
  Object.defineProperty(methods, name, { value, writable: true, configurable: true, enumerable: false });
}

// biome-ignore-start lint/correctness/noUnusedFunctionParameters: those who read a method's text read their names
// biome-ignore-start lint/complexity/noArguments: what counts is all that was given, and a rest parameter is one more name
const plainMethod = <Adapter>(run: RunOperation<Adapter>, method: string, service: string, operation: string) =>
  function (this: Adapter, params: unknown, iapMetadata: unknown, callback: unknown) {
    return run(this, method, service, operation, "plain", [...arguments]);
  };

const roleMethod = <Adapter>(run: RunOperation<Adapter>, method: string, service: string, operation: string) =>
  function (
    this: Adapter,
    params: unknown,
    stsParams: unknown,
    roleName: unknown,
    iapMetadata: unknown,
    callback: unknown,
  ) {
    return run(this, method, service, operation, "STSRole", [...arguments]);
  };
// biome-ignore-end lint/complexity/noArguments: see above
// biome-ignore-end lint/correctness/noUnusedFunctionParameters: see above
