/** Owns the turning of a client's endpoint parameter instructions into data, getters included. */
import type { EndpointParameter, EndpointParameters } from "../models/entity-format";
import type { ParameterInstruction, ParameterInstructions } from "./captured-client";
import { ExtractionError } from "./extraction-error";

const FIELD = "((?:\\?\\.\\w+)+)";
const KEYS = new RegExp(`^\\(input\\) => Object\\.keys\\(input${FIELD} \\?\\? \\{\\}\\)$`);
const PATH = new RegExp(`^\\(input\\) => input${FIELD}$`);
const MAP = new RegExp(`^\\(input\\) => input${FIELD}\\?\\.map\\(\\(obj\\) => obj${FIELD}\\)$`);
const MAP_MANY = new RegExp(
  `^\\(input\\) => input${FIELD}\\?\\.map\\(\\(obj\\) => \\[(.*)\\]\\.filter\\(\\(i\\) => i\\)\\)\\.flat\\(\\)$`,
);

const dots = (field: string): string => field.replace(/^\?\./, "").replaceAll("?.", ".");

/**
 * Finds the JMESPath expression that a generated getter was made from.
 * https://smithy.io/2.0/additional-specs/rules-engine/parameters.html#smithy-rules-operationcontextparams-trait
 * @param source - the getter's source text
 * @returns the expression, or undefined when the form is unknown
 */
export function pathOfGetter(source: string): string | undefined {
  const text = source.replace(/\s+/g, " ").trim();
  const keys = KEYS.exec(text);
  if (keys) return `keys(${dots(keys[1]!)})`;
  const path = PATH.exec(text);
  if (path) return dots(path[1]!);
  const map = MAP.exec(text);
  if (map) return `${dots(map[1]!)}[*].${dots(map[2]!)}`;
  const many = MAP_MANY.exec(text);
  if (many === null) return undefined;
  const fields = many[2]!.split(",").map((field) => dots(field.trim().replace(/^obj/, "")));
  return `${dots(many[1]!)}[*].[${fields.join(", ")}][]`;
}

function convert(packageName: string, parameter: string, instruction: ParameterInstruction): EndpointParameter {
  const { type, name = "", value, get } = instruction;
  switch (type) {
    case "staticContextParams":
      return { type: "static", value: value as string | boolean | readonly string[] };
    case "contextParams":
      return { type: "context", name };
    case "builtInParams":
      return { type: "builtIn", name };
    case "clientContextParams":
      return { type: "clientContext", name };
    case "operationContextParams": {
      const path = pathOfGetter(String(get));
      if (path === undefined)
        throw new ExtractionError(packageName, `the getter of endpoint parameter ${parameter}: ${String(get)}`);
      return { type: "operationContext", path };
    }
    default:
      throw new ExtractionError(packageName, `endpoint parameter ${parameter} is of unknown type ${type}`);
  }
}

/** @throws ExtractionError when a parameter cannot be written as data */
export function endpointParameters(packageName: string, instructions: ParameterInstructions): EndpointParameters {
  const entries = Object.entries(instructions);
  return Object.fromEntries(entries.map(([name, instruction]) => [name, convert(packageName, name, instruction)]));
}
