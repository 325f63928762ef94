/** Owns the methods of all operations: two for each, known from the start and bound when they are asked for. */
import type { EntityIndex, IndexedService } from "../models/entity-format";
import { bindPair, methodName, ROLE_SUFFIX, type RunOperation } from "./bind-operations";

/**
 * The level of the chain of prototypes that owns the methods, as every caller sees it. One that is asked for is bound
 * then, as to bind thousands takes a sixth of what a cold start computes; all are when somebody lists or changes them.
 */
class OperationMethods<Adapter> implements ProxyHandler<object> {
  readonly #services: readonly (readonly [service: string, entry: IndexedService])[];
  readonly #run: RunOperation<Adapter>;
  #isComplete = false;

  constructor(index: EntityIndex, run: RunOperation<Adapter>) {
    this.#services = Object.entries(index).filter(([, { reach }]) => reach === "methods");
    this.#run = run;
  }

  get(methods: object, name: string | symbol, receiver: unknown): unknown {
    this.#bind(methods, name);
    return Reflect.get(methods, name, receiver);
  }

  has(methods: object, name: string | symbol): boolean {
    this.#bind(methods, name);
    return Reflect.has(methods, name);
  }

  getOwnPropertyDescriptor(methods: object, name: string | symbol): PropertyDescriptor | undefined {
    this.#bind(methods, name);
    return Reflect.getOwnPropertyDescriptor(methods, name);
  }

  ownKeys(methods: object): (string | symbol)[] {
    this.#bindAll(methods);
    return Reflect.ownKeys(methods);
  }

  defineProperty(methods: object, name: string | symbol, descriptor: PropertyDescriptor): boolean {
    this.#bindAll(methods);
    return Reflect.defineProperty(methods, name, descriptor);
  }

  deleteProperty(methods: object, name: string | symbol): boolean {
    this.#bindAll(methods);
    return Reflect.deleteProperty(methods, name);
  }

  preventExtensions(methods: object): boolean {
    this.#bindAll(methods);
    return Reflect.preventExtensions(methods);
  }

  #bind(methods: object, name: string | symbol): void {
    if (this.#isComplete || typeof name === "symbol" || Object.hasOwn(methods, name)) return;
    for (const [service, { prefix, operations }] of this.#services) {
      if (!name.startsWith(prefix)) continue;
      const operation = operationOf(name, prefix, operations);
      if (operation !== undefined) bindPair(methods, prefix, service, operation, this.#run);
    }
  }

  #bindAll(methods: object): void {
    if (this.#isComplete) return;
    for (const [service, { prefix, operations }] of this.#services) {
      for (const operation of operations) {
        if (Object.hasOwn(methods, methodName(prefix, operation, "plain"))) continue;
        bindPair(methods, prefix, service, operation, this.#run);
      }
    }
    this.#isComplete = true;
  }
}

/** The operation that `name` is a method of: some write themselves with a small letter, which their methods do not. */
function operationOf(name: string, prefix: string, operations: readonly string[]): string | undefined {
  const named = name.slice(prefix.length);
  for (const plain of [named, named.endsWith(ROLE_SUFFIX) ? named.slice(0, -ROLE_SUFFIX.length) : ""]) {
    for (const operation of [plain, plain.charAt(0).toLowerCase() + plain.slice(1)]) {
      const isMethod = operations.includes(operation) && methodName("", operation, "plain") === plain;
      if (isMethod) return operation;
    }
  }
  return undefined;
}

/**
 * Puts the methods of the index between `child` and its prototype.
 * @param child - a prototype; methods of its own come first
 */
export function addOperationMethods<Adapter>(child: object, index: EntityIndex, run: RunOperation<Adapter>): void {
  // Without a prototype it keeps its properties in the form that thousands of them are soonest added to.
  const methods = Object.setPrototypeOf(Object.create(null), Object.getPrototypeOf(child)) as object;
  Object.setPrototypeOf(child, new Proxy(methods, new OperationMethods(index, run)));
}
