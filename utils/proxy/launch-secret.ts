/** Owns the secret of a launch: without it, nobody else on the machine can use the proxy. */
import { hash, timingSafeEqual } from "node:crypto";
import type { Secret } from "../types/secret";

export const SECRET_HEADER = "x-adapter-aws-secret";

const digest = (text: string): Buffer => Buffer.from(hash("sha256", text, "hex"), "hex");

/**
 * The secret comes as a header of its own, where AWS's clients put a session token, or as the password of the proxy.
 * @param given - every place where it may stand
 */
export function knowsSecret(secret: Secret | undefined, given: readonly (string | undefined)[]): boolean {
  if (secret === undefined) return true;
  const expected = digest(secret.reveal());
  return given.some((text) => text !== undefined && timingSafeEqual(digest(text), expected));
}

/** @returns the password of `Proxy-Authorization: Basic …`, whoever the user is; the token of `Bearer …` */
export function proxyPassword(header: string | undefined): string | undefined {
  const [, scheme = "", value = ""] = /^(basic|bearer) +(\S+)$/i.exec(header ?? "") ?? [];
  if (scheme.toLowerCase() === "bearer") return value;
  if (scheme === "") return undefined;
  const text = Buffer.from(value, "base64").toString("utf8");
  return text.slice(text.indexOf(":") + 1);
}
