/** Owns what the type declarations of `aws-sdk` (version 2) say beside its minified models: names of shapes, sentences, enumerations. */
import ts from "typescript";
import type { MemberDocumentation, ServiceDocumentation } from "./captured-client";
import { commentText, firstSentence } from "./documentation";

export interface DeclaredMember {
  /** Name of its shape. */
  readonly target: string;
  readonly required: boolean;
  readonly sentence: string;
}

/** What a shape is declared as. */
export type DeclaredShape =
  | { readonly kind: "structure"; readonly members: ReadonlyMap<string, DeclaredMember> }
  | { readonly kind: "list"; readonly element: string }
  | { readonly kind: "map"; readonly key: string; readonly value: string }
  | { readonly kind: "simple"; readonly values: readonly string[] };

export interface DeclaredOperation {
  /** Names of shapes; undefined where the operation takes or answers nothing. */
  readonly input: string | undefined;
  readonly output: string | undefined;
  readonly sentence: string;
}

export interface Declarations {
  readonly shapes: ReadonlyMap<string, DeclaredShape>;
  /** By name of the method: the operation's, its first letter small. */
  readonly operations: ReadonlyMap<string, DeclaredOperation>;
}

/** Names that TypeScript has a meaning for are declared with one underscore before them. */
const shapeName = (declared: string): string => declared.replace(/^_(?=[^_])/, "");

function sentenceBefore(file: ts.SourceFile, node: ts.Node): string {
  const comment = ts.getLeadingCommentRanges(file.text, node.pos)?.at(-1);
  return comment === undefined ? "" : firstSentence(commentText(file.text.slice(comment.pos, comment.end)));
}

/** The last name of `NetworkManager.Types.Tag`, or of `Tag`. */
function nameOfType(type: ts.TypeNode | undefined): string | undefined {
  if (type === undefined || !ts.isTypeReferenceNode(type)) return undefined;
  const { typeName } = type;
  return shapeName(ts.isQualifiedName(typeName) ? typeName.right.text : typeName.text);
}

function valuesOf(type: ts.TypeNode): readonly string[] {
  if (!ts.isUnionTypeNode(type)) return [];
  return type.types.flatMap((part) =>
    ts.isLiteralTypeNode(part) && ts.isStringLiteral(part.literal) ? [part.literal.text] : [],
  );
}

function alias(type: ts.TypeNode): DeclaredShape {
  if (ts.isArrayTypeNode(type)) {
    const element = nameOfType(type.elementType);
    if (element !== undefined) return { kind: "list", element };
  }
  const [index] = ts.isTypeLiteralNode(type) ? type.members : [];
  if (index !== undefined && ts.isIndexSignatureDeclaration(index)) {
    const value = nameOfType(index.type);
    if (value !== undefined) return { kind: "map", key: "string", value };
  }
  return { kind: "simple", values: valuesOf(type) };
}

function structure(file: ts.SourceFile, declaration: ts.InterfaceDeclaration): DeclaredShape {
  const members = new Map<string, DeclaredMember>();
  for (const member of declaration.members) {
    if (!ts.isPropertySignature(member)) continue;
    const name = ts.isIdentifier(member.name) || ts.isStringLiteral(member.name) ? member.name.text : undefined;
    const target = nameOfType(member.type);
    if (name === undefined || target === undefined) continue;
    members.set(name, {
      target,
      required: member.questionToken === undefined,
      sentence: sentenceBefore(file, member),
    });
  }
  return { kind: "structure", members };
}

/** `operation(params: Types.Input, callback?: (err: AWSError, data: Types.Output) => void)` */
function operation(file: ts.SourceFile, method: ts.MethodDeclaration): DeclaredOperation {
  const named = (name: string): ts.TypeNode | undefined =>
    method.parameters.find((parameter) => parameter.name.getText(file) === name)?.type;
  const callback = named("callback");
  const data = callback !== undefined && ts.isFunctionTypeNode(callback) ? callback.parameters[1]?.type : undefined;
  return { input: nameOfType(named("params")), output: nameOfType(data), sentence: sentenceBefore(file, method) };
}

/** @param source - `clients/<service>.d.ts` */
export function readDeclarations(source: string): Declarations {
  const file = ts.createSourceFile("client.d.ts", source, ts.ScriptTarget.Latest, false, ts.ScriptKind.TS);
  const shapes = new Map<string, DeclaredShape>();
  const operations = new Map<string, DeclaredOperation>();
  for (const statement of file.statements) {
    if (ts.isClassDeclaration(statement)) {
      for (const member of statement.members) {
        if (!ts.isMethodDeclaration(member) || !ts.isIdentifier(member.name)) continue;
        // The first of its overloads has all parameters.
        if (!operations.has(member.name.text)) operations.set(member.name.text, operation(file, member));
      }
    } else if (ts.isModuleDeclaration(statement) && statement.body !== undefined && ts.isModuleBlock(statement.body)) {
      for (const declaration of statement.body.statements) {
        if (ts.isInterfaceDeclaration(declaration))
          shapes.set(shapeName(declaration.name.text), structure(file, declaration));
        else if (ts.isTypeAliasDeclaration(declaration))
          shapes.set(shapeName(declaration.name.text), alias(declaration.type));
      }
    }
  }
  return { shapes, operations };
}

/** The enumeration of a shape's values, or of the elements of a list. */
function enumerationOf(name: string, shapes: Declarations["shapes"]): string | undefined {
  const shape = shapes.get(name);
  if (shape?.kind === "list") return enumerationOf(shape.element, shapes);
  return shape?.kind === "simple" && shape.values.length > 0 ? name : undefined;
}

/** @param keep - whether a shape's members are worth their space */
export function declaredDocumentation(
  { shapes }: Declarations,
  keep: (shape: string) => boolean,
): ServiceDocumentation {
  const documented = new Map<string, Record<string, MemberDocumentation>>();
  const enumerations = new Map<string, readonly string[]>();
  for (const [name, shape] of shapes) {
    if (shape.kind !== "structure" || !keep(name)) continue;
    const members: Record<string, MemberDocumentation> = {};
    for (const [member, { target, sentence }] of shape.members) {
      const enumeration = enumerationOf(target, shapes);
      const values = shapes.get(enumeration ?? "");
      if (enumeration !== undefined && values?.kind === "simple") enumerations.set(enumeration, values.values);
      if (sentence === "" && enumeration === undefined) continue;
      members[member] = enumeration === undefined ? [sentence] : [sentence, enumeration];
    }
    if (Object.keys(members).length > 0) documented.set(name, members);
  }
  const byName = (left: readonly [string, unknown], right: readonly [string, unknown]): number =>
    left[0] < right[0] ? -1 : 1;
  return { shapes: [...documented].sort(byName), enumerations: [...enumerations].sort(byName) };
}
