/** Owns the listing of things in AWS by entity type, on demand, into the entity cache. */
import { AdapterError } from "../errors/adapter-error";
import type { CachedEntitySettings } from "../settings/settings";
import type { AdapterParts, Performance } from "./adapter-parts";
import { getDevicesFiltered } from "./device-broker";
import { localEnvelope } from "./envelope";
import { objectArgument, operationCall, textArgument } from "./read-arguments";
import { type Entry, selectEntries } from "./select-entries";

/** The type that needs no settings: the devices of the device broker. */
const DEVICE = "Device";
/** More entities than anybody looks at, and few enough for memory. */
const MAX_ENTITIES = 10_000;

function typesOf({ instance }: AdapterParts): ReadonlyMap<string, CachedEntitySettings | undefined> {
  const configured = instance.settings?.cachedEntities ?? [];
  return new Map([[DEVICE, undefined], ...configured.map((entity) => [entity.entityType, entity] as const)]);
}

/** @throws AdapterError `INVALID_INPUT` for a type that nobody configured */
function knownType(parts: AdapterParts, entityType: unknown): string {
  const name = textArgument("entityType", entityType) ?? "";
  const known = typesOf(parts);
  if (known.has(name)) return name;
  throw new AdapterError("INVALID_INPUT", {
    parameter: "entityType",
    found: JSON.stringify(name),
    expected: `one of ${[...known.keys()].join(", ")}`,
    documentation: "further types are configured in cache.entities of the service instance.",
  });
}

async function list(parts: AdapterParts, entityType: string): Promise<readonly Entry[]> {
  const source = typesOf(parts).get(entityType);
  if (source === undefined)
    return ((await getDevicesFiltered(parts, [{}])) as { readonly list: readonly Entry[] }).list;
  const { service, operation, params, path, name } = source;
  const { response } = await parts.call(() => operationCall(service, operation, "plain", [params]));
  let found: unknown[] = [response];
  for (const member of path.split(".")) found = found.flatMap((value) => (value as Entry | undefined)?.[member] ?? []);
  return found
    .slice(0, MAX_ENTITIES)
    .map((value) =>
      typeof value === "object" && value !== null
        ? { ...value, name: String((value as Entry)[name] ?? "") }
        : { name: String(value) },
    );
}

async function populate(parts: AdapterParts, entityType: string): Promise<readonly Entry[]> {
  const entries = await list(parts, entityType);
  parts.entities.set(entityType, entries);
  return entries;
}

/** Lists the types anew, or all of them. */
export const populateEntityCache: Performance = async (parts, [entityTypes]) => {
  const given = typeof entityTypes === "string" ? [entityTypes] : Array.isArray(entityTypes) ? entityTypes : [];
  const types = given.length === 0 ? [...typesOf(parts).keys()] : given.map((type) => knownType(parts, type));
  const counts: Record<string, number> = {};
  for (const type of types) counts[type] = (await populate(parts, type)).length;
  return localEnvelope(counts);
};

/** @see selectEntries for `options` */
export const retrieveEntitiesCache: Performance = async (parts, [entityType, options]) => {
  const type = knownType(parts, entityType);
  objectArgument("options", options);
  return localEnvelope(selectEntries(parts.entities.get(type) ?? (await populate(parts, type)), options));
};

/** A name that the cache does not know is looked for once more in AWS, as it may be new. */
export const hasEntities: Performance = async (parts, [entityType, entityList]) => {
  const type = knownType(parts, entityType);
  const names = [entityList ?? []].flat().map(String);
  const known = (entries: readonly Entry[]) => new Set(entries.flatMap(({ name, id }) => [name, id]));
  let found = known(parts.entities.get(type) ?? []);
  if (names.some((name) => !found.has(name))) found = known(await populate(parts, type));
  return Object.fromEntries(names.map((name) => [name, found.has(name)]));
};
