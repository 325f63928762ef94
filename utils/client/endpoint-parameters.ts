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

/**
 * Every value is preceded by its kind and length, so that none can pass for another one.
 * @returns the same for inputs that the rules cannot tell apart; empty when they look at none
 */
export function inputKey({ endpointParameters }: OperationModel, input: Readonly<Record<string, unknown>>): string {
  let key = "";
  for (const name in endpointParameters) {
    const parameter = endpointParameters[name] as EndpointParameter;
    if (parameter.type !== "context" && parameter.type !== "operationContext") continue;
    const value: unknown = parameterValue(parameter, input, NO_CONTEXT);
    const text = typeof value === "string" ? value : (JSON.stringify(value) ?? "");
    key += `${typeof value} ${text.length}:${text}`;
  }
  return key;
}
