/** Owns the binding of methods from data: two for each operation, the plain one and the one as a role. */
import type { OperationCall } from "./read-arguments";

const LOWER_A = 0x61;

/** What tells the method that acts as a role from the plain one of the same operation. */
export const ROLE_SUFFIX = "STSRole";

/** Runs what a bound method stands for; `given` are the method's own arguments, callback included. */
export type RunOperation<Adapter> = (
  adapter: Adapter,
  method: string,
  service: string,
  operation: string,
  kind: OperationCall["kind"],
  given: ArrayLike<unknown>,
) => unknown;

/** AWS writes most names of operations with a capital letter already; there are thousands. */
function capitalized(operation: string): string {
  const isLower = operation.charCodeAt(0) >= LOWER_A;
  return isLower ? operation.charAt(0).toUpperCase() + operation.slice(1) : operation;
}

/** `ec2` + `DescribeInstances` → `ec2DescribeInstances`, `ec2DescribeInstancesSTSRole` */
export const methodName = (prefix: string, operation: string, kind: OperationCall["kind"]): string =>
  prefix + capitalized(operation) + (kind === "plain" ? "" : ROLE_SUFFIX);

/**
 * Puts the plain method of an operation on `methods`, and the one as a role: writable, configurable and not enumerable,
 * as class methods are, and with the parameter names that pronghorn.json lists, as the platform compares them. What they
 * pass on is everything they were given: a callback behind one argument too many is still the callback.
 */
export function bindPair<Adapter>(
  methods: object,
  prefix: string,
  service: string,
  operation: string,
  run: RunOperation<Adapter>,
): void {
  const plain = methodName(prefix, operation, "plain");
  const asRole = plain + ROLE_SUFFIX;
  const descriptor: PropertyDescriptor = { value: undefined, writable: true, configurable: true, enumerable: false };
  // biome-ignore-start lint/correctness/noUnusedFunctionParameters: those who read a method's text read their names
  // biome-ignore-start lint/complexity/noArguments: what counts is all that was given, and a rest parameter is one more name
  descriptor.value = function (this: Adapter, params: unknown, iapMetadata: unknown, callback: unknown) {
    return run(this, plain, service, operation, "plain", arguments);
  };
  Object.defineProperty(methods, plain, descriptor);
  descriptor.value = function (
    this: Adapter,
    params: unknown,
    stsParams: unknown,
    roleName: unknown,
    iapMetadata: unknown,
    callback: unknown,
  ) {
    return run(this, asRole, service, operation, "STSRole", arguments);
  };
  // biome-ignore-end lint/complexity/noArguments: see above
  // biome-ignore-end lint/correctness/noUnusedFunctionParameters: see above
  Object.defineProperty(methods, asRole, descriptor);
}
