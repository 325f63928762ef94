/** Owns `adapter-aws proxy`: the signing proxy, until it is interrupted. */
import { type Command, InvalidArgumentError } from "commander";
import { AdapterError } from "../errors/adapter-error";
import { createLogger, maskedLogger } from "../logging/platform-logger";
import { CertificateAuthority } from "../proxy/certificate-authority";
import { type HostAndPort, parseAuthority } from "../proxy/host-rules";
import { METRICS_PATH, startSigningProxy } from "../proxy/signing-proxy";
import { createRuntime } from "../runtime/create-runtime";
import { defaultDependencies } from "../runtime/default-dependencies";
import { nodeAuthorityFiles } from "../runtime/node-authority-files";
import { systemRandomness } from "../runtime/system-randomness";
import { parseSettings } from "../settings/parse-settings";
import { readServiceInstance } from "../settings/read-service-instance";
import type { Settings } from "../settings/settings";
import { Secret } from "../types/secret";
import { adapterFolder } from "./open-adapter";
import { addCommonOptions, type CommonOptions, jsonFile, portOption } from "./options";
import { type Terminal, terminalLog } from "./terminal";

interface ProxyOptions extends CommonOptions {
  readonly port?: number;
  readonly upstream: ReadonlyMap<string, URL>;
  readonly allowHost: readonly HostAndPort[];
  readonly caFolder?: string;
  readonly requireSecret?: true;
  readonly timeout: number;
  readonly bufferLimit: number;
  readonly drain: number;
}

const SECRET_VARIABLE = "ADAPTER_AWS_PROXY_SECRET";
const SECRET_BYTES = 24;
const SHORTEST_SECRET = 16;
const MIB = 1024 * 1024;
const HTTPS_PORT = 443;

function upstreamOption(text: string, earlier: ReadonlyMap<string, URL>): ReadonlyMap<string, URL> {
  const [, service = "", address = ""] = /^([A-Za-z0-9._-]+)=(.+)$/.exec(text) ?? [];
  const url = URL.canParse(address) ? new URL(address) : undefined;
  const isOrigin =
    url !== undefined &&
    /^https?:$/.test(url.protocol) &&
    [url.username, url.password, url.search, url.hash].every((part) => part === "");
  if (!isOrigin) throw new InvalidArgumentError("An upstream is SERVICE=URL, for example s3=https://s3.example.com.");
  return new Map([...earlier, [service, url]]);
}

function hostOption(text: string, earlier: readonly HostAndPort[]): readonly HostAndPort[] {
  const host = parseAuthority(text, HTTPS_PORT);
  if (host === undefined) throw new InvalidArgumentError("A host is NAME or NAME:PORT.");
  return [...earlier, host];
}

/** @returns the reader of an option whose argument is a whole number */
const numberOption =
  (most: number) =>
  (text: string): number => {
    const value = Number(text);
    if (!Number.isInteger(value) || value < 1 || value > most) {
      throw new InvalidArgumentError(`A whole number from 1 to ${most}.`);
    }
    return value;
  };

/** @throws AdapterError `INVALID_INPUT` for a secret that can be guessed */
function secretOf(given: string | undefined): { readonly secret: Secret; readonly isNew: boolean } {
  if (given === undefined || given === "") {
    return { secret: new Secret(systemRandomness.randomBytes(SECRET_BYTES).toString("base64url")), isNew: true };
  }
  if (given.length < SHORTEST_SECRET) {
    throw new AdapterError("INVALID_INPUT", {
      parameter: SECRET_VARIABLE,
      found: `${given.length} characters`,
      expected: `at least ${SHORTEST_SECRET}`,
      documentation: "leave it out to have one made.",
    });
  }
  return { secret: new Secret(given), isNew: false };
}

