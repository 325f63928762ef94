/** Owns the turning of an endpoint rule set, as clients carried it before, into the decision diagram that they carry now. */
import type { EndpointFile } from "../models/entity-format";
import { ExtractionError } from "./extraction-error";

/** https://smithy.io/2.0/additional-specs/rules-engine/specification.html#condition-object */
interface Condition {
  readonly fn: string;
  readonly argv: readonly unknown[];
  readonly assign?: string;
}

/** https://smithy.io/2.0/additional-specs/rules-engine/specification.html#rule-objects */
export type Rule = { readonly conditions?: readonly Condition[] } & (
  | { readonly type: "tree"; readonly rules: readonly Rule[] }
  | { readonly type: "error"; readonly error: unknown }
  | {
      readonly type: "endpoint";
      readonly endpoint: { readonly url: unknown; readonly properties?: object; readonly headers?: object };
    }
);

export interface RuleSet {
  readonly parameters: Readonly<Record<string, { readonly type: string; readonly default?: unknown }>>;
  readonly rules: readonly Rule[];
}

/** What is known on the way down to a node: conditions by number. */
type Known = ReadonlyMap<number, boolean>;
/** Makes the node for the case that no rule so far decided. */
type Otherwise = (known: Known) => number;

const TRUE = 1;
const NO_MATCH = -1;
const RESULT = 100_000_000;
/** Far more than any rule set of a service but S3's needs. */
const MOST_STEPS = 20_000;
/** Settings that the adapter always gives a value, so that the rule set's own default is never needed. */
const ALWAYS_GIVEN: ReadonlySet<string> = new Set(["UseFIPS", "UseDualStack", "UseGlobalEndpoint"]);

class DiagramBuilder {
  readonly conditions: unknown[] = [];
  readonly results: unknown[] = [[-1]];
  /** The first triple is never gone to: a reference of 1 is an end. */
  readonly nodes: number[] = [-1, TRUE, NO_MATCH];
  readonly #subject: string;
  readonly #numbers = new Map<string, number>();
  readonly #assigned = new Map<string, string>();
  #steps = 0;

  constructor(subject: string) {
    this.#subject = subject;
  }

  /** The first rule whose conditions hold decides; a tree among them passes nothing on to its neighbours. */
  rules(rules: readonly Rule[], known: Known): number {
    const [rule, ...others] = rules;
    if (rule === undefined) return NO_MATCH;
    const otherwise: Otherwise = (then) => this.rules(others, then);
    return this.#conditions(rule, 0, known, otherwise);
  }

  #conditions(rule: Rule, index: number, known: Known, otherwise: Otherwise): number {
    this.#steps += 1;
    if (this.#steps > MOST_STEPS) throw new ExtractionError(this.#subject, "its endpoint rules branch too often");
    const condition = rule.conditions?.[index];
    if (condition === undefined) return rule.type === "tree" ? this.rules(rule.rules, known) : this.#result(rule);
    const number = this.#number(condition);
    const fact = known.get(number);
    // A condition that assigns may be run once on a way, and would say the same again.
    if (fact !== undefined) return fact ? this.#conditions(rule, index + 1, known, otherwise) : otherwise(known);
    const high = this.#conditions(rule, index + 1, new Map(known).set(number, true), otherwise);
    const low = otherwise(new Map(known).set(number, false));
    return high === low ? high : this.#node(number, high, low);
  }

  #result(rule: Exclude<Rule, { type: "tree" }>): number {
    if (rule.type === "error") return this.#resultNumber([-1, rule.error]);
    const { url, properties = {}, headers = {} } = rule.endpoint;
    const result = Object.keys(headers).length === 0 ? [url, properties] : [url, properties, headers];
    return this.#resultNumber(result);
  }

  #resultNumber(result: readonly unknown[]): number {
    const number = this.#numbered(`result ${JSON.stringify(result)}`, () => this.results.push(result) - 1);
    return RESULT + number;
  }

  #node(condition: number, high: number, low: number): number {
    return this.#numbered(`node ${condition} ${high} ${low}`, () => this.nodes.push(condition, high, low) / 3);
  }

  #number({ fn, argv, assign }: Condition): number {
    const text = JSON.stringify([fn, argv]);
    if (assign !== undefined && (this.#assigned.get(assign) ?? text) !== text) {
      throw new ExtractionError(this.#subject, `its endpoint rules call two things ${assign}`);
    }
    if (assign !== undefined) this.#assigned.set(assign, text);
    const condition = assign === undefined ? [fn, argv] : [fn, argv, assign];
    return this.#numbered(`condition ${JSON.stringify(condition)}`, () => this.conditions.push(condition) - 1);
  }

  #numbered(key: string, add: () => number): number {
    const number = this.#numbers.get(key) ?? add();
    this.#numbers.set(key, number);
    return number;
  }
}

/**
 * @param subject - package, for errors
 * @param ruleSet - `ruleSet` of a client package
 * @returns a diagram that decides alike
 * @throws ExtractionError for a form that a diagram cannot have
 */
export function diagramOfRuleSet(subject: string, { parameters, rules }: RuleSet): EndpointFile {
  for (const [name, { default: value }] of Object.entries(parameters)) {
    if (value !== undefined && !ALWAYS_GIVEN.has(name))
      throw new ExtractionError(subject, `its endpoint parameter ${name} has a default`);
  }
  const builder = new DiagramBuilder(subject);
  const root = builder.rules(rules, new Map());
  const { conditions, results, nodes } = builder;
  return { parameters: Object.keys(parameters).sort(), root, conditions, results, nodes };
}
