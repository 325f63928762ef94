/**
 * Owns the loading of a client package that was generated before clients carried schemas, without the packages that it
 * needs: what it asks of them is answered by stand-ins that remember it.
 */
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { basename, dirname, join } from "node:path";
import { compileFunction } from "node:vm";
import type { CapturedOperation, ParameterInstructions, PluginCall } from "./captured-client";
import { ExtractionError } from "./extraction-error";
import type { RuleSet } from "./rule-set-diagram";

type Exports = Record<string, unknown>;
type PluginList = (command: object, stack: object, config: object, options: object) => readonly unknown[];

export interface UnlinkedOperation {
  readonly endpointParameters: ParameterInstructions;
  readonly plugins: readonly PluginCall[];
  readonly authSchemes: CapturedOperation["authSchemes"];
}

export interface UnlinkedClient {
  readonly packageName: string;
  readonly version: string;
  /** Of the service's shape, which is what an RPC protocol puts before the operation. */
  readonly serviceShape: string;
  readonly config: ClientConfig;
  readonly clientPlugins: readonly string[];
  readonly ruleSet: RuleSet;
  readonly operations: ReadonlyMap<string, UnlinkedOperation>;
  /** Of its exceptions, by name. */
  readonly faults: ReadonlyMap<string, "client" | "server">;
  readonly exports: Readonly<Exports>;
  /** Everything of its code in one text. */
  readonly source: string;
}

interface ClientConfig {
  readonly serviceId: string;
  readonly apiVersion: string;
  readonly defaultSigningName: string;
  readonly signingEscapePath?: boolean;
  readonly httpAuthSchemeProvider: (
    parameters: object,
  ) => readonly { schemeId: string; signingProperties?: { name?: string } }[];
}

interface BuiltCommand {
  service: string;
  name: string;
  instructions: ParameterInstructions;
  plugins: PluginList;
}

/** What every client has, and the product does in its own way. */
const EVERY_CLIENT =
  /^get(Serde|Endpoint|UserAgent|Retry|ContentLength|HostHeader|Logger|RecursionDetection|AwsAuth|HttpAuthSchemeEndpointRuleSet|HttpSigning)Plugin$/;

/** The base of every exception. */
class ServiceException {
  constructor(options: object) {
    Object.assign(this, options);
  }
}

/** The base of every client, which hands over the plugins that it is given. */
function clientBase(onPlugin: (plugin: Partial<PluginCall>) => void): unknown {
  return class {
    readonly config: unknown;
    readonly middlewareStack = { use: onPlugin };

    constructor(config: unknown) {
      this.config = config;
    }
  };
}

/** Answers whatever is asked of it: a function gives its first argument back, a class makes nothing. */
function standIn(known: Readonly<Exports>): unknown {
  const answer = (first: unknown): unknown => first;
  return new Proxy(function standsIn() {}, {
    get: (_, name) => {
      if (typeof name === "symbol" || name === "prototype") return Reflect.get(Object, name);
      if (Object.hasOwn(known, name)) return known[name];
      if (/^get\w+Plugin$/.test(name)) return (_config: unknown, options: unknown) => ({ plugin: name, options });
      return standIn({});
    },
    apply: (_, _this, [first]: unknown[]) => answer(first),
    construct: () => ({}),
  });
}

function commandBuilder(commands: BuiltCommand[]): { classBuilder: () => object } {
  return {
    classBuilder: () => {
      const built: BuiltCommand = { service: "", name: "", instructions: {}, plugins: () => [] };
      const steps: Readonly<Record<string, (...values: never[]) => void>> = {
        ep: (value: ParameterInstructions) => {
          built.instructions = value;
        },
        m: (value: PluginList) => {
          built.plugins = value;
        },
        s: (service: string, name: string) => Object.assign(built, { service, name }),
      };
      const builder: Record<string, (...values: never[]) => unknown> = {
        build: () => {
          commands.push(built);
          return class {};
        },
      };
      for (const step of ["ep", "m", "s", "n", "f", "ser", "de"]) {
        builder[step] = (...values: never[]) => {
          steps[step]?.(...values);
          return builder;
        };
      }
      return builder;
    },
  };
}

