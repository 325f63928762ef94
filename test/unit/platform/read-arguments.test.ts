/** Owns the cases of what platforms and workflows pass for arguments. */
import assert from "node:assert/strict";
import { AdapterError } from "../../../utils/errors/adapter-error";
import { objectArgument, operationCall, splitCallback, textArgument } from "../../../utils/platform/read-arguments";

const refused = (parameter: string, found: string) => (thrown: unknown) =>
  thrown instanceof AdapterError &&
  thrown.code === "INVALID_INPUT" &&
  thrown.detail["parameter"] === parameter &&
  thrown.detail["found"] === found;

describe("splitCallback", () => {
  const callback = () => {};
  it("takes the first function, wherever it stands", () => {
    assert.deepEqual(splitCallback([{ a: 1 }, callback, undefined]), { values: [{ a: 1 }], callback });
    assert.deepEqual(splitCallback([callback, null, callback]), { values: [], callback });
  });
  it("takes what a function was given, and keeps none of it when that changes", () => {
    const given: Record<number, unknown> & { length: number } = { 0: "first", 1: undefined, 2: callback, length: 3 };
    const { values } = splitCallback(given);
    given[0] = "changed";
    assert.deepEqual(values, ["first", undefined]);
  });
  it("answers no callback when there is none", () => {
    assert.deepEqual(splitCallback([1, undefined]), { values: [1, undefined], callback: undefined });
  });
});

describe("objectArgument", () => {
  it("takes an object, its JSON, or nothing", () => {
    const object = { a: 1 };
    assert.equal(objectArgument("params", object), object);
    assert.deepEqual(objectArgument("params", ' {"a":1} '), object);
    for (const nothing of [undefined, null, "", "null"]) assert.equal(objectArgument("params", nothing), undefined);
  });

  const wrong: [unknown, string][] = [
    ["{broken", "text that is no JSON object"],
    ['"text"', "text that is no JSON object"],
    ["[1]", "an array"],
    [[1], "an array"],
    [new Map([["RoleArn", "arn"]]), "a Map"],
    [new Set(), "a Set"],
    [Buffer.from("{}"), "an object"],
    [7, "a number"],
    [false, "a boolean"],
  ];
  for (const [value, found] of wrong) {
    it(`refuses ${JSON.stringify(value)}, without repeating it`, () => {
      assert.throws(() => objectArgument("params", value), refused("params", found));
    });
  }
});

describe("textArgument", () => {
  it("takes text or nothing", () => {
    assert.equal(textArgument("roleName", "arn"), "arn");
    for (const nothing of [undefined, null, ""]) assert.equal(textArgument("roleName", nothing), undefined);
    assert.throws(() => textArgument("roleName", { a: 1 }), refused("roleName", "an object"));
  });
});

describe("operationCall", () => {
  const metadata = { addlHeaders: { a: "b" } };
  it("reads a plain method's arguments", () => {
    assert.deepEqual(operationCall("ec2", "DescribeInstances", "plain", [{ MaxResults: 5 }, metadata]), {
      service: "ec2",
      operation: "DescribeInstances",
      kind: "plain",
      params: { MaxResults: 5 },
      stsParams: null,
      roleName: null,
      metadata,
    });
  });
  it("reads an STSRole method's arguments", () => {
    assert.deepEqual(operationCall("sts", "X", "STSRole", [null, { RoleArn: "a" }, "role", metadata]), {
      service: "sts",
      operation: "X",
      kind: "STSRole",
      params: {},
      stsParams: { RoleArn: "a" },
      roleName: "role",
      metadata,
    });
  });
  it("refuses a role that would be lost", () => {
    const plain = (...values: unknown[]) => operationCall("sts", "X", "plain", values);
    assert.throws(() => plain({}, { RoleArn: "r" }), refused("iapMetadata", "RoleArn"));
    assert.throws(() => plain({}, null, "role"), refused("arguments", "more than the method takes"));
    assert.equal(plain({}, null, null, undefined).metadata, undefined);
  });
  it("names the argument that is wrong", () => {
    assert.throws(() => operationCall("sts", "X", "STSRole", [{}, [], null]), refused("stsParams", "an array"));
    assert.throws(() => operationCall("sts", "X", "plain", [{}, 1]), refused("iapMetadata", "a number"));
  });
});

describe("iapMetadata", () => {
  const read = (iapMetadata: unknown) => operationCall("ec2", "DescribeInstances", "plain", [{}, iapMetadata]).metadata;

  it("counts what a form left empty as not given", () => {
    const empty = { addlHeaders: null, uriQuery: "", payload: null, callProperties: null, saveTo: "", priority: 1 };
    assert.deepEqual(read(empty), { priority: 1 });
    const callProperties = { host: null, port: "", protocol: "", region: "eu-west-1", credential_provider: null };
    assert.deepEqual(read({ callProperties }), { callProperties: { region: "eu-west-1" } });
  });

  it("takes a member as JSON", () => {
    assert.deepEqual(read({ uriQuery: '{"a":"b"}' }), { uriQuery: { a: "b" } });
  });

  for (const member of ["addlHeaders", "uriQuery", "payload", "callProperties"]) {
    it(`refuses ${member} that is no object: it would be ignored`, () => {
      for (const wrong of ["us-east-1", 5, ["a"]]) {
        assert.throws(
          () => read({ [member]: wrong }),
          (thrown) => thrown instanceof AdapterError && thrown.detail["parameter"] === `iapMetadata.${member}`,
        );
      }
    });
  }

  it("refuses saveTo that is no text", () => {
    assert.throws(() => read({ saveTo: { path: "x" } }), refused("iapMetadata.saveTo", "an object"));
  });
});
