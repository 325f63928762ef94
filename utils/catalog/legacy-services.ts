/** Owns legacy-services.json: the services whose client packages are older than schemas, and which model each has. */
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { C2jModel } from "./c2j-model";
import { captureLegacyClient } from "./capture-legacy-client";
import type { CapturedClient } from "./captured-client";
import { catalogFolder } from "./catalog-paths";
import { ExtractionError } from "./extraction-error";
import { type PinnedPackage, packedPackage, publishedIntegrity, unpack } from "./packed-package";
import { loadUnlinkedClient } from "./unlinked-client";

const listPath = join(catalogFolder, "legacy-services.json");

export interface LegacyService {
  /** Of its client package. */
  readonly version: string;
  readonly integrity: string;
  /** `apis/<model>.min.json` of the package of models. */
  readonly model: string;
  /** `clients/<declarations>.d.ts` there. */
  readonly declarations: string;
}

interface LegacyServices {
  readonly description: string;
  readonly models: PinnedPackage;
  /** By service. */
  readonly services: Readonly<Record<string, LegacyService>>;
}

const clientName = (service: string): string => `@aws-sdk/client-${service}`;
const CLIENT_FILES = /^(?:package\.json|dist-cjs\/.*\.js|dist-types\/models\/.*\.d\.ts)$/;

const readList = (): LegacyServices => JSON.parse(readFileSync(listPath, "utf8")) as LegacyServices;

function writeList(services: LegacyServices["services"]): () => void {
  const before = readFileSync(listPath);
  const sorted = Object.fromEntries(Object.entries(services).sort(([left], [right]) => (left < right ? -1 : 1)));
  writeFileSync(listPath, `${JSON.stringify({ ...readList(), services: sorted }, null, 2)}\n`);
  return () => writeFileSync(listPath, before);
}

/** Gives a folder to work in, and takes it away again. */
function inFolder<T>(work: (folder: string) => T): T {
  const folder = mkdtempSync(join(tmpdir(), "adapter-aws-catalog-"));
  try {
    return work(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** @returns their names, sorted */
export function legacyServices(): readonly string[] {
  return Object.keys(readList().services).sort();
}

/**
 * Unpacks both packages of a service, whose archives are fetched where they are not here yet.
 * @param service - its client package's name without `@aws-sdk/client-`
 * @param pinned - by default as legacy-services.json has it
 * @throws ExtractionError
 */
export function captureLegacyService(service: string, pinned = readList().services[service]): CapturedClient {
  if (pinned === undefined) throw new ExtractionError(service, "legacy-services.json does not have it");
  const { models } = readList();
  const { model, declarations } = pinned;
  return inFolder((clientFolder) =>
    inFolder((modelFolder) => {
      unpack(packedPackage({ name: clientName(service), ...pinned }), CLIENT_FILES, clientFolder);
      const ofModel = new RegExp(`^(?:apis/${model}\\.\\w+\\.json|clients/${declarations}\\.d\\.ts)$`);
      unpack(packedPackage(models), ofModel, modelFolder);
      const client = captureLegacyClient({ clientFolder, modelFolder, uid: model, declarations });
      return { ...client, modelPackage: `${models.name} ${models.version}` };
    }),
  );
}

/** The model of the service and API version that a client speaks, and what its declarations are called. */
function findModel(
  models: PinnedPackage,
  serviceId: string,
  apiVersion: string,
): { model: string; declarations: string } {
  return inFolder((folder) => {
    unpack(packedPackage(models), /^apis\/(?:metadata|.*\.min)\.json$/, folder);
    const apis = join(folder, "apis");
    const read = <T>(name: string): T => JSON.parse(readFileSync(join(apis, name), "utf8")) as T;
    const file = readdirSync(apis).find((name) => {
      if (!name.endsWith(`-${apiVersion}.min.json`)) return false;
      return read<Pick<C2jModel, "metadata">>(name).metadata.serviceId === serviceId;
    });
    const model = file?.slice(0, -".min.json".length);
    const clients = Object.entries(read<Record<string, { prefix?: string }>>("metadata.json"));
    const client = clients.find(([name, { prefix = name }]) => `${prefix}-${apiVersion}` === model);
    if (model === undefined || client === undefined) {
      const missing = `${models.name} ${models.version} has no model of ${serviceId} ${apiVersion}`;
      throw new ExtractionError(serviceId, `its newest client is older than schemas, and ${missing}`);
    }
    return { model, declarations: client[0] };
  });
}

/**
 * @param version - of the client package
 * @returns what pins both packages of a service, with digests of the registry's
 * @throws ExtractionError when there is no model of it
 */
export function pinLegacyService(service: string, version: string): LegacyService {
  const { models } = readList();
  const name = clientName(service);
  const integrity = publishedIntegrity(name, version);
  const { serviceId, apiVersion } = inFolder((folder) => {
    unpack(packedPackage({ name, version, integrity }), CLIENT_FILES, folder);
    return loadUnlinkedClient(folder).config;
  });
  return { version, integrity, ...findModel(models, serviceId, apiVersion) };
}

/**
 * Adds a service to the list.
 * @param version - of its client package
 * @returns what takes it back
 * @throws ExtractionError when there is no model of it
 */
export function addLegacyService(service: string, version: string): () => void {
  return writeList({ ...readList().services, [service]: pinLegacyService(service, version) });
}

/**
 * Takes a service off the list, whose client has schemas by now.
 * @returns what takes that back
 */
export function removeLegacyService(service: string): () => void {
  const { [service]: removed, ...others } = readList().services;
  return removed === undefined ? () => {} : writeList(others);
}
