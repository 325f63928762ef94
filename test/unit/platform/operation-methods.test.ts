/** Owns the cases of methods that are made of data, when they are asked for. */
import assert from "node:assert/strict";
import { EventEmitter } from "node:events";
import type { EntityIndex } from "../../../utils/models/entity-format";
import { methodName } from "../../../utils/platform/bind-operations";
import { addOperationMethods } from "../../../utils/platform/operation-methods";

const shipped: EntityIndex = require("../../../entities/index.json");
const small: EntityIndex = {
  "route-53": { prefix: "route53", version: "1", reach: "methods", operations: ["listTags", "GetZone"] },
  route53resolver: { prefix: "route53resolver", version: "1", reach: "methods", operations: ["GetRule"] },
  acm: { prefix: "acm", version: "1", reach: "awsRequest", operations: ["GetCertificate"] },
};
const names = [
  ...["route53ListTags", "route53ListTagsSTSRole", "route53GetZone", "route53GetZoneSTSRole"],
  ...["route53resolverGetRule", "route53resolverGetRuleSTSRole"],
];

type Methods = Record<string, (...given: unknown[]) => unknown>;

/** A class with the methods of `index` behind its own `connect`, one adapter of it, and the level that has the methods. */
function classOf(index: EntityIndex) {
  class Adapter extends EventEmitter {
    connect(): string {
      return "own";
    }
  }
  addOperationMethods(Adapter.prototype, index, (adapter, method, service, operation, kind, given) => [
    ...[adapter, method, service, operation, kind],
    Array.from(given),
  ]);
  const level = (): Methods => Object.getPrototypeOf(Adapter.prototype);
  return { adapter: new Adapter() as unknown as Methods, level };
}

describe("addOperationMethods", () => {
  it("makes two methods an operation, which pass on their arguments", () => {
    const { adapter } = classOf(small);
    const callback = () => {};
    assert.deepEqual(adapter["route53ListTags"]?.({ a: 1 }, callback), [
      adapter,
      "route53ListTags",
      "route-53",
      "listTags",
      "plain",
      [{ a: 1 }, callback],
    ]);
    assert.deepEqual(adapter["route53ListTagsSTSRole"]?.(1, 2, 3, 4, 5, 6), [
      adapter,
      "route53ListTagsSTSRole",
      "route-53",
      "listTags",
      "STSRole",
      [1, 2, 3, 4, 5, 6],
    ]);
  });

  it("names their parameters as pronghorn.json does, and hides them as class methods are", () => {
    const { adapter, level } = classOf(small);
    assert.match(
      String(adapter["route53ListTagsSTSRole"]),
      /^function\s*\(params,\s*stsParams,\s*roleName,\s*iapMetadata,\s*callback\)/,
    );
    assert.match(String(adapter["route53ListTags"]), /^function\s*\(params,\s*iapMetadata,\s*callback\)/);
    assert.deepEqual(Object.keys(level()), []);
    const inLoop: string[] = [];
    for (const name in classOf(small).adapter) inLoop.push(name);
    assert.deepEqual(
      inLoop.filter((name) => names.includes(name)),
      [],
    );
    assert.ok(adapter instanceof EventEmitter);
  });

  it("has each method from the start, and no others", () => {
    const { adapter, level } = classOf(small);
    const wrong = ["route53listTags", "route53", "route53STSRole", "route53GetRule", "acmGetCertificate", "ec2X", ""];
    for (const name of [...wrong, "route53GetZoneSTSRoleSTSRole"]) {
      assert.deepEqual([adapter[name], name in adapter, Object.hasOwn(level(), name)], [undefined, false, false], name);
    }
    for (const name of names) assert.ok(name in classOf(small).adapter && Object.hasOwn(classOf(small).level(), name));
    assert.equal(adapter["connect"]?.(), "own");
    assert.equal(typeof adapter["emit"], "function");
    assert.deepEqual([(adapter as { then?: unknown }).then, Symbol.iterator in adapter], [undefined, false]);
  });

  it("a method is the same function each time, before and after all are listed", () => {
    const { adapter, level } = classOf(small);
    const before = adapter["route53GetZone"];
    assert.equal(adapter["route53GetZone"], before);
    assert.deepEqual(Object.getOwnPropertyNames(level()).sort(), [...names].sort());
    for (const at of [adapter, level()]) assert.equal(at["route53GetZone"], before);
    assert.equal(adapter["connect"]?.(), "own");
  });

  it("stays as whoever changes it left it", () => {
    const stub = () => "stub";
    const { adapter, level } = classOf(small);
    adapter["route53GetZone"] = stub;
    assert.deepEqual([Object.keys(adapter).includes("route53GetZone"), adapter["route53GetZone"]()], [true, "stub"]);
    assert.notEqual(level()["route53GetZone"], stub);

    const defined = classOf(small);
    Object.defineProperty(defined.level(), "route53GetZone", { value: stub, configurable: true });
    assert.equal(defined.adapter["route53GetZone"], stub);
    for (const { adapter: one, level: of } of [defined, classOf(small)]) {
      const late = of();
      assert.ok(delete late["route53GetZone"]);
      assert.deepEqual(
        [one["route53GetZone"], "route53GetZone" in one, late["route53GetZone"]],
        [undefined, false, undefined],
      );
      assert.deepEqual(
        Object.getOwnPropertyNames(late).sort(),
        names.filter((name) => name !== "route53GetZone").sort(),
      );
    }
    const frozen = classOf(small);
    Object.freeze(frozen.level());
    assert.equal(typeof frozen.adapter["route53ListTags"], "function");
    assert.ok(Object.isFrozen(frozen.level()) && Object.getOwnPropertyNames(frozen.level()).length === names.length);
  });

  it("finds of everything shipped what listing it finds", () => {
    const one = classOf(shipped).adapter;
    const all = classOf(shipped);
    const listed = Object.getOwnPropertyNames(all.level());
    const expected = Object.entries(shipped).flatMap(([service, { prefix, reach, operations }]) =>
      operations.flatMap((operation) =>
        (["plain", "STSRole"] as const)
          .filter(() => reach === "methods")
          .map((kind) => [methodName(prefix, operation, kind), service, operation, kind] as const),
      ),
    );
    assert.ok(expected.length > 4000);
    assert.deepEqual(listed.sort(), expected.map(([name]) => name).sort());
    for (const [name, service, operation, kind] of expected) {
      for (const adapter of [one, all.adapter]) {
        assert.deepEqual((adapter[name] as () => unknown[])().slice(1), [name, service, operation, kind, []]);
      }
    }
  });
});
