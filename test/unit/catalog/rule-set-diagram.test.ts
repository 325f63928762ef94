/** Owns the trial of endpoint rules in both their forms: they decide alike. */
import assert from "node:assert/strict";
import { awsEndpointFunctions } from "@aws-sdk/core/client";
import { customEndpointFunctions, decideEndpoint, resolveEndpoint } from "@smithy/core/endpoints";
import fc from "fast-check";
import { ExtractionError } from "../../../utils/catalog/extraction-error";
import { diagramOfRuleSet, type Rule, type RuleSet } from "../../../utils/catalog/rule-set-diagram";

customEndpointFunctions["aws"] = awsEndpointFunctions;

const NAMES = ["UseFIPS", "UseDualStack", "Region", "Endpoint"] as const;
const text = { type: "String", required: false };
const PARAMETERS: RuleSet["parameters"] = {
  Region: text,
  Endpoint: text,
  UseFIPS: { type: "Boolean", default: false },
  UseDualStack: { type: "Boolean", default: false },
};

type Values = Readonly<Record<string, string | boolean | undefined>>;
type Tree = Parameters<typeof resolveEndpoint>[0];
type Diagram = Parameters<typeof decideEndpoint>[0];

/** What an evaluation comes to; every way of finding no rule is one. */
function outcome(evaluate: () => ReturnType<typeof resolveEndpoint>): string {
  try {
    const { url, properties, headers } = evaluate();
    return JSON.stringify([url, properties, headers]);
  } catch (error) {
    const { message } = error as Error;
    return /^(?:Rules evaluation failed|No matching endpoint\.)$/.test(message) ? "nothing matches" : message;
  }
}

/** By the SDK's own evaluators: of rule sets as they were, and of diagrams as they are. */
function assertSame(ruleSet: RuleSet, values: Values): void {
  const endpointParams = Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as never;
  const tree = { version: "1.0", ...ruleSet } as unknown as Tree;
  const expected = outcome(() => resolveEndpoint(tree, { endpointParams }));
  // No rule set may assign a name again inside.
  if (/is already defined in Reference Record/.test(expected)) return;
  const diagram = diagramOfRuleSet("birds", ruleSet) as unknown as Diagram;
  const found = outcome(() => decideEndpoint(diagram, { endpointParams }));
  assert.equal(found, expected, JSON.stringify(values));
}

const ref = (name: string): object => ({ ref: name });
const CONDITIONS = [
  { fn: "booleanEquals", argv: [ref("UseFIPS"), true] },
  { fn: "booleanEquals", argv: [ref("UseDualStack"), true] },
  { fn: "isSet", argv: [ref("Endpoint")] },
  { fn: "not", argv: [{ fn: "isSet", argv: [ref("Endpoint")] }] },
  { fn: "aws.partition", argv: [ref("Region")], assign: "Found" },
];
const endpoint = (url: string, headers = {}) =>
  ({ type: "endpoint", endpoint: { url, properties: {}, headers } }) as const;
const condition = fc.constantFrom(...CONDITIONS);
const leaf = fc.oneof(
  fc.nat(5).map((number) => ({ type: "error" as const, error: `refusal ${number}` })),
  fc
    .nat(5)
    .map((number) => endpoint(`https://host${number}.example.com`, number > 3 ? { "x-host": [`${number}`] } : {})),
);
const { rules } = fc.letrec<{ rules: Rule[] }>((tie) => ({
  rules: fc.array(
    fc
      .tuple(
        fc.array(condition, { maxLength: 3 }),
        fc.oneof(
          { maxDepth: 3, withCrossShrink: true },
          leaf,
          tie("rules").map((inner) => ({ type: "tree" as const, rules: inner })),
        ),
      )
      .map(([conditions, rest]): Rule => ({ conditions, ...rest })),
    { maxLength: 4 },
  ),
}));
const values = fc.record({
  UseFIPS: fc.boolean(),
  UseDualStack: fc.boolean(),
  Region: fc.constantFrom("eu-west-1", "cn-north-1", "us-gov-west-1"),
  Endpoint: fc.option(fc.constant("https://own.example.com"), { nil: undefined }),
});

describe("diagramOfRuleSet", () => {
  it("decides like the rule set that it was made from", () => {
    fc.assert(
      fc.property(rules, values, (given, parameters) => {
        assertSame({ parameters: PARAMETERS, rules: given }, parameters);
      }),
      { numRuns: 500 },
    );
  });

  it("runs a condition that assigns only once on a way, and passes what it assigned on", () => {
    const partition = { fn: "aws.partition", argv: [ref("Region")], assign: "Found" };
    const isChina = { fn: "stringEquals", argv: [{ fn: "getAttr", argv: [ref("Found"), "name"] }, "aws-cn"] };
    const given: Rule[] = [
      { conditions: [partition, isChina], ...endpoint("https://cn.example.com") },
      { conditions: [partition], ...endpoint("https://{Found#dnsSuffix}") },
    ];
    for (const Region of ["cn-north-1", "eu-west-1"]) assertSame({ parameters: PARAMETERS, rules: given }, { Region });
  });

  it("writes a condition, a result and a node once", () => {
    const conditions = [{ fn: "booleanEquals", argv: [ref("UseFIPS"), true] }];
    const inner: Rule[] = [
      { conditions, type: "error", error: "yes" },
      { conditions, type: "error", error: "never" },
      { type: "error", error: "no" },
    ];
    const isSet = [{ fn: "isSet", argv: [ref("Endpoint")] }];
    const given: Rule[] = [{ conditions: isSet, type: "tree", rules: inner }, ...inner];
    const { parameters, ...diagram } = diagramOfRuleSet("birds", { parameters: PARAMETERS, rules: given });
    assert.deepEqual(parameters, [...NAMES].sort());
    assert.deepEqual(diagram, {
      root: 2,
      conditions: [
        ["isSet", [{ ref: "Endpoint" }]],
        ["booleanEquals", [{ ref: "UseFIPS" }, true]],
      ],
      results: [[-1], [-1, "yes"], [-1, "no"]],
      nodes: [-1, 1, -1, 1, 100_000_001, 100_000_002],
    });
  });

  it("refuses a default that nobody gives, one name for two things, and more branches than can be right", () => {
    const refusal = (ruleSet: Partial<RuleSet>, reason: RegExp): void =>
      assert.throws(
        () => diagramOfRuleSet("birds", { parameters: {}, rules: [], ...ruleSet }),
        (error: unknown) => error instanceof ExtractionError && reason.test(error.message),
      );
    refusal(
      { parameters: { Nest: { type: "String", default: "x" } } },
      /birds: its endpoint parameter Nest has a default/,
    );
    const assign = (of: string) => ({ fn: "aws.partition", argv: [ref(of)], assign: "Found" });
    refusal(
      { rules: [{ conditions: [assign("Region"), assign("Bucket")], type: "error", error: "" }] },
      /call two things Found/,
    );
    const many = Array.from({ length: 40 }, (_, index): Rule => {
      const isSet = (name: string) => ({ fn: "isSet", argv: [ref(`${name}${index}`)] });
      return { conditions: [isSet("A"), isSet("B")], type: "error", error: `${index}` };
    });
    refusal({ rules: many }, /branch too often/);
  });
});
