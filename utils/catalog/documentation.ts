/** Owns the one sentence that is kept of a package's documentation of an operation. */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { CapturedClient } from "./captured-client";

const ENTITIES: Readonly<Record<string, string>> = {
  "&amp;": "&",
  "&lt;": "<",
  "&gt;": ">",
  "&quot;": '"',
  "&#39;": "'",
  "&nbsp;": " ",
};
const SENTENCE = /^.{10,300}?[.!?](?=\s|$)/;
/** Where a full stop ends no sentence. */
const ABBREVIATION = /(?:\b(?:e\.g|i\.e|etc|vs|St|No|Inc|U\.S)\.)$/;
const LONGEST = 240;

/** @returns the first sentence of a documentation comment as plain text, at most 240 characters */
export function firstSentence(comment: string): string {
  const text = comment
    .replace(/<(note|important|fullname)>.*?<\/\1>/gs, " ")
    .replace(/<\/(?:p|li|dt|dd|h\d)>/g, " ")
    .replace(/<[^>]+>/g, "")
    .replace(/&[#\w]+;/g, (entity) => ENTITIES[entity] ?? entity)
    .replace(/\{@link (?:[^}|]*\|)?\s*([^}]*)\}/g, "$1")
    .replace(/\s+/g, " ")
    .trim();
  let sentence = SENTENCE.exec(text)?.[0] ?? text;
  if (ABBREVIATION.test(sentence)) {
    const more = SENTENCE.exec(text.slice(sentence.length).padStart(10))?.[0];
    if (more !== undefined) sentence = `${sentence} ${more.trim()}`;
  }
  return sentence.length <= LONGEST ? sentence : `${sentence.slice(0, LONGEST - 1).replace(/\s+\S*$/, "")}…`;
}

/** The text of a documentation comment without its frame and tags. */
export function commentText(comment: string): string {
  const lines = comment.replace(/^\s*\/\*\*|\*\/\s*$/g, "").replace(/^[ \t]*\* ?/gm, "");
  return lines
    .split(/^@(?:example|param|returns|throws|see)\b/m)[0]!
    .replace(/^@(?:public|internal|deprecated).*$/gm, "");
}

/** @returns the first sentence on an operation; empty when the package says nothing */
export function operationDocumentation(client: CapturedClient, operation: string): string {
  const command = `${operation.charAt(0).toUpperCase()}${operation.slice(1)}Command`;
  const file = join(client.folder, "dist-types", "commands", `${command}.d.ts`);
  if (!existsSync(file)) return "";
  const text = readFileSync(file, "utf8");
  const before = text.slice(0, text.indexOf(`export declare class ${command} `));
  const start = before.lastIndexOf("/**");
  return start === -1 ? "" : firstSentence(commentText(before.slice(start)));
}
