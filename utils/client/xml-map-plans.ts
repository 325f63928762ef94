/** Owns how maps are read from XML: as entries below an element of their own, or strewn among the members. */
import { setKey } from "./json-safe";
import type { ElementPlan, Later } from "./xml-element-plan";
import type { XmlScanner } from "./xml-scanner";
import { ElementName } from "./xml-tag";

const ENTRY = new ElementName("entry");

export class MapPlan implements ElementPlan {
  readonly #later: Later<MapEntryPlan>;
  #entry: MapEntryPlan | undefined = undefined;

  constructor(later: Later<MapEntryPlan>) {
    this.#later = later;
  }

  empty(): unknown {
    return {};
  }

  read(scanner: XmlScanner, name: ElementName): unknown {
    this.#entry ??= this.#later();
    const output = {};
    while (scanner.nextChild()) {
      if (scanner.empty) continue;
      if (scanner.name === ENTRY.text) this.#entry.readInto(output, scanner, ENTRY);
      else scanner.skip(scanner.name);
    }
    scanner.closeKnown(name);
    return output;
  }
}

export class MapEntryPlan {
  readonly #later: Later<ElementPlan>;
  #value: ElementPlan | undefined = undefined;

  constructor(
    readonly keyName: ElementName,
    readonly valueName: ElementName,
    later: Later<ElementPlan>,
  ) {
    this.#later = later;
  }

  readInto(target: Record<string, unknown>, scanner: XmlScanner, name: ElementName): void {
    this.#value ??= this.#later();
    const { keyName, valueName } = this;
    let key: string | undefined;
    let value: unknown;
    while (scanner.nextChild()) {
      if (scanner.name === keyName.text) key = scanner.empty ? "" : scanner.readTextOf(keyName);
      else if (scanner.name === valueName.text)
        value = scanner.empty ? this.#value.empty() : this.#value.read(scanner, valueName);
      else if (!scanner.empty) scanner.skip(scanner.name);
    }
    scanner.closeKnown(name);
    if (key !== undefined && value !== undefined) setKey(target, key, value);
  }
}
