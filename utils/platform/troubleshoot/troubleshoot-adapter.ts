/** Owns `iapTroubleshootAdapter`: the same checks for the platform, with properties that are only tried, or kept when they pass. */
import { overlayProperties } from "../../settings/overlay-properties";
import type { AdapterParts } from "../adapter-parts";
import { localEnvelope } from "../envelope";
import { type OperationCall, objectArgument, operationCall, textArgument } from "../read-arguments";
import { troubleshoot } from "./troubleshoot";

/** @throws AdapterError `INVALID_INPUT` */
function callOf(task: unknown): OperationCall | undefined {
  const given = objectArgument("props.task", task);
  if (given === undefined) return undefined;
  const service = textArgument("props.task.service", given["service"]) ?? "sts";
  const operation = textArgument("props.task.operation", given["operation"]) ?? "GetCallerIdentity";
  const { params, stsParams, roleName, iapMetadata } = given;
  const hasRole = stsParams || roleName;
  const values = hasRole ? [params, stsParams, roleName, iapMetadata] : [params, iapMetadata];
  return operationCall(service, operation, hasRole ? "STSRole" : "plain", values);
}

/**
 * @param values - `props`: properties laid over the present ones, and `task` (`service`, `operation`, `params`,
 * `stsParams`, `roleName`, `iapMetadata`), the call to look into; `persistFlag`: go on with these properties if no check fails
 */
export async function troubleshootAdapter(parts: AdapterParts, values: readonly unknown[]): Promise<unknown> {
  const [props, persistFlag] = values;
  const { task, ...over } = objectArgument("props", props) ?? {};
  const call = callOf(task);
  const properties = overlayProperties((parts.properties ?? {}) as Record<string, unknown>, over);
  const request = { id: parts.id, properties, ...(call === undefined ? {} : { call }) };
  const report = await troubleshoot(request, parts.dependencies);
  const kept = persistFlag === true && report.status !== "failed" && Object.keys(over).length > 0;
  if (kept) parts.refresh(properties);
  return localEnvelope({ ...report, persisted: kept });
}
