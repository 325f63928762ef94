/**
 * Owns the proof that an API model with an old client says what a client with schemas says: services that exist in both
 * forms are extracted from the first, and compared with entities/, which has them from the second.
 */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { awsEndpointFunctions } from "@aws-sdk/core/client";
import { customEndpointFunctions, decideEndpoint } from "@smithy/core/endpoints";
import { extractService, type ServiceEntity } from "../../utils/catalog/extract-service";
import { captureLegacyService } from "../../utils/catalog/legacy-services";
import type { EndpointFile, OperationRecord, ServiceRecord, ShapeRecord } from "../../utils/models/entity-format";
import JUDGES from "./legacy-judges.json";

customEndpointFunctions["aws"] = awsEndpointFunctions;

interface Present {
  readonly service: ServiceRecord;
  readonly operations: Readonly<Record<string, OperationRecord>>;
  readonly shapes: Readonly<Record<string, ShapeRecord>>;
  readonly endpoint: EndpointFile;
}

function presentEntity(service: string): Present {
  const read = (name: string): object =>
    JSON.parse(readFileSync(join(__dirname, "../../entities", service, `${name}.json`), "utf8")) as object;
  return { ...read("action"), ...read("schema"), endpoint: read("endpoint") } as Present;
}

type Structure = ShapeRecord & { readonly 0: 3 | 4 | -3 };
const isStructure = (record: ShapeRecord): record is Structure => ![0, 1, 2].includes(record[0]);

/**
 * One form of what has several. A member's traits that say nothing (`[X, 0]`) say nothing; the status of an error is
 * published in schemas only, and read by nobody; names of headers have no case.
 */
const meaning = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.length === 2 && value[1] === 0 ? value[0] : value.map(meaning);
  if (typeof value !== "object" || value === null) return value;
  const { httpError: _, httpHeader, ...others } = value as Record<string, unknown>;
  return { ...others, ...(httpHeader === undefined ? {} : { httpHeader: String(httpHeader).toLowerCase() }) };
};

const same = (left: unknown, right: unknown): boolean => JSON.stringify(left) === JSON.stringify(right);

class Comparison {
  /** By path, what the model has and what the schema has. */
  readonly differences: Record<string, string> = {};
  #compared = 0;

  get compared(): number {
    return this.#compared;
  }

  equal(path: string, ofModel: unknown, ofSchema: unknown): void {
    this.#compared++;
    if (!same(ofModel, ofSchema)) this.differences[path] = `${JSON.stringify(ofModel)} / ${JSON.stringify(ofSchema)}`;
  }

  shape(name: string, ofModel: ShapeRecord, ofSchema: ShapeRecord | undefined): void {
    if (ofSchema === undefined || !isStructure(ofModel) || !isStructure(ofSchema)) {
      this.equal(name, ofModel.slice(1).map(meaning), ofSchema?.slice(1).map(meaning));
      return;
    }
    const [kind, traits, names, members, required = 0] = ofModel;
    const [newerKind, newerTraits, newerNames, newerMembers, newerRequired = 0] = ofSchema;
    this.equal(name, [kind, meaning(traits)], [newerKind, meaning(newerTraits)]);
    for (const [index, member] of names.entries()) {
      // What came later stands in the schema alone.
      const newer = newerNames.indexOf(member);
      this.equal(`${name}.${member}`, meaning(members[index]), newer === -1 ? "none" : meaning(newerMembers[newer]));
      this.equal(`${name}.${member} required`, index < required, newer !== -1 && newer < newerRequired);
    }
  }

  operation(name: string, ofModel: OperationRecord, ofSchema: OperationRecord | undefined): void {
    const { documentation: _d, waiters = {}, ...facts } = ofModel;
    for (const key of new Set([...Object.keys(facts), ...Object.keys(ofSchema ?? {})]) as Set<keyof OperationRecord>) {
      if (key === "documentation" || key === "waiters") continue;
      this.equal(`${name} ${key}`, ofModel[key], ofSchema?.[key]);
    }
    for (const [waiter, record] of Object.entries(waiters))
      this.equal(`${name} ${waiter}`, record, ofSchema?.waiters?.[waiter]);
  }

  endpoints(ofModel: EndpointFile, ofSchema: EndpointFile): void {
    for (const Region of ["us-east-1", "eu-west-1", "cn-north-1", "us-gov-west-1", "us-gov-east-1", "us-iso-east-1"])
      for (const UseFIPS of [false, true])
        for (const UseDualStack of [false, true])
          for (const Endpoint of [undefined, "https://own.example.com"]) {
            const endpointParams = { Region, UseFIPS, UseDualStack, ...(Endpoint === undefined ? {} : { Endpoint }) };
            this.equal(
              `endpoint ${JSON.stringify(endpointParams)}`,
              decide(ofModel, endpointParams),
              decide(ofSchema, endpointParams),
            );
          }
  }
}

type Diagram = Parameters<typeof decideEndpoint>[0];

function decide(rules: EndpointFile, endpointParams: Readonly<Record<string, string | boolean>>): unknown {
  try {
    const { url, properties, headers } = decideEndpoint(rules as unknown as Diagram, { endpointParams });
    return [url, properties, headers];
  } catch (error) {
    return (error as Error).message;
  }
}

function compare(entity: ServiceEntity, present: Present): Comparison {
  const comparison = new Comparison();
  const { version: _v, protocolSettings, ...service } = entity.service;
  // XML alone has a namespace; some clients name it for JSON, too.
  const { xmlNamespace: _x, ...settings } = present.service.protocolSettings;
  comparison.equal("protocolSettings", protocolSettings, settings);
  for (const [name, fact] of Object.entries(service))
    comparison.equal(name, fact, present.service[name as keyof ServiceRecord]);
  for (const [name, record] of entity.operations) comparison.operation(name, record, present.operations[name]);
  for (const [name, record] of entity.shapes) comparison.shape(name, record, present.shapes[name]);
  comparison.endpoints(entity.endpoint, present.endpoint);
  return comparison;
}

interface Judge {
  readonly version: string;
  readonly integrity: string;
  readonly model: string;
  readonly declarations: string;
  /** By a pattern of paths, why what the two say is not the same. */
  readonly differences: Readonly<Record<string, string>>;
}

describe("services out of API models, by their clients with schemas", () => {
  for (const [service, judge] of Object.entries(JUDGES as Readonly<Record<string, Judge>>)) {
    it(`${service} says the same`, function () {
      this.timeout(120_000);
      const entity = extractService(captureLegacyService(service, judge));
      const { differences, compared } = compare(entity, presentEntity(service));
      const explained = Object.keys(judge.differences);
      const found = Object.entries(differences);
      const unknown = found.filter(([path]) => !explained.some((pattern) => new RegExp(pattern).test(path)));
      assert.deepEqual(unknown.slice(0, 8), [], `${unknown.length} of ${compared} differ`);
      const stale = explained.filter((pattern) => !found.some(([path]) => new RegExp(pattern).test(path)));
      assert.deepEqual(stale, [], "these do not differ any more: take them off the list");
      assert.ok(compared > 500, `compared only ${compared}`);
    });
  }
});
