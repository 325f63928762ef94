/** Owns the vocabulary of plans: how one shape is read from XML. */
import type { XmlScanner } from "./xml-scanner";
import type { ElementName } from "./xml-tag";

/** How one shape is read: `read` after its opening tag, `empty` for `<Name/>`. */
export interface ElementPlan {
  read(scanner: XmlScanner, name: ElementName): unknown;
  empty(): unknown;
}

/** Shapes refer to themselves, so a plan is made when it is first needed. */
export type Later<T> = () => T;

/** A reading that stops after every slice of the text, so that others have their turn; its value is what was read. */
export type Slices = Generator<undefined, unknown, undefined>;