/** @throws AdapterError `INVALID_PROPERTIES` when no client could ever choose an identity */
function selectorsOf({ credentialProviders }: Settings): Readonly<Record<string, string>> {
  const chosen = credentialProviders.flatMap(({ name, accessKeyIdSelector }) =>
    accessKeyIdSelector === undefined ? [] : [[accessKeyIdSelector, name] as const],
  );
  if (chosen.length > 0) return Object.fromEntries(chosen);
  throw new AdapterError("INVALID_PROPERTIES", {
    property: "authentication.credential_providers",
    found: credentialProviders.length === 0 ? "none" : "none with an access_key_id_selector",
    expected: "at least one with an access_key_id_selector, by which clients of the proxy choose it",
  });
}

async function runProxy(options: ProxyOptions, terminal: Terminal): Promise<void> {
  const { id, properties } = readServiceInstance(jsonFile(options.config));
  const logger = createLogger(id, terminalLog(terminal, options.verbose ? "debug" : "warn"));
  const dependencies = { ...defaultDependencies(adapterFolder, logger), environment: terminal.environment };
  const { clock, files } = dependencies;
  const runtime = createRuntime(parseSettings(id, properties, terminal.environment), dependencies);
  try {
    const selectors = selectorsOf(runtime.settings);
    // What is wrong with a chain is said now, and not to the first client.
    for (const name of Object.values(selectors)) {
      runtime.plan({ kind: "plain", callProperties: { credential_provider: name } });
    }
    const launch = options.requireSecret ? secretOf(terminal.environment[SECRET_VARIABLE]) : undefined;
    if (launch !== undefined) runtime.masker.addSecret(launch.secret.reveal());
    const authority =
      options.caFolder === undefined
        ? undefined
        : await CertificateAuthority.open(options.caFolder, { ...systemRandomness, files: nodeAuthorityFiles, clock });
    const proxy = await startSigningProxy(
      {
        port: options.port ?? 0,
        upstreams: options.upstream,
        allowedHosts: options.allowHost,
        timeoutMs: options.timeout * 1000,
        bufferLimitBytes: options.bufferLimit * MIB,
        ...(launch === undefined ? {} : { secret: launch.secret }),
        ...(authority === undefined ? {} : { authority }),
      },
      { ...systemRandomness, runtime, clock, files, logger: maskedLogger(logger, runtime.masker) },
    );
    terminal.result({
      url: proxy.url,
      selectors,
      metrics: proxy.url + METRICS_PATH,
      ...(authority === undefined ? {} : { AWS_CA_BUNDLE: authority.certificateFile }),
      ...(launch?.isNew ? { AWS_SESSION_TOKEN: launch.secret.reveal() } : {}),
    });
    terminal.say("The proxy signs for whoever reaches this port, until it is interrupted.");
    await terminal.interrupted();
    terminal.say(`Stopping: requests under way have ${options.drain} s to end.`);
    terminal.say(JSON.stringify(await proxy.close(options.drain * 1000)));
  } finally {
    runtime.close();
  }
}

export function addProxy(program: Command, terminal: Terminal): void {
  addCommonOptions(program.command("proxy"))
    .description(
      "sign for clients on this machine, on 127.0.0.1: their dummy access key id selects the credential provider",
    )
    .option("--port <port>", "port to listen on; a free one without it", portOption)
    .option(
      "--upstream <service=url>",
      "where a service is, in place of AWS's endpoint; repeatable",
      upstreamOption,
      new Map(),
    )
    .option("--allow-host <host>", "host[:port] to sign for besides AWS's own; repeatable", hostOption, [])
    .option("--ca-folder <folder>", "serve HTTPS_PROXY, too, with the certificate authority of this folder")
    .option("--require-secret", `serve only who has the secret: ${SECRET_VARIABLE}, or one that is made and printed`)
    .option("--timeout <seconds>", "limit of every wait in which nothing moves", numberOption(3600), 60)
    .option("--buffer-limit <mib>", "longest body that is held to be hashed", numberOption(1024), 32)
    .option("--drain <seconds>", "how long requests under way may take when it is stopped", numberOption(3600), 30)
    .action((options: ProxyOptions) => runProxy(options, terminal));
}
