/** Owns the errors of a service: models come without them, so they are read from the old client's exceptions. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import ts from "typescript";
import { packTraits } from "./c2j-traits";
import type { RawSchema } from "./captured-client";
import { ExtractionError } from "./extraction-error";
import type { UnlinkedClient } from "./unlinked-client";

type Declaration = ts.ClassDeclaration | ts.InterfaceDeclaration;

const KEYWORDS: ReadonlyMap<ts.SyntaxKind, number> = new Map([
  [ts.SyntaxKind.StringKeyword, 0],
  [ts.SyntaxKind.NumberKeyword, 1],
  [ts.SyntaxKind.BooleanKeyword, 2],
]);
const TIMESTAMP = 4;
const LIST = 64;
const TEXTS = 128;

function declarationsOf(folder: string): ReadonlyMap<string, Declaration> {
  const found = new Map<string, Declaration>();
  const models = join(folder, "dist-types", "models");
  for (const name of existsSync(models) ? readdirSync(models).sort() : []) {
    if (!/^models_\d+\.d\.ts$/.test(name)) continue;
    const file = ts.createSourceFile(name, readFileSync(join(models, name), "utf8"), ts.ScriptTarget.Latest);
    for (const statement of file.statements) {
      if ((ts.isClassDeclaration(statement) || ts.isInterfaceDeclaration(statement)) && statement.name !== undefined)
        found.set(statement.name.text, statement);
    }
  }
  return found;
}

/** What exceptions' members are called on the wire, where it is in a header or otherwise than here, by exception and member. */
function wireNames({ source }: UnlinkedClient): ReadonlyMap<string, object> {
  const names = new Map([...source.matchAll(/\bvar (_\w+) = "([^"]*)";/g)].map(([, key, text]) => [key, text]));
  const found = new Map<string, object>();
  for (const [, exception, body] of source.matchAll(/ de_(\w+)Res = .*?\{(.*?)\n\}, "de_\1Res"/gs)) {
    for (const [, member, header] of (body as string).matchAll(/\[(_\w+)\]: \[[^\n]*?\.headers\[(_\w+)\]/g)) {
      found.set(`${exception}.${names.get(member as string)}`, { httpHeader: names.get(header as string) ?? "" });
    }
    for (const [, member, jsonName] of (body as string).matchAll(/^\s*(\w+): \[, [^\n]*, [`"](\w+)[`"]\],?$/gm)) {
      found.set(`${exception}.${member}`, { jsonName });
    }
  }
  return found;
}

class ErrorReader {
  readonly #client: UnlinkedClient;
  readonly #namespace: string;
  readonly #declarations: ReadonlyMap<string, Declaration>;
  readonly #wireNames: ReadonlyMap<string, object>;
  readonly #structures = new Map<string, RawSchema>();

  constructor(client: UnlinkedClient, folder: string, namespace: string) {
    this.#client = client;
    this.#namespace = namespace;
    this.#declarations = declarationsOf(folder);
    this.#wireNames = wireNames(client);
  }

  error(name: string, fault: "client" | "server"): RawSchema {
    const declared = this.#declarations.get(name);
    if (declared === undefined) throw new ExtractionError(this.#client.packageName, `${name} is not declared`);
    return this.#record(-3, name, { error: fault }, declared, ["message", 0]);
  }

  /** @param inherited - a member that every exception has from its base class, and so does not declare */
  #record(
    kind: 3 | -3,
    name: string,
    traits: object,
    declared: Declaration,
    inherited?: readonly [string, number],
  ): RawSchema {
    const own = [...declared.members].filter(
      (member): member is ts.PropertySignature | ts.PropertyDeclaration =>
        (ts.isPropertySignature(member) || ts.isPropertyDeclaration(member)) &&
        ts.isIdentifier(member.name) &&
        !/^(?:name|\$.*)$/.test(member.name.text),
    );
    const members = own.map((member) => {
      const key = (member.name as ts.Identifier).text;
      const type = this.#type(`${name}.${key}`, member.type);
      const said = this.#wireNames.get(`${name}.${key}`);
      return {
        key,
        target: said === undefined ? type : [type, said],
        required: member.questionToken === undefined,
      };
    });
    if (inherited !== undefined && !members.some(({ key }) => key.toLowerCase() === inherited[0])) {
      members.unshift({ key: inherited[0], target: inherited[1], required: false });
    }
    const ordered = [...members.filter(({ required }) => required), ...members.filter(({ required }) => !required)];
    const required = members.filter((member) => member.required).length;
    const record = [
      ...([kind, this.#namespace, name, packTraits({ ...traits })] as const),
      ...([ordered.map(({ key }) => key), ordered.map(({ target }) => target)] as const),
    ] as const;
    return required === 0 ? record : [...record, required];
  }

  #type(path: string, type: ts.TypeNode | undefined): unknown {
    if (type === undefined) throw new ExtractionError(this.#client.packageName, `${path} has no type`);
    const keyword = KEYWORDS.get(type.kind);
    if (keyword !== undefined) return keyword;
    if (ts.isParenthesizedTypeNode(type)) return this.#type(path, type.type);
    if (ts.isUnionTypeNode(type)) {
      const [first] = type.types.filter(({ kind }) => kind !== ts.SyntaxKind.UndefinedKeyword);
      return this.#type(path, first);
    }
    if (ts.isArrayTypeNode(type)) {
      const element = this.#type(path, type.elementType);
      if (typeof element === "number" && element < LIST) return LIST + element;
      // What the list itself is called, nobody publishes.
      const name = `${(element as RawSchema)[2]}List`;
      return [1, this.#namespace, name, 0, element];
    }
    if (ts.isTypeReferenceNode(type) && ts.isIdentifier(type.typeName)) {
      const { text } = type.typeName;
      const exported = this.#client.exports[text];
      const declared = this.#declarations.get(text);
      if (text === "Date") return TIMESTAMP;
      if (text === "Record" && type.typeArguments?.every(({ kind }) => KEYWORDS.get(kind) === 0)) return TEXTS;
      if (declared !== undefined) return this.#structure(text, declared);
      // An enumeration is an object of its values.
      if (typeof exported === "object") return 0;
    }
    throw new ExtractionError(this.#client.packageName, `the type of ${path} is not understood`);
  }

  #structure(name: string, declared: Declaration): RawSchema {
    const present = this.#structures.get(name) ?? this.#record(3, name, {}, declared);
    this.#structures.set(name, present);
    return present;
  }
}

/**
 * @param folder - of the client's package
 * @param namespace - of its shapes
 * @throws ExtractionError when an exception has a member of a type that is not understood
 */
export function legacyErrors(client: UnlinkedClient, folder: string, namespace: string): readonly RawSchema[] {
  const reader = new ErrorReader(client, folder, namespace);
  return [...client.faults].map(([name, fault]) => reader.error(name, fault));
}
