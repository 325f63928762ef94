/** Owns docs/properties.md: every property of a service instance, out of propertiesSchema.json. */
import schema from "../../propertiesSchema.json";

/** What the page reads of a schema. */
interface PropertySchema {
  readonly type?: string | readonly string[];
  readonly description?: string;
  readonly default?: unknown;
  readonly enum?: readonly unknown[];
  readonly minimum?: number;
  readonly exclusiveMinimum?: number;
  readonly maximum?: number;
  readonly writeOnly?: boolean;
  readonly required?: readonly string[];
  readonly properties?: Readonly<Record<string, PropertySchema>>;
  readonly items?: PropertySchema;
  readonly $ref?: string;
}

/** A property, or a section of them, under its full name; `[]` stands for each element of a list. */
export interface NamedProperty {
  readonly path: string;
  readonly schema: PropertySchema;
  readonly required: boolean;
}

/** @returns the members of a section: of the object itself, or of the elements of a list */
export function membersOf({ path, schema: section }: NamedProperty): readonly NamedProperty[] {
  const holder = section.items ?? section;
  const prefix = section.items === undefined ? path : `${path}[]`;
  return Object.entries(holder.properties ?? {}).map(([name, member]) => ({
    path: prefix === "" ? name : `${prefix}.${name}`,
    schema: member,
    required: holder.required?.includes(name) ?? false,
  }));
}

export const rootProperties: NamedProperty = { path: "", schema: schema as PropertySchema, required: false };

/** @returns the name of the section that a reference shares its members with */
function referred(reference: string): string {
  return reference
    .replace(/^#\/properties\//, "")
    .replaceAll("/properties/", ".")
    .replaceAll("/items", "[]");
}

const inCell = (text: string): string => text.replaceAll("|", "\\|").replaceAll("\n", " ");
const code = (value: unknown): string => `\`${inCell(typeof value === "string" ? value : JSON.stringify(value))}\``;

function typeWords({
  type,
  enum: values,
  minimum,
  exclusiveMinimum,
  maximum,
  items,
  writeOnly,
}: PropertySchema): string {
  const types = [type ?? "any"].flat();
  const kinds = types.map((one) => (one === "array" && items?.type !== undefined ? `list of ${items.type}s` : one));
  const above = exclusiveMinimum === undefined ? "" : `above ${exclusiveMinimum}, up`;
  const bounds = [minimum === undefined ? above : `from ${minimum}`, maximum === undefined ? "" : `to ${maximum}`];
  const words = values === undefined ? kinds.join(" or ") : values.map(code).join(", ");
  return [words, ...bounds, writeOnly === true ? "secret" : ""].filter((word) => word !== "").join(" ");
}

function defaultWords({ default: value, properties }: PropertySchema): string {
  if (value === undefined || properties !== undefined) return "";
  return value === "" ? "empty" : code(value);
}

function row({ path, schema: property, required }: NamedProperty, section: string): string {
  const name = section === "" ? path : path.slice(section.length).replace(/^(?:\[\])?\./, "");
  const below =
    property.$ref === undefined
      ? ""
      : ` Members as those of [${referred(property.$ref)}](#${anchor(referred(property.$ref))}).`;
  const mark = required ? " **Required.**" : "";
  const cells = [
    code(name),
    typeWords(property),
    defaultWords(property),
    `${inCell(property.description ?? "")}${mark}${below}`,
  ];
  return `| ${cells.join(" | ")} |`;
}

/** As the pages' host makes the anchor of a heading. */
const anchor = (heading: string): string => heading.toLowerCase().replace(/[^\w-]/g, "");

function section(named: NamedProperty): readonly string[] {
  const members = membersOf(named);
  const below = members.filter((member) => membersOf(member).length > 0);
  const heading = named.path === "" ? [] : [`## ${named.path}`, "", named.schema.description ?? "", ""];
  const table = ["| property | type | default | meaning |", "| --- | --- | --- | --- |"];
  return [...heading, ...table, ...members.map((member) => row(member, named.path)), "", ...below.flatMap(section)];
}

const INTRODUCTION = `# Properties

Every property of a service instance, generated from \`propertiesSchema.json\` by \`npm run entities\`. Unknown ones are kept and reported as a warning. An editor completes them where the file says \`"$schema": "./serviceInstanceSchema.json"\` (a whole service instance) or \`"$schema": "./propertiesSchema.json"\` (its properties alone). Values may be written as \`{code}…\` or \`{crypt}…\`, as \`encryptProperty\` answers them.
`;

/** @returns the text of docs/properties.md */
export function propertiesPage(): string {
  return `${[INTRODUCTION, ...section(rootProperties)].join("\n").trimEnd()}\n`;
}
