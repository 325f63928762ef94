/** Owns the check of what a call says about where it goes: it becomes part of a URL whose request is signed. */
import { AdapterError } from "../errors/adapter-error";
import type { CallProperties } from "../types/call";

const HOST = /^(?:[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?|\[[0-9A-Fa-f:.]+\])$/;

/**
 * Empty texts count as not given.
 * @throws AdapterError `INVALID_INPUT` naming the property
 */
export function checkCallProperties({ host, port, protocol, region }: CallProperties): void {
  if (host !== undefined && host !== "" && (typeof host !== "string" || !HOST.test(host))) {
    throw invalid("host", host, "a host name or an IP address, without protocol, port or path");
  }
  // A form field makes text of it.
  const number = /^\d{1,5}$/.test(String(port)) ? Number(port) : Number.NaN;
  if (port !== undefined && !(number >= 1 && number <= 65_535)) {
    throw invalid("port", port, "an integer from 1 to 65535");
  }
  if (protocol !== undefined && protocol !== "http" && protocol !== "https") {
    throw invalid("protocol", protocol, "http or https");
  }
  if (region !== undefined && typeof region !== "string") {
    throw invalid("region", region, "text, for example us-east-1");
  }
}

function invalid(name: string, found: unknown, expected: string): AdapterError {
  const detail = {
    parameter: `iapMetadata.callProperties.${name}`,
    found: typeof found === "object" ? "an object" : typeof found === "string" ? JSON.stringify(found) : String(found),
    expected,
  };
  return new AdapterError("INVALID_INPUT", { ...detail, documentation: "the README describes iapMetadata." });
}
