/** Owns the way in: what a message must be to go on, who it asks to be, and where it goes. */
import type { IncomingMessage } from "node:http";
import { SIGNED_AS_IS } from "../client/raw-request";
import { selectCredentialProvider } from "../settings/select-credential-provider";
import type { Settings } from "../settings/settings";
import type { Clock } from "../types/clock";
import type { Secret } from "../types/secret";
import { type ClientSignature, presignedPayloadHash, withoutSignature } from "./client-signature";
import type { Destination, Destinations, NamedTarget } from "./destinations";
import type { ClientRequest } from "./forwarded-request";
import { type HostAndPort, type HostRules, parseAuthority } from "./host-rules";
import { knowsSecret, proxyPassword, SECRET_HEADER } from "./launch-secret";
import { type PayloadPlan, planPayload } from "./payload-plan";
import { ProxyRefusal } from "./proxy-refusal";

export interface GateRules {
  readonly settings: Pick<Settings, "credentialProviders">;
  readonly hosts: HostRules;
  readonly destinations: Destinations;
  readonly clock: Clock;
  readonly secret?: Secret;
}

/** Where a message came in. */
export interface Entrance {
  /** Of the proxy itself. */
  readonly port: number;
  /** What CONNECT named; its client has shown the secret then. */
  readonly tunnel?: HostAndPort;
}

export interface Passed {
  readonly client: ClientRequest;
  readonly destination: Destination;
  readonly plan: PayloadPlan;
  /** Name of the credential provider. */
  readonly provider: string;
}

type Headers = Readonly<Record<string, string>>;

const ABSOLUTE = /^http:\/\/([^/?#]*)(.*)$/i;
const LENGTH = /^\d{1,15}$/;
const OWN_NAMES: ReadonlySet<string> = new Set(["127.0.0.1", "localhost"]);
/** S3 Control signs as S3 does, but is elsewhere: with an account in its host name. */
const S3_CONTROL = /^\/v20180820\//;
/** As access key ids are written. Whoever swaps the two halves of a pair sends the secret one, of 40 characters, in its place. */
const SHOWABLE = /^[A-Z0-9_]{1,32}$/;

/** @returns what the message names as its target, and the path and query it asks for there */
export function targetOf(
  message: Pick<IncomingMessage, "url">,
  headers: Headers,
  { port, tunnel }: Entrance,
  hosts: HostRules,
): { readonly target: NamedTarget; readonly form: string } {
  const url = message.url ?? "";
  const host = headers["host"] ?? "";
  if (tunnel !== undefined) {
    const named = parseAuthority(host, 443);
    if (!url.startsWith("/") || named?.host !== tunnel.host || named.port !== tunnel.port) {
      throw new ProxyRefusal("forbidden", "The Host header is not the host that the tunnel was opened to.");
    }
    return { target: { ...tunnel, protocol: "https:" }, form: url };
  }
  if (url.startsWith("/")) {
    const named = parseAuthority(host, 80);
    if (named === undefined || !OWN_NAMES.has(named.host) || named.port !== port) {
      const advice = `Give http://127.0.0.1:${port} as the endpoint URL, or HTTPS_PROXY.`;
      throw new ProxyRefusal("forbidden", `The Host header is not the proxy's own. ${advice}`);
    }
    return { target: "proxy", form: url };
  }
  const [, authority = "", rest = ""] = ABSOLUTE.exec(url) ?? [];
  const named = parseAuthority(authority, 80);
  const said = parseAuthority(host, 80);
  if (named === undefined || said?.host !== named.host || said.port !== named.port) {
    throw new ProxyRefusal("forbidden", "The request's target and its Host header are not one host.");
  }
  const form = rest.startsWith("/") ? rest : `/${rest}`;
  // Nothing signed for AWS travels in the clear: only hosts that the operator named are reached without TLS.
  if (hosts.isNamed(named)) return { target: { ...named, protocol: "http:" }, form };
  const secured = { host: named.host, port: named.port === 80 ? 443 : named.port };
  hosts.check(secured);
  return { target: { ...secured, protocol: "https:" }, form };
}

/**
 * @param signature - of the client, read already
 * @throws ProxyRefusal for whatever does not go on
 */
export function pass(
  message: IncomingMessage,
  headers: Headers,
  signature: ClientSignature,
  { target, form }: ReturnType<typeof targetOf>,
  entrance: Entrance,
  rules: GateRules,
): Passed {
  if (entrance.tunnel === undefined && !knowsSecret(rules.secret, secretsOf(headers, signature))) {
    throw new ProxyRefusal("forbidden", SECRET_MISSING);
  }
  const provider = selectCredentialProvider(rules.settings, signature.accessKeyId);
  if (provider === undefined) {
    const reason = "is the access_key_id_selector of no credential provider of the signing proxy";
    throw new ProxyRefusal("unknown-selector", `${shown(signature.accessKeyId)} ${reason}.`);
  }
  const mark = form.indexOf("?");
  const path = mark === -1 ? form : form.slice(0, mark);
  const query = mark === -1 ? "" : form.slice(mark + 1);
  const destination = rules.destinations.of(signature, target);
  if (target === "proxy" && destination.service === "s3" && S3_CONTROL.test(path) && destination.basePath === "") {
    const isOwn = rules.destinations.settings.host !== undefined || destination.dial !== undefined;
    if (!isOwn)
      throw new ProxyRefusal("not-implemented", "S3 Control is reached by HTTPS_PROXY, not by an endpoint URL.");
  }
  const { framing, contentLength } = framingOf(headers);
  const presigned = signature.form === "query";
  const plan = planPayload({
    declared: headers["x-amz-content-sha256"] ?? (presigned ? presignedPayloadHash(query) : undefined),
    ...{ headers, framing, presigned },
    ...{ scheme: destination.scheme, protocol: destination.protocol, isS3: SIGNED_AS_IS.has(destination.service) },
  });
  const rawQuery = presigned ? withoutSignature(query) : query;
  const { method = "" } = message;
  return { client: { method, path, rawQuery, headers, contentLength, signature }, destination, plan, provider };
}

const shown = (accessKeyId: string): string =>
  SHOWABLE.test(accessKeyId)
    ? `The access key id ${accessKeyId}`
    : `An access key id of ${accessKeyId.length} characters`;

export const SECRET_MISSING =
  "The secret of the signing proxy is missing or wrong: set it as AWS_SESSION_TOKEN, or as the password in HTTPS_PROXY.";

const secretsOf = (headers: Headers, signature: ClientSignature): readonly (string | undefined)[] => [
  headers[SECRET_HEADER],
  signature.sessionToken,
  proxyPassword(headers["proxy-authorization"]),
];

function framingOf(headers: Headers): {
  readonly framing: "length" | "chunked" | "none";
  readonly contentLength: number | undefined;
} {
  const coding = headers["transfer-encoding"];
  const length = headers["content-length"];
  if (coding !== undefined) {
    if (length !== undefined) throw new ProxyRefusal("invalid", "A body has a length or is chunked, not both.");
    if (coding.trim().toLowerCase() !== "chunked") {
      throw new ProxyRefusal("not-implemented", "No transfer coding but chunked is known here.");
    }
    return { framing: "chunked", contentLength: undefined };
  }
  if (length === undefined) return { framing: "none", contentLength: undefined };
  if (!LENGTH.test(length)) throw new ProxyRefusal("invalid", "The Content-Length is no number.");
  return { framing: length === "0" || Number(length) === 0 ? "none" : "length", contentLength: Number(length) };
}
