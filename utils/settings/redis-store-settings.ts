/** Owns the part of `credential_cache` that says which Redis is meant, and who we are there. */
import { AdapterError } from "../errors/adapter-error";
import type { RedisLogin, RedisNode, RedisSettings, RedisTopology } from "../types/redis";
import { Secret } from "../types/secret";
import { foundText } from "./found-text";

/** The properties, complete with defaults. */
export interface RedisSection {
  readonly url: string | readonly string[];
  readonly mode: "standalone" | "sentinel" | "cluster";
  readonly master_name: string;
  readonly username: string;
  readonly password: string;
  readonly sentinel_username: string;
  readonly sentinel_password: string;
  readonly namespace: string;
  readonly operation_timeout: number;
  readonly tls: {
    readonly ca_file: string;
    readonly cert_file: string;
    readonly key_file: string;
    readonly passphrase: string;
    readonly server_name: string;
    readonly accept_invalid_cert: boolean;
  };
}

interface ParsedUrl {
  readonly scheme: "redis" | "rediss";
  readonly node: RedisNode;
  readonly database: number;
  readonly username: string;
  readonly password: string;
}

const BLOCK = "credential_cache";
const DEFAULT_PORT = { standalone: 6379, cluster: 6379, sentinel: 26379 } as const;
const EXPECTED =
  "redis://host:port, or rediss://host:port for TLS, with user:password@ before the host (special characters percent-encoded) and /database behind it where they are wanted";

/** @throws AdapterError `INVALID_PROPERTIES` naming the property; of a URL it shows no user and no password */
export function redisSettingsOf(section: RedisSection): RedisSettings {
  const urls = [section.url].flat().filter((url) => url !== "");
  if (urls.length === 0) throw refused("url", "nothing", EXPECTED);
  if (section.mode === "standalone" && urls.length > 1) {
    throw refused("url", `${urls.length} of them`, "one, or mode sentinel or cluster");
  }
  const parsed = urls.map((url) => parseUrl(url, DEFAULT_PORT[section.mode]));
  const [first] = parsed as [ParsedUrl, ...ParsedUrl[]];
  for (const other of parsed.slice(1)) {
    const isAlike = (["scheme", "database", "username", "password"] as const).every(
      (name) => other[name] === first[name],
    );
    if (isAlike) continue;
    throw refused("url", "URLs that differ in more than host and port", "the same scheme, user and database in all");
  }
  const login = loginOf(section.username || first.username, section.password || first.password, "password");
  const tls = tlsOf(section.tls, first.scheme);
  return {
    nodes: parsed.map(({ node }) => node),
    topology: topologyOf(section, first.database),
    login,
    ...(tls === undefined ? {} : { tls }),
    ...(section.tls.server_name === "" ? {} : { tlsServerName: section.tls.server_name }),
    operationTimeoutMs: section.operation_timeout,
  };
}

function parseUrl(text: string, defaultPort: number): ParsedUrl {
  const scheme = /^(rediss?):\/\//i.exec(text)?.[1]?.toLowerCase() as ParsedUrl["scheme"] | undefined;
  // A neutral scheme, so that nothing is taken for a default and dropped.
  const rest = `ftp-like://${text.slice(text.indexOf("://") + 3)}`;
  const url = scheme !== undefined && !/\s/.test(text) && URL.canParse(rest) ? new URL(rest) : undefined;
  const username = decoded(url?.username);
  const password = decoded(url?.password);
  const database = /^\/?(\d{0,4})$/.exec(url?.pathname ?? "none")?.[1];
  const isComplete = url !== undefined && url.hostname !== "" && url.port !== "0" && url.search + url.hash === "";
  if (scheme === undefined || username === undefined || password === undefined || !isComplete) throw wrongUrl(text);
  if (database === undefined || !/^[\w.:[\]-]+$/.test(url.hostname)) throw wrongUrl(text);
  return {
    scheme,
    node: {
      host: url.hostname.replace(/^\[(.*)\]$/, "$1"),
      port: url.port === "" ? defaultPort : Number(url.port),
    },
    database: Number(database),
    username,
    password,
  };
}

function topologyOf(section: RedisSection, database: number): RedisTopology {
  if (section.mode === "standalone") return { mode: "standalone", database };
  if (section.mode === "cluster") {
    if (database !== 0) throw refused("url", `database ${database}`, "no database, as a cluster has only one");
    return { mode: "cluster" };
  }
  if (section.master_name === "") {
    throw refused("master_name", "nothing", "the name by which the Sentinels know the master");
  }
  const sentinelLogin = loginOf(section.sentinel_username, section.sentinel_password, "sentinel_password");
  return { mode: "sentinel", masterName: section.master_name, database, sentinelLogin };
}

function loginOf(username: string, password: string, property: string): RedisLogin {
  if (username !== "" && password === "") throw refused(property, "nothing", "a password, as there is a user name");
  return {
    ...(username === "" ? {} : { username }),
    ...(password === "" ? {} : { password: new Secret(password) }),
  };
}

function tlsOf(given: RedisSection["tls"], scheme: ParsedUrl["scheme"]): RedisSettings["tls"] {
  const { ca_file, cert_file, key_file, passphrase, server_name, accept_invalid_cert } = given;
  if (scheme === "redis") {
    const isSaid = accept_invalid_cert || [ca_file, cert_file, key_file, server_name].some((text) => text !== "");
    if (isSaid) throw refused("url", "redis:// and also tls", "rediss://, as tls is configured");
    return undefined;
  }
  if ((cert_file === "") !== (key_file === "")) {
    const missing = cert_file === "" ? "tls.cert_file" : "tls.key_file";
    throw refused(missing, "nothing", "a file, as a client certificate needs both cert_file and key_file");
  }
  return {
    ...(ca_file === "" ? {} : { caFile: ca_file }),
    ...(cert_file === "" ? {} : { certFile: cert_file, keyFile: key_file }),
    ...(passphrase === "" ? {} : { passphrase: new Secret(passphrase) }),
    certificateCheck: accept_invalid_cert ? "accept-invalid" : "verify",
  };
}

function decoded(text: string | undefined): string | undefined {
  try {
    return decodeURIComponent(text ?? "");
  } catch {
    return undefined;
  }
}

/** A password may stand anywhere in what is no URL: only what comes behind an `@` is shown, and the scheme. */
function wrongUrl(text: string): AdapterError {
  const [, scheme = ""] = /^([a-z]{1,16}:\/\/)/i.exec(text) ?? [];
  const at = text.lastIndexOf("@");
  const rest = at === -1 ? "" : text.slice(at);
  return refused("url", `${foundText(`${scheme}** masked **${rest}`)} (${text.length} characters)`, EXPECTED);
}

function refused(name: string, found: string, expected: string): AdapterError {
  return new AdapterError("INVALID_PROPERTIES", { property: `${BLOCK}.${name}`, found, expected });
}
