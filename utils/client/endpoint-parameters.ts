/** Owns the values that endpoint rules are given, and what of an input they depend on. */
import type { EndpointParameter } from "../models/entity-format";
import type { OperationModel } from "../models/operation-model";
import { selectFromInput } from "./select-from-input";

export type EndpointParameterValues = Record<string, string | boolean | readonly string[] | undefined>;

/** @param context - what does not come from the input */
export function parameterValue(
  parameter: EndpointParameter,
  input: Readonly<Record<string, unknown>>,
  context: EndpointParameterValues,
): EndpointParameterValues[string] {
  switch (parameter.type) {
    case "static":
      return parameter.value;
    case "context":
      return input[parameter.name] as string | undefined;
    case "operationContext":
      return selectFromInput(input, parameter.path) as EndpointParameterValues[string];
    default:
      return context[parameter.name];
  }
}

const NO_CONTEXT: EndpointParameterValues = {};

/** A value behind its kind and length, so that none can pass for another one, nor for several. */
function valueKey(value: unknown): string {
  const text = typeof value === "string" ? value : (JSON.stringify(value) ?? "");
  return `${typeof value} ${text.length}:${text}`;
}

/** @returns the same for values that the rules cannot tell apart, and for no others */
export function parametersKey(names: readonly string[], values: EndpointParameterValues): string {
  let key = "";
  for (const name of names) key += valueKey(values[name]);
  return key;
}

/**
 * @returns the same for inputs that the rules cannot tell apart; empty when they look at none
 */
export function inputKey({ endpointParameters }: OperationModel, input: Readonly<Record<string, unknown>>): string {
  let key = "";
  for (const name in endpointParameters) {
    const parameter = endpointParameters[name] as EndpointParameter;
    if (parameter.type !== "context" && parameter.type !== "operationContext") continue;
    key += valueKey(parameterValue(parameter, input, NO_CONTEXT));
  }
  return key;
}
