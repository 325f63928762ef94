/** Owns the proof that the documents speak of this tree: dependencies, commands, files and links. */
import { strict as assert } from "node:assert";
import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";

const root = join(__dirname, "..", "..");
const text = (name: string) => readFileSync(join(root, name), "utf8");
const manifest = JSON.parse(text("package.json")) as Record<"dependencies" | "devDependencies" | "scripts", object>;

/** Names in backticks in the first column of a table's rows. */
const firstColumn = (markdown: string) =>
  markdown
    .split("\n")
    .filter((line) => line.startsWith("| `"))
    .flatMap((line) => [...(line.split("|")[1] ?? "").matchAll(/`([^`]+)`/g)].map((match) => match[1]));

describe("contract: documentation", () => {
  it("docs/dependencies.md has a row for each dependency, and no other", () => {
    const names = [...Object.keys(manifest.dependencies), ...Object.keys(manifest.devDependencies)];
    const explained = names.filter((name) => !name.startsWith("@types/"));
    assert.deepEqual(firstColumn(text("docs/dependencies.md")).sort(), explained.sort());
  });

  it("every command of README.md is a script of package.json", () => {
    const scripts = [...text("README.md").matchAll(/npm (?:run )?(start|test|[\w:]+)(?=[ `\n])/g)]
      .map((match) => match[1] ?? "")
      .filter((name) => !["ci", "install", "pack", "run"].includes(name));
    assert.ok(scripts.length > 8);
    assert.deepEqual(
      scripts.filter((name) => !(name in manifest.scripts)),
      [],
    );
  });

  for (const name of ["README.md", "docs/architecture.md", "docs/decisions.md", "docs/dependencies.md"]) {
    it(`${name} links to files that exist`, () => {
      const targets = [...text(name).matchAll(/\]\((?!https?:)([^)#]+)/g)].map((match) => match[1] ?? "");
      assert.deepEqual(
        targets.filter((target) => !existsSync(join(root, dirname(name), target))),
        [],
      );
    });
  }

  it("docs/architecture.md names files and folders that exist", () => {
    const named = pathsOf(text("docs/architecture.md"));
    assert.ok(named.length > 20);
    assert.deepEqual(
      named.filter((path) => !existsSync(join(root, path)) && !existsSync(join(root, "utils", path))),
      [],
    );
  });
});

/** Everything in a table's backticks that looks like a file or a folder. */
function pathsOf(markdown: string): string[] {
  return markdown
    .split("\n")
    .filter((line) => line.startsWith("| "))
    .flatMap((line) => [...line.matchAll(/`([\w./-]+(?:\.ts|\/))`/g)].map((match) => match[1] ?? ""));
}
