/** Owns the trial of telling which generated files are stale. */
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { entitiesFolder, methodPagesFolder, pronghornFilePath } from "../../../utils/catalog/catalog-paths";
import { differences } from "../../../utils/catalog/stale-files";

/** The files of entities/ and docs/methods/ as they are, as if just generated. */
function present(): Map<string, string> {
  const entries = [entitiesFolder, methodPagesFolder]
    .flatMap((folder) => readdirSync(folder, { recursive: true, withFileTypes: true }))
    .filter((entry) => entry.isFile());
  return new Map(
    entries.map(({ parentPath, name }) => [join(parentPath, name), readFileSync(join(parentPath, name), "utf8")]),
  );
}

const found = (files: Map<string, string>): readonly unknown[] => differences({ entities: new Map(), files });

describe("differences", () => {
  it("finds none where every byte is as it should be", () => assert.deepEqual(found(present()), []));

  it("finds a file that is missing, one that is stale by one byte, and one that nothing generates", () => {
    const files = present();
    const action = join(entitiesFolder, "ec2", "action.json");
    files.set(action, `${files.get(action)} `);
    files.set(join(entitiesFolder, "birds", "action.json"), "{}");
    files.delete(join(entitiesFolder, "sts", "schema.json"));
    assert.deepEqual(found(files), [
      { path: "entities/birds/action.json", reason: "is missing" },
      { path: "entities/ec2/action.json", reason: "is stale" },
      { path: "entities/sts/schema.json", reason: "belongs to no client package" },
    ]);
  });

  it("looks at pronghorn.json too", () => {
    assert.deepEqual(found(present().set(pronghornFilePath, "{}")), [{ path: "pronghorn.json", reason: "is stale" }]);
  });
});
