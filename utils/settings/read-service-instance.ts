/** Owns the forms in which people keep a service instance: the whole document, or only its properties. */
import { AdapterError } from "../errors/adapter-error";
import { foundText } from "./found-text";

/** A service instance reduced to what the adapter is constructed with. */
export interface ServiceInstance {
  readonly id: string;
  readonly properties: Readonly<Record<string, unknown>>;
}

type Document = Readonly<Record<string, unknown>>;

const isObject = (value: unknown): value is Document =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/**
 * Understands `{ name, model, type, properties: { id, type, properties: { … } } }` as the platform exports it, the same
 * under `serviceItem` or `data`, `{ id, type, properties: { … } }` as a configuration file holds it, and bare properties.
 * @param document - parsed JSON
 * @param fallbackId - id where the document has none
 * @throws AdapterError `INVALID_PROPERTIES` when it is none of these
 */
export function readServiceInstance(document: unknown, fallbackId = "adapter-aws"): ServiceInstance {
  if (!isObject(document)) throw unreadable(document);
  let level = document;
  let id: unknown;
  for (let depth = 0; depth < 4; depth += 1) {
    id = level["id"] ?? level["name"] ?? id;
    if (isObject(level["authentication"]) || isObject(level["healthcheck"])) break;
    const inner: unknown = level["properties"] ?? level["serviceItem"] ?? level["data"];
    if (!isObject(inner)) break;
    level = inner;
  }
  if (level === document && ("type" in level || "properties" in level)) throw unreadable(level["properties"]);
  const isBare = level === document;
  return { id: typeof id === "string" && id !== "" && !isBare ? id : fallbackId, properties: level };
}

function unreadable(found: unknown): AdapterError {
  return new AdapterError("INVALID_PROPERTIES", {
    property: "properties",
    found: foundText(found),
    expected: "a service instance, or the properties of one, as a JSON object",
  });
}
