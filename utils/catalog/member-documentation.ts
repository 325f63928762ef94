/** Owns what a package's type declarations say about members: one sentence each, and which enumeration their values come from. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import ts from "typescript";
import type { CapturedClient, MemberDocumentation, ServiceDocumentation } from "./captured-client";
import { commentText, firstSentence } from "./documentation";

const isStrings = (values: readonly unknown[]): values is readonly string[] =>
  values.length > 0 && values.every((value) => typeof value === "string");

function exportedEnumerations(exports: CapturedClient["exports"]): ReadonlyMap<string, readonly string[]> {
  const found = new Map<string, readonly string[]>();
  for (const [name, value] of Object.entries(exports)) {
    if (typeof value !== "object" || value === null || Array.isArray(value)) continue;
    const values = Object.values(value);
    if (isStrings(values)) found.set(name, values);
  }
  return found;
}

function enumerationOf(type: ts.TypeNode | undefined, enumerations: ReadonlyMap<string, unknown>): string | undefined {
  if (type === undefined) return undefined;
  if (ts.isUnionTypeNode(type))
    return type.types.map((part) => enumerationOf(part, enumerations)).find((name) => name !== undefined);
  if (ts.isArrayTypeNode(type)) return enumerationOf(type.elementType, enumerations);
  if (ts.isParenthesizedTypeNode(type)) return enumerationOf(type.type, enumerations);
  if (!ts.isTypeReferenceNode(type) || !ts.isIdentifier(type.typeName)) return undefined;
  return enumerations.has(type.typeName.text) ? type.typeName.text : undefined;
}

class DeclarationReader {
  readonly shapes = new Map<string, Record<string, MemberDocumentation>>();
  readonly #enumerations: ReadonlyMap<string, unknown>;

  constructor(enumerations: ReadonlyMap<string, unknown>) {
    this.#enumerations = enumerations;
  }

  read(file: ts.SourceFile): void {
    for (const statement of file.statements) {
      if (ts.isInterfaceDeclaration(statement) || ts.isClassDeclaration(statement)) {
        this.#members(file, statement.name?.text ?? "", statement.members);
      } else if (
        ts.isModuleDeclaration(statement) &&
        statement.body !== undefined &&
        ts.isModuleBlock(statement.body)
      ) {
        // A union: one interface a variant, in a namespace of its name.
        for (const variant of statement.body.statements) {
          if (ts.isInterfaceDeclaration(variant)) this.#members(file, statement.name.text, variant.members);
        }
      }
    }
  }

  #members(file: ts.SourceFile, shape: string, members: ts.NodeArray<ts.TypeElement | ts.ClassElement>): void {
    const documented = this.shapes.get(shape) ?? {};
    for (const member of members) {
      if (!(ts.isPropertySignature(member) || ts.isPropertyDeclaration(member)) || !ts.isIdentifier(member.name))
        continue;
      if (member.type?.kind === ts.SyntaxKind.NeverKeyword || member.name.text.startsWith("$")) continue;
      const enumeration = enumerationOf(member.type, this.#enumerations);
      const comment = ts.getLeadingCommentRanges(file.text, member.pos)?.at(-1);
      const sentence =
        comment === undefined ? "" : firstSentence(commentText(file.text.slice(comment.pos, comment.end)));
      if (sentence === "" && enumeration === undefined) continue;
      documented[member.name.text] = enumeration === undefined ? [sentence] : [sentence, enumeration];
    }
    if (Object.keys(documented).length > 0) this.shapes.set(shape, documented);
  }
}

/**
 * @param client - whose type declarations are read
 * @param keep - whether a shape's members are worth their space
 */
export function memberDocumentation(
  client: Pick<CapturedClient, "exports" | "folder">,
  keep: (shape: string) => boolean,
): ServiceDocumentation {
  const enumerations = exportedEnumerations(client.exports);
  const reader = new DeclarationReader(enumerations);
  const folder = join(client.folder, "dist-types", "models");
  for (const name of existsSync(folder) ? readdirSync(folder).sort() : []) {
    if (!/^(?:models_\d+|errors)\.d\.ts$/.test(name)) continue;
    const options = { languageVersion: ts.ScriptTarget.Latest, jsDocParsingMode: ts.JSDocParsingMode.ParseNone };
    reader.read(ts.createSourceFile(name, readFileSync(join(folder, name), "utf8"), options));
  }
  const byName = (left: readonly [string, unknown], right: readonly [string, unknown]): number =>
    left[0] < right[0] ? -1 : 1;
  const shapes = [...reader.shapes].filter(([shape]) => keep(shape)).sort(byName);
  const used = new Set(shapes.flatMap(([, members]) => Object.values(members).map(([, enumeration]) => enumeration)));
  return { shapes, enumerations: [...enumerations].filter(([name]) => used.has(name)).sort(byName) };
}
