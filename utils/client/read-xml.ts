/** Owns the reading of XML answers, shape by shape, straight into JSON-safe output. */
import { setImmediate } from "node:timers/promises";
import type { NormalizedSchema } from "@smithy/core/schema";
import type { Slices } from "./xml-element-plan";
import { isSliced, XmlPlans } from "./xml-plans";
import { XmlScanner } from "./xml-scanner";
import { ElementName } from "./xml-tag";

/** Where the members of an answer stand in its document. */
export interface XmlLayout {
  /** Element below the root that holds the members; without it, the root itself. */
  readonly resultElement?: string;
  /** What the root's name must end with; something else that happens to be XML answered otherwise. */
  readonly rootSuffix?: string;
}

/** Lists inside of lists that may be long: instances in a reservation. What lies deeper is read at once. */
const LISTS_DEEP = 2;

/**
 * Reads the bodies of ec2Query, awsQuery and restXml answers. Members that the shape does not know are skipped;
 * everything else must be well-formed.
 * @see https://smithy.io/2.0/aws/protocols/aws-query-protocol.html#response-serialization
 * @see https://smithy.io/2.0/aws/protocols/aws-restxml-protocol.html
 */
export class XmlReader {
  readonly #plans = new XmlPlans();
  /** Of the element read last that no plan names; calls repeat themselves. */
  #named: ElementName | undefined;

  /**
   * @param shape - schema of the members to read, a structure
   * @param body - UTF-8
   * @returns a JSON-safe object
   * @throws SyntaxError when the document is malformed, cut off, or of another kind
   */
  read(shape: NormalizedSchema, body: Buffer | string, layout: XmlLayout): Record<string, unknown> {
    const scanner = openDocument(body, layout);
    const root = scanner.name;
    let output: unknown;
    if (scanner.empty) output = {};
    else if (layout.resultElement === undefined) output = this.#plans.of(shape).read(scanner, this.#name(root));
    else output = this.#readResult(shape, scanner, root, layout.resultElement);
    scanner.end();
    return output as Record<string, unknown>;
  }

  /**
   * As {@link XmlReader.read}, with a turn of the event loop for others after every millisecond or so: an answer of
   * several megabytes would hold them up.
   */
  async readInSlices(shape: NormalizedSchema, body: Buffer, layout: XmlLayout): Promise<Record<string, unknown>> {
    const slices = this.#slices(shape, body, layout);
    for (;;) {
      const { done, value } = slices.next();
      if (done) return value as Record<string, unknown>;
      await setImmediate();
    }
  }

  *#slices(shape: NormalizedSchema, body: Buffer, layout: XmlLayout): Slices {
    const scanner = openDocument(body, layout);
    const root = scanner.name;
    const plan = this.#plans.of(shape);
    if (scanner.empty || !isSliced(plan)) return this.read(shape, body, layout);
    const { resultElement } = layout;
    if (resultElement === undefined) {
      const output = yield* plan.readInSlices(scanner, this.#name(root), LISTS_DEEP);
      scanner.end();
      return output;
    }
    let output: unknown = {};
    while (scanner.nextChild()) {
      const { name, empty } = scanner;
      if (name === resultElement) output = empty ? {} : yield* plan.readInSlices(scanner, this.#name(name), LISTS_DEEP);
      else if (!empty) scanner.skip(name);
    }
    scanner.close(root);
    scanner.end();
    return output;
  }

  #name(text: string): ElementName {
    if (this.#named?.text !== text) this.#named = new ElementName(text);
    return this.#named;
  }

  #readResult(shape: NormalizedSchema, scanner: XmlScanner, root: string, resultElement: string): unknown {
    let output: unknown = {};
    while (scanner.nextChild()) {
      const { name, empty } = scanner;
      if (name === resultElement) output = empty ? {} : this.#plans.of(shape).read(scanner, this.#name(name));
      else if (!empty) scanner.skip(name);
    }
    scanner.close(root);
    return output;
  }
}

/** @throws SyntaxError for a document of another kind */
function openDocument(body: Buffer | string, { rootSuffix }: XmlLayout): XmlScanner {
  const scanner = typeof body === "string" ? new XmlScanner(body) : new XmlScanner(body.toString("utf8"), body);
  scanner.openRoot();
  const { name } = scanner;
  if (/^html$/i.test(name) || (rootSuffix !== undefined && !name.endsWith(rootSuffix))) {
    throw new SyntaxError(`a document of <${name}>`);
  }
  return scanner;
}
