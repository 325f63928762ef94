/** Owns the way back from a method's name to the operation that it calls. */
import { AdapterError } from "../errors/adapter-error";
import type { EntityIndex, IndexedService } from "../models/entity-format";
import { suggestion } from "../models/nearest-name";
import { methodName } from "../platform/bind-operations";
import { S3_CONNECTION, s3ConnectionOperations } from "../platform/s3-connection/s3-connection";

const index: EntityIndex = require("../../entities/index.json");

/** What a method calls. */
export interface MethodTarget {
  readonly service: string;
  readonly operation: string;
  readonly kind: "plain" | "STSRole";
}

/**
 * @param name - `ec2DescribeInstances`, `ec2DescribeInstancesSTSRole`
 * @throws AdapterError `INVALID_INPUT`, with the nearest name
 */
export function methodTarget(name: string): MethodTarget {
  const names: string[] = [];
  for (const operation of s3ConnectionOperations) {
    for (const kind of ["plain", "STSRole"] as const) {
      const candidate = methodName(S3_CONNECTION, operation, kind);
      // Of S3's answers the model of this one marks all that is secret: the customer's keys.
      if (candidate === name) return { service: "s3", operation: "GetObject", kind };
      names.push(candidate);
    }
  }
  for (const [service, { prefix, reach, operations }] of Object.entries(index)) {
    if (reach !== "methods") continue;
    for (const operation of operations) {
      for (const kind of ["plain", "STSRole"] as const) {
        const candidate = methodName(prefix, operation, kind);
        if (candidate === name) return { service, operation, kind };
        names.push(candidate);
      }
    }
  }
  throw new AdapterError("INVALID_INPUT", {
    parameter: "method",
    found: name,
    expected: "a method of pronghorn.json",
    documentation: `methods are made of a service's prefix and an operation's name. ${suggestion(name, names)}`,
  });
}

/** What is shipped, as `entities list` shows it. */
export function shippedServices(): (Omit<IndexedService, "operations"> & { service: string; operations: number })[] {
  return Object.entries(index).map(([service, { operations, ...facts }]) => ({
    service,
    ...facts,
    operations: operations.length,
  }));
}