function load(file: string, known: Exports, loaded = new Map<string, { exports: Exports }>()): Exports {
  const present = loaded.get(file);
  if (present !== undefined) return present.exports;
  const module = { exports: {} as Exports };
  loaded.set(file, module);
  const { resolve } = createRequire(file);
  const require = (name: string): unknown => {
    if (!name.startsWith(".")) return standIn(known);
    const target = resolve(name);
    // The half of the configuration that looks at no environment.
    if (basename(target) === "runtimeConfig.js") return load(resolve("./runtimeConfig.shared"), known, loaded);
    return load(target, known, loaded);
  };
  const parameters = ["exports", "require", "module", "__filename", "__dirname"];
  const run = compileFunction(readFileSync(file, "utf8"), parameters, { filename: file });
  run(module.exports, require, module, file, dirname(file));
  return module.exports;
}

function exportOf<T>(exports: Exports, name: RegExp, refuse: (what: string) => never): T {
  const found = Object.entries(exports).find(([key, value]) => name.test(key) && typeof value === "function");
  return (found?.[1] as T | undefined) ?? refuse(`it exports nothing like ${name.source}`);
}

function faultsOf(exports: Exports): ReadonlyMap<string, "client" | "server"> {
  const faults = new Map<string, "client" | "server">();
  for (const exported of Object.values(exports)) {
    if (typeof exported !== "function" || !(exported.prototype instanceof ServiceException)) continue;
    const { name, $fault } = Reflect.construct(exported, [{}]) as { name?: string; $fault?: "client" | "server" };
    // The base class that the package's exceptions share says neither.
    if (name !== undefined && $fault !== undefined) faults.set(name, $fault);
  }
  return new Map([...faults].sort(([left], [right]) => (left < right ? -1 : 1)));
}

/**
 * @param folder - an unpacked `@aws-sdk/client-…` package
 * @throws ExtractionError when it is built in an unknown way
 */
export function loadUnlinkedClient(folder: string): UnlinkedClient {
  const { name: packageName, version } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8")) as {
    name: string;
    version: string;
  };
  const refuse = (reason: string): never => {
    throw new ExtractionError(`${packageName} ${version}`, reason);
  };
  const commands: BuiltCommand[] = [];
  const code = join(folder, "dist-cjs");
  const main = join(code, "index.js");
  const clientPlugins: string[] = [];
  const Client = clientBase(({ plugin = refuse("it has a plugin without a name") }) => clientPlugins.push(plugin));
  const exports = load(main, { Command: commandBuilder(commands), ServiceException, Client });
  const [first] = commands;
  if (first === undefined) return refuse("its commands are built in an unknown way");
  const { config } = new (exportOf<new (config: object) => { config: ClientConfig }>(
    exports,
    /^[^_].*Client$/,
    refuse,
  ))({});
  for (const name of ["serviceId", "apiVersion", "defaultSigningName", "httpAuthSchemeProvider"] as const)
    if (config[name] === undefined) return refuse(`its configuration has no ${name}`);
  const { ruleSet } = load(join(code, "endpoint", "ruleset.js"), {}) as { ruleSet?: RuleSet };
  if (ruleSet === undefined) return refuse("it has no endpoint rules");
  const source = readFileSync(main, "utf8");
  const operations = commands.map(({ name, instructions, plugins }) => {
    const asked = { getEndpointParameterInstructions: () => instructions };
    const called = plugins.call({}, asked, {}, config, {}) as readonly PluginCall[];
    const authSchemes = config.httpAuthSchemeProvider({ operation: name, region: "us-east-1" });
    const operation: UnlinkedOperation = {
      endpointParameters: instructions,
      plugins: called.filter(({ plugin }) => !EVERY_CLIENT.test(plugin)),
      authSchemes: authSchemes.map(({ schemeId, signingProperties }) => {
        const scheme = schemeId.slice(schemeId.indexOf("#") + 1);
        return signingProperties?.name === undefined ? [scheme] : [scheme, signingProperties.name];
      }),
    };
    return [name, operation] as const;
  });
  return {
    packageName,
    version,
    serviceShape: first.service,
    config,
    clientPlugins: clientPlugins.filter((plugin) => !EVERY_CLIENT.test(plugin)),
    ruleSet,
    operations: new Map(operations),
    faults: faultsOf(exports),
    exports,
    source,
  };
}
