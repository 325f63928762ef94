/** Owns the trial of the schemas that pronghorn.json gives of inputs and answers. */
import assert from "node:assert/strict";
import { inputSchema, type SchemaSource } from "../../../utils/catalog/json-schema";
import type { ShapeRecord } from "../../../utils/models/entity-format";

const source: SchemaSource = {
  shapes: new Map<string, ShapeRecord>([
    [
      "In",
      [3, 0, ["Name", "Token", "Kinds", "Tree", "When", "Blob", "Tags"], [0, [0, 4], "Kinds", "Tree", 4, 21, 128], 2],
    ],
    ["Kinds", [1, 0, 0]],
    ["Tree", [3, 0, ["Left", "Value"], ["Tree", 1]]],
  ]),
  members: new Map([["In", { Name: ["The name."], Kinds: ["", "Kind"] }]]),
  enumerations: new Map([["Kind", ["robin", "wren"]]]),
};

describe("inputSchema", () => {
  it("marks what is required but for tokens, names known values, and stops where a shape contains itself", () => {
    assert.deepEqual(inputSchema("In", source), {
      title: "params",
      type: "object",
      properties: {
        Name: { description: "The name.", type: "string" },
        Token: { type: "string" },
        Kinds: { type: "array", items: { type: "string", examples: ["robin", "wren"] } },
        Tree: { type: "object", properties: { Left: { type: "object" }, Value: { type: "number" } } },
        When: { type: ["string", "number"], format: "date-time" },
        Blob: { type: ["string", "object"] },
        Tags: { type: "object", additionalProperties: { type: "string" } },
      },
      required: ["Name"],
    });
  });

  it("is an empty object for an operation without input", () => {
    assert.deepEqual(inputSchema("smithy.api#Unit", source), { title: "params", type: "object" });
  });
});
