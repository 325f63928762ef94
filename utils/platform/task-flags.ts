/** Owns iapActivateTasks and iapDeactivateTasks: which methods pronghorn.json offers to workflows. */
import { AdapterError } from "../errors/adapter-error";
import { suggestion } from "../models/nearest-name";
import type { Performance } from "./adapter-parts";
import { localEnvelope } from "./envelope";
import { changeInstalled, installedPath } from "./installed-file";

/** pronghorn.json has one method a line, each with its flag near the end. */
const METHOD_LINE = /^\{"name":"(\w+)".*"task":(true|false)\}(,?)$/;

/** @returns the method that sets the flag of the methods named; unknown names are refused before anything is written */
export const setTaskFlags =
  (task: boolean): Performance =>
  async (parts, [tasks]) => {
    const path = installedPath(parts, "tasks", "pronghorn.json");
    const changed: string[] = [];
    changeInstalled(parts, path, "tasks", () => {
      const text = withFlags(parts.files.read(path).toString("utf8"), tasks, task, changed);
      return changed.length > 0 ? text : undefined;
    });
    return localEnvelope({ changed, task });
  };

/** @param changed - is filled with the names whose flag was another one */
function withFlags(content: string, tasks: unknown, task: boolean, changed: string[]): string {
  const lines = content.split("\n");
  const known = lines.flatMap((line) => METHOD_LINE.exec(line)?.[1] ?? []);
  const names = [tasks ?? []].flat().map(String);
  const unknown = names.find((name) => !known.includes(name));
  if (names.length === 0 || unknown !== undefined) {
    throw new AdapterError("INVALID_INPUT", {
      parameter: "tasks",
      found: unknown ?? "nothing",
      expected: "names of methods in pronghorn.json",
      documentation: unknown === undefined ? "one name or a list of names." : suggestion(unknown, known),
    });
  }
  const wanted = new Set(names);
  const text = lines.map((line) => {
    const [, name, flag, comma] = METHOD_LINE.exec(line) ?? [];
    if (name === undefined || !wanted.has(name) || flag === String(task)) return line;
    changed.push(name);
    return `${line.slice(0, line.lastIndexOf('"task":'))}"task":${task}}${comma}`;
  });
  return text.join("\n");
}
