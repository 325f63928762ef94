/** Owns the binding of methods from data: two for each operation of each service, the plain one and the one as a role. */
import type { OperationCall } from "./read-arguments";

/** `entities/index.json`: what is shipped. */
export type EntityIndex = Readonly<
  Record<string, { readonly prefix: string; readonly version: string; readonly operations: readonly string[] }>
>;

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
 * Defines the methods on a prototype, as class methods are defined: writable, configurable, not enumerable.
 * Their parameters have the names that pronghorn.json lists, as the platform compares them.
 */
export function bindOperations<Adapter extends object>(
  prototype: Adapter,
  index: EntityIndex,
  run: RunOperation<Adapter>,
): void {
  for (const [service, { prefix, operations }] of Object.entries(index)) {
    for (const operation of operations) {
      const plain = methodName(prefix, operation, "plain");
      define(prototype, plain, function (this: Adapter, params, iapMetadata, callback) {
        return run(this, plain, service, operation, "plain", [params, iapMetadata, callback]);
      } satisfies PlainMethod<Adapter>);
      const asRole = methodName(prefix, operation, "STSRole");
      define(prototype, asRole, function (this: Adapter, params, stsParams, roleName, iapMetadata, callback) {
        return run(this, asRole, service, operation, "STSRole", [params, stsParams, roleName, iapMetadata, callback]);
      } satisfies RoleMethod<Adapter>);
    }
  }
}

type PlainMethod<Adapter> = (this: Adapter, params: unknown, iapMetadata: unknown, callback: unknown) => unknown;
type RoleMethod<Adapter> = (
  this: Adapter,
  params: unknown,
  stsParams: unknown,
  roleName: unknown,
  iapMetadata: unknown,
  callback: unknown,
) => unknown;

function define(prototype: object, name: string, value: (...given: never[]) => unknown): void {
  Object.defineProperty(value, "name", { value: name });
  Object.defineProperty(prototype, name, { value, writable: true, configurable: true, enumerable: false });
}
