/** Owns the reading of XML without a shape: elements as members, repeated ones as arrays, leaves as text. */
import { setKey } from "./json-safe";
import { XmlScanner } from "./xml-scanner";

const DEPTH_LIMIT = 200;

/**
 * @returns `{ <root>: … }`; an element without children is its text, attributes are left out
 * @throws SyntaxError when the document is malformed, or nested beyond all reason
 */
export function readPlainXml(text: string): Record<string, unknown> {
  const scanner = new XmlScanner(text);
  scanner.openRoot();
  const { name, empty } = scanner;
  const document = { [name]: empty ? "" : readElement(scanner, name, 0) };
  scanner.end();
  return document;
}

function readElement(scanner: XmlScanner, name: string, depth: number): unknown {
  if (depth > DEPTH_LIMIT) throw new SyntaxError(`elements nested deeper than ${DEPTH_LIMIT}`);
  if (!scanner.hasChild()) return scanner.readText(name);
  const members: Record<string, unknown> = {};
  while (scanner.nextChild()) {
    const child = scanner.name;
    const value = scanner.empty ? "" : readElement(scanner, child, depth + 1);
    const earlier = Object.hasOwn(members, child) ? members[child] : undefined;
    if (Array.isArray(earlier)) earlier.push(value);
    else setKey(members, child, earlier === undefined ? value : [earlier, value]);
  }
  scanner.close(name);
  return members;
}
