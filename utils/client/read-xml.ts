/** Owns the reading of XML answers, shape by shape, straight into JSON-safe output. */
import type { NormalizedSchema } from "@smithy/core/schema";
import { XmlPlans } from "./xml-plans";
import { XmlScanner } from "./xml-scanner";

/** Where the members of an answer stand in its document. */
export interface XmlLayout {
  /** Element below the root that holds the members; without it, the root itself. */
  readonly resultElement?: string;
  /** What the root's name must end with; something else that happens to be XML answered otherwise. */
  readonly rootSuffix?: string;
}

/**
 * Reads the bodies of ec2Query, awsQuery and restXml answers. Members that the shape does not know are skipped;
 * everything else must be well-formed.
 * @see https://smithy.io/2.0/aws/protocols/aws-query-protocol.html#response-serialization
 * @see https://smithy.io/2.0/aws/protocols/aws-restxml-protocol.html
 */
export class XmlReader {
  readonly #plans = new XmlPlans();

  /**
   * @param shape - schema of the members to read, a structure
   * @param body - UTF-8
   * @returns a JSON-safe object
   * @throws SyntaxError when the document is malformed, cut off, or of another kind
   */
  read(shape: NormalizedSchema, body: Buffer | string, layout: XmlLayout): Record<string, unknown> {
    const scanner = new XmlScanner(typeof body === "string" ? body : body.toString("utf8"));
    scanner.openRoot();
    const root = scanner.name;
    if (/^html$/i.test(root) || (layout.rootSuffix !== undefined && !root.endsWith(layout.rootSuffix))) {
      throw new SyntaxError(`a document of <${root}>`);
    }
    let output: unknown;
    if (scanner.empty) output = {};
    else if (layout.resultElement === undefined) output = this.#plans.of(shape).read(scanner, root);
    else output = this.#readResult(shape, scanner, root, layout.resultElement);
    scanner.end();
    return output as Record<string, unknown>;
  }

  #readResult(shape: NormalizedSchema, scanner: XmlScanner, root: string, resultElement: string): unknown {
    let output: unknown = {};
    while (scanner.nextChild()) {
      const { name, empty } = scanner;
      if (name === resultElement) output = empty ? {} : this.#plans.of(shape).read(scanner, name);
      else if (!empty) scanner.skip(name);
    }
    scanner.close(root);
    return output;
  }
}
