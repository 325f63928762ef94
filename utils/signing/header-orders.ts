/** Owns the orders of headers that were signed of late: the requests of an operation have the same headers every time. */
import type { HttpRequest } from "../types/http";
import { type SignedNames, signedNames } from "./canonical-request";

interface Order {
  /** All headers, as they stand in the request. */
  readonly given: readonly string[];
  readonly signed: SignedNames;
}

const KEPT = 8;

/** A few operations and roles take turns; what is known of headers is found by comparing names, not by building a key. */
export class HeaderOrders {
  /** The latest found first. */
  readonly #orders: Order[] = [];

  /** @returns what {@link signedNames} does */
  of(headers: HttpRequest["headers"]): SignedNames {
    const given = Object.keys(headers);
    for (let at = 0; at < this.#orders.length; at += 1) {
      const order = this.#orders[at] as Order;
      if (isSame(order.given, given)) {
        if (at > 0) this.#first(order, at);
        // A header without a value is as good as none, and may have one the next time.
        return isWhole(given, headers) ? order.signed : signedNames(headers);
      }
    }
    const signed = signedNames(headers);
    if (isWhole(given, headers)) this.#first({ given, signed }, KEPT - 1);
    return signed;
  }

  #first(order: Order, from: number): void {
    this.#orders.splice(from, 1);
    this.#orders.unshift(order);
  }
}

function isWhole(names: readonly string[], headers: HttpRequest["headers"]): boolean {
  for (const name of names) if (headers[name] === undefined) return false;
  return true;
}

function isSame(these: readonly string[], those: readonly string[]): boolean {
  if (these.length !== those.length) return false;
  for (let at = 0; at < these.length; at += 1) if (these[at] !== those[at]) return false;
  return true;
}
