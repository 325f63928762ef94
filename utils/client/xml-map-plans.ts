/** Owns how maps are read from XML: as entries below an element of their own, or strewn among the members. */
import { setKey } from "./json-safe";
import type { ElementPlan, Later } from "./xml-element-plan";
import type { XmlScanner } from "./xml-scanner";

export class MapPlan implements ElementPlan {
  readonly #later: Later<MapEntryPlan>;
  #entry: MapEntryPlan | undefined = undefined;

  constructor(later: Later<MapEntryPlan>) {
    this.#later = later;
  }

  empty(): unknown {
    return {};
  }

  read(scanner: XmlScanner, name: string): unknown {
    this.#entry ??= this.#later();
    const output = {};
    while (scanner.nextChild()) {
      if (scanner.empty) continue;
      if (scanner.name === "entry") this.#entry.readInto(output, scanner, "entry");
      else scanner.skip(scanner.name);
    }
    scanner.close(name);
    return output;
  }
}

export class MapEntryPlan {
  readonly #later: Later<ElementPlan>;
  #value: ElementPlan | undefined = undefined;

  constructor(
    readonly keyName: string,
    readonly valueName: string,
    later: Later<ElementPlan>,
  ) {
    this.#later = later;
  }

  readInto(target: Record<string, unknown>, scanner: XmlScanner, name: string): void {
    this.#value ??= this.#later();
    const { keyName, valueName } = this;
    let key: string | undefined;
    let value: unknown;
    while (scanner.nextChild()) {
      if (scanner.name === keyName) key = scanner.empty ? "" : scanner.readText(keyName);
      else if (scanner.name === valueName)
        value = scanner.empty ? this.#value.empty() : this.#value.read(scanner, valueName);
      else if (!scanner.empty) scanner.skip(scanner.name);
    }
    scanner.close(name);
    if (key !== undefined && value !== undefined) setKey(target, key, value);
  }
}
