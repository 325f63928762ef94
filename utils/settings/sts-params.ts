/** Owns the reading of `stsParams` as a workflow hands them over: unset members dropped, unknown ones refused. */
import { AdapterError } from "../errors/adapter-error";
import type { StsParams } from "../types/call";
import { foundText } from "./found-text";
import { checkStsParams } from "./sts-limits";

const names: readonly (keyof StsParams)[] = [
  "RoleArn",
  "RoleSessionName",
  "ExternalId",
  "DurationSeconds",
  "Policy",
  "PolicyArns",
  "Tags",
  "TransitiveTagKeys",
  "SourceIdentity",
  "SerialNumber",
  "TokenCode",
];

const isSet = (value: unknown): boolean =>
  value !== undefined && value !== null && value !== "" && !(Array.isArray(value) && value.length === 0);

/**
 * @param params - as passed; null, empty text and empty lists count as not set, as forms leave them behind
 * @returns only what is set, within the limits of STS
 * @throws AdapterError `INVALID_ROLE_REQUEST` for an unknown member, a wrong type or a violated limit
 */
export function givenStsParams(params: unknown): StsParams {
  if (!isSet(params)) return {};
  if (typeof params !== "object" || Array.isArray(params)) {
    throw refused("stsParams", foundText(params), "an object such as { RoleArn, RoleSessionName }");
  }
  const given = Object.fromEntries(Object.entries(params as object).filter(([, value]) => isSet(value)));
  for (const name of Object.keys(given)) {
    if (!names.includes(name as keyof StsParams)) {
      const near = names.find((known) => known.toLowerCase() === name.toLowerCase());
      throw refused(`stsParams.${name}`, "an unknown parameter", near ?? `one of ${names.join(", ")}`);
    }
  }
  if (given["RoleArn"] !== undefined && typeof given["RoleArn"] !== "string") {
    throw refused("stsParams.RoleArn", foundText(given["RoleArn"]), "text: the ARN of a role");
  }
  checkStsParams(given);
  return given;
}

function refused(parameter: string, found: string, expected: string): AdapterError {
  return new AdapterError("INVALID_ROLE_REQUEST", { parameter, found, expected, reason: "" });
}
