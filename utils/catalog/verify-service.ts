/** Owns the proof that what is read back from an entity folder is what the client package said. */
import { strict as assert } from "node:assert";
import * as protocols from "@aws-sdk/core/protocols";
import { isKnownPlugin } from "../client/customisations/customisations";
import { UNIT } from "../models/entity-format";
import { ShapeRegistry } from "../models/shape-registry";
import type { CapturedClient } from "./captured-client";
import type { ServiceEntity } from "./extract-service";
import { ExtractionError } from "./extraction-error";

/** Protocol classes of client packages that the adapter has its own form of. */
const OWN_PROTOCOLS: ReadonlySet<string> = new Set(["S3RestXmlProtocol"]);

const resolved = (reference: unknown): unknown =>
  typeof reference === "function" ? resolved((reference as () => unknown)()) : reference;

/** Compares two graphs of schemas; a pair that is being compared counts as equal. */
function compare(found: unknown, expected: unknown, path: string, pairs: Map<unknown, unknown>): void {
  const left = resolved(found);
  const right = resolved(expected);
  if (!Array.isArray(left) || !Array.isArray(right)) {
    assert.deepEqual(left, right, path);
    return;
  }
  if (pairs.get(right) === left) return;
  pairs.set(right, left);
  assert.equal(left.length, right.length, path);
  const name = right.length >= 5 && typeof right[2] === "string" ? right[2] : path;
  right.forEach((part, index) => {
    compare(left[index], part, `${name}[${index}]`, pairs);
  });
}

/**
 * Rehydrates every shape that the service's operations use and compares it with the package's own.
 * @param client - the package
 * @param entity - what was extracted from it
 * @param schemaText - schema.json as it will be written
 * @throws ExtractionError at the first difference, for a protocol that the adapter cannot speak, and for a plugin that
 * nobody decided about
 */
export function verifyService(client: CapturedClient, entity: ServiceEntity, schemaText: string): void {
  const { protocol, protocolSettings } = entity.service;
  if (!(protocol in protocols) && !OWN_PROTOCOLS.has(protocol)) {
    throw new ExtractionError(client.packageName, `its protocol ${protocol} is not known`);
  }
  const plugins = [
    ...entity.service.clientPlugins,
    ...entity.operations.flatMap(([, record]) => record.plugins ?? []).map(([name]) => name),
  ];
  const unknown = plugins.find((name) => !isKnownPlugin(name));
  if (unknown !== undefined) {
    const advice = "write a customisation for it, or say in customisations.ts why it needs none";
    throw new ExtractionError(client.packageName, `its plugin ${unknown} is not known: ${advice}`);
  }
  const registry = new ShapeRegistry(Buffer.from(schemaText), String(protocolSettings["defaultNamespace"]));
  const records = new Map(entity.operations);
  const pairs = new Map<unknown, unknown>();
  for (const { name, schema } of client.operations) {
    const record = records.get(name);
    const sides = [record?.input ?? UNIT, record?.output ?? UNIT];
    sides.forEach((reference, index) => {
      try {
        compare(registry.resolve(reference), schema[4 + index], name, pairs);
      } catch (cause) {
        throw new ExtractionError(client.packageName, `${name} reads back differently: ${(cause as Error).message}`);
      }
    });
  }
}
