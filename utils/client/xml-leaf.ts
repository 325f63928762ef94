/** Owns what the text of an XML element becomes: a boolean, a number, a timestamp, text. */
import type { NormalizedSchema } from "@smithy/core/schema";
import { numberFromText, timestampText } from "./json-safe";
import type { XmlScanner } from "./xml-scanner";
import type { ElementName } from "./xml-tag";

type LeafReader = (text: string) => unknown;

/** A timestamp that is already what {@link timestampText} makes of it. The last days of a month need a calendar. */
const PLAIN_TIMESTAMP = /^\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|1\d|2[0-8])T(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d\.\d{3}Z$/;

/** How a shape without members is read. */
export class LeafPlan {
  readonly #read: LeafReader | undefined;

  constructor(shape: NormalizedSchema) {
    this.#read = leafReader(shape);
  }

  empty(): unknown {
    return this.parse("");
  }

  read(scanner: XmlScanner, name: ElementName): unknown {
    const text = scanner.readTextOf(name);
    return this.#read === undefined ? text : this.#read(text);
  }

  parse(text: string): unknown {
    return this.#read === undefined ? text : this.#read(text);
  }
}

/** @returns undefined for text, which stays as it is */
function leafReader(shape: NormalizedSchema): LeafReader | undefined {
  if (shape.isBooleanSchema()) return (text) => text === "true" || text.toLowerCase() === "true";
  if (shape.isNumericSchema() || shape.isBigIntegerSchema()) return numberFromText;
  if (shape.isTimestampSchema()) return shape.getSchema() === 7 ? readEpochSeconds : readTimestamp;
  if (shape.isBlobSchema()) return (text) => text.replace(/\s+/g, "");
  return undefined;
}

const readTimestamp: LeafReader = (text) => (PLAIN_TIMESTAMP.test(text) ? text : timestampOf(text, Date.parse(text)));

const readEpochSeconds: LeafReader = (text) => timestampOf(text, Number(text) * 1000);

/** An empty timestamp is one that AWS does not know: it is left out. */
function timestampOf(text: string, ms: number): string | undefined {
  if (text.trim() === "") return undefined;
  if (Number.isNaN(ms)) throw new SyntaxError(`a timestamp that is none: ${text.slice(0, 40)}`);
  return timestampText(new Date(ms));
}
