/** Owns `adapter-aws oidc`: the keys of an issuer of our own, and the documents that AWS checks its tokens by. */
import { join, resolve } from "node:path";
import { type Command, InvalidArgumentError, Option } from "commander";
import { type IssuerAlgorithm, issuerAlgorithms } from "../credentials/oidc/issuer-key";
import { AdapterError } from "../errors/adapter-error";
import { nodeFiles } from "../runtime/node-files";
import { nodePrivateFiles } from "../runtime/node-private-files";
import { systemClock } from "../runtime/system-clock";
import { parseSettings } from "../settings/parse-settings";
import { readServiceInstance } from "../settings/read-service-instance";
import { checkIssuerUrl } from "../settings/token-issuer";
import type { Environment } from "../types/environment";
import { lazy } from "../types/lazy";
import { jsonFile } from "./options";
import { checkFolder, writeOutput } from "./output-file";
import type { Terminal } from "./terminal";

/** Key making loads the JOSE library, which no other command needs. */
const storeModule = lazy(
  () => require("../credentials/oidc/key-store") as typeof import("../credentials/oidc/key-store"),
);
const documentsModule = lazy(
  () => require("../credentials/oidc/issuer-documents") as typeof import("../credentials/oidc/issuer-documents"),
);

const keyStore = (folder: string) =>
  new (storeModule().KeyStore)(resolve(folder), {
    files: nodeFiles,
    privateFiles: nodePrivateFiles,
    clock: systemClock,
  });

interface DocumentsOptions {
  readonly out: string;
  readonly config?: string;
  readonly issuer?: string;
  readonly keys?: string;
}

export function addOidc(program: Command, terminal: Terminal): void {
  const oidc = program.command("oidc").description("an OpenID Connect issuer of our own, for aws_web_identity.issuer");
  addKeys(oidc.command("keys").description("the keys that sign its tokens"), terminal);
  oidc
    .command("documents")
    .description("write the discovery document and the public keys, to be published below the issuer's URL")
    .requiredOption("-o, --out <folder>", "folder that stands for the issuer's URL")
    .option("-c, --config <file>", "service instance whose aws_web_identity.issuer it is")
    .option("--issuer <url>", "the issuer's URL, without a service instance")
    .option("--keys <folder>", "its keys, without a service instance")
    .action((options: DocumentsOptions) => {
      const { url, keyFolder } = issuerOf(options, terminal.environment);
      checkFolder("--out", options.out, "may be made");
      const { DISCOVERY_PATH, JWKS_PATH, issuerDocuments } = documentsModule();
      const { discovery, jwks } = issuerDocuments(url, keyStore(keyFolder).keys());
      const published = [
        [JWKS_PATH, jwks],
        [DISCOVERY_PATH, discovery],
      ] as const;
      const files = published.map(([name, document]) => {
        const file = join(resolve(options.out), name);
        const text = `${JSON.stringify(document, null, 2)}\n`;
        writeOutput("--out", file, () => nodeFiles.writeWhole(file, text));
        return { file, publishAt: `${url}/${name}`, contentType: "application/json" };
      });
      terminal.result({ issuer: url, files, keys: keyStore(keyFolder).list() });
    });
}

function addKeys(keys: Command, terminal: Terminal): void {
  const folderOption = ["-k, --keys <folder>", "folder of the keys: aws_web_identity.issuer.key_folder"] as const;
  keys
    .command("list")
    .description("print the keys, newest first: which signs, which are still accepted, which wait")
    .requiredOption(...folderOption)
    .action(({ keys: folder }: { keys: string }) => {
      checkFolder("--keys", folder, "exists");
      terminal.result(keyStore(folder).list());
    });
  keys
    .command("rotate")
    .description("make a key, mode 0600; publish the documents anew before it signs")
    .requiredOption(...folderOption)
    .addOption(new Option("--alg <name>", "algorithm").choices(issuerAlgorithms).default("ES256"))
    .option("--signs-after <seconds>", "until it signs: 0 for the first key, an hour for others", seconds)
    .action(async ({ keys: folder, alg, signsAfter }: { keys: string; alg: IssuerAlgorithm; signsAfter?: number }) => {
      checkFolder("--keys", folder, "may be made");
      const store = keyStore(folder);
      const kid = await store.rotate(alg, signsAfter);
      terminal.result({ made: kid, keys: store.list() });
      terminal.say("Publish what adapter-aws oidc documents writes before the new key signs.");
    });
  keys
    .command("retire")
    .description("delete a key; once the documents are published anew, its tokens are refused")
    .argument("<kid>", "as keys list shows it")
    .requiredOption(...folderOption)
    .action(async (kid: string, { keys: folder }: { keys: string }) => {
      checkFolder("--keys", folder, "exists");
      const store = keyStore(folder);
      await store.retire(kid);
      terminal.result({ retired: kid, keys: store.list() });
      terminal.say("Publish what adapter-aws oidc documents writes: until then AWS still accepts the key.");
    });
}

function seconds(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 0) throw new InvalidArgumentError("Seconds are a whole number from 0 on.");
  return value;
}

/** @throws AdapterError `INVALID_INPUT` when it is named neither one way nor the other, `INVALID_PROPERTIES` */
function issuerOf(
  { config, issuer, keys }: DocumentsOptions,
  environment: Environment,
): { readonly url: string; readonly keyFolder: string } {
  if (config === undefined && issuer !== undefined && keys !== undefined) {
    checkIssuerUrl("--issuer", issuer);
    return { url: issuer, keyFolder: keys };
  }
  if (config === undefined || issuer !== undefined || keys !== undefined) {
    throw refused("--config", "neither or both of two ways", "--config, or --issuer with --keys");
  }
  const { id, properties } = readServiceInstance(jsonFile(config));
  const settings = parseSettings(id, properties, environment);
  const sources = [settings.credentialSource, ...settings.credentialProviders.map(({ source }) => source)];
  const issuers = sources.flatMap((source) =>
    source?.type === "webIdentity" && "issuer" in source.token ? [source.token.issuer] : [],
  );
  const [first] = issuers;
  if (first === undefined) {
    throw refused("--config", "a service instance without one", "one with authentication.aws_web_identity.issuer");
  }
  if (issuers.some(({ url, keyFolder }) => url !== first.url || keyFolder !== first.keyFolder)) {
    throw refused("--config", "a service instance with several issuers", "--issuer and --keys, to name one of them");
  }
  return first;
}

function refused(parameter: string, found: string, expected: string): AdapterError {
  return new AdapterError("INVALID_INPUT", {
    parameter,
    found,
    expected,
    documentation: "adapter-aws oidc --help tells more.",
  });
}
