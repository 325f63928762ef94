/** Owns the loading of a client package with listeners on what it builds: rules, commands, paginators, plugins. */
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join, resolve } from "node:path";
import { compileFunction } from "node:vm";
import { listenToClassBuilder, splitCommonParameters } from "./capture-class-builder";
import type {
  CapturedClient,
  CapturedOperation,
  CapturedPaginator,
  ParameterInstructions,
  PluginCall,
  RawSchema,
} from "./captured-client";
import { ExtractionError } from "./extraction-error";

type Callable = (...parameters: never[]) => unknown;
type Exports = Record<string, unknown>;
type PluginList = (command: object, stack: object, config: object, options: object) => readonly unknown[];

interface Built {
  rules?: Omit<CapturedClient["rules"], "parameters">;
  parameters?: readonly string[];
  common?: ParameterInstructions;
  readonly operations: Map<
    unknown,
    { name: string; schema: RawSchema; added: ParameterInstructions; plugins: PluginList }
  >;
  readonly paginators: [command: object, inputToken: string, outputToken: string, pageSize?: string][];
  readonly pluginCalls: PluginCall[];
}

interface ClientConfig {
  readonly serviceId: string;
  readonly apiVersion: string;
  readonly defaultSigningName?: string;
  readonly signingEscapePath?: boolean;
  readonly protocol: object | Callable;
  readonly protocolSettings: Record<string, unknown> & {
    readonly errorTypeRegistries?: readonly { readonly schemas: ReadonlyMap<string, RawSchema> }[];
  };
  readonly httpAuthSchemeProvider: (
    parameters: object,
  ) => readonly { schemeId: string; signingProperties?: { name?: string } }[];
}

/** What every client has, and the product does in its own way. */
const EVERY_CLIENT =
  /^get(SchemaSerde|UserAgent|Retry|ContentLength|HostHeader|Logger|RecursionDetection|HttpAuthSchemeEndpointRuleSet|HttpSigning)Plugin$/;

/** Wraps those functions of a dependency that a client builds itself with. */
function listen(exports: unknown, built: Built): unknown {
  if (typeof exports !== "object" || exports === null) return exports;
  const original = exports as Exports;
  const replaced: Exports = { ...original };
  const call = (name: string, parameters: unknown[]): unknown =>
    (original[name] as Callable)(...(parameters as never[]));
  if ("BinaryDecisionDiagram" in original) {
    replaced["BinaryDecisionDiagram"] = {
      from: (nodes: Int32Array, root: number, conditions: unknown[], results: unknown[]) => {
        built.rules = { nodes: [...nodes], root, conditions, results };
        return {};
      },
    };
    replaced["EndpointCache"] = class {
      constructor(options: { params: readonly string[] }) {
        built.parameters = options.params;
      }

      /** Auth providers that ask the rules first get no answer, and so tell their default. */
      get(): object {
        return { url: new URL("https://unresolved.invalid"), properties: {}, headers: {} };
      }
    };
  }
  if ("createPaginator" in original) {
    replaced["createPaginator"] = (client: unknown, command: object, ...tokens: [string, string, string?]) => {
      built.paginators.push([command, ...tokens]);
      return call("createPaginator", [client, command, ...tokens]);
    };
  }
  if ("makeBuilder" in original) {
    replaced["makeBuilder"] = (common: ParameterInstructions, ...others: unknown[]) => {
      built.common = common;
      const makeCommand = call("makeBuilder", [common, ...others]) as (...parameters: unknown[]) => unknown;
      return (
        added: ParameterInstructions,
        plugins: PluginList,
        name: string,
        schema: RawSchema,
        context?: unknown,
      ) => {
        const base = makeCommand(added, plugins, name, schema, context);
        built.operations.set(base, { name, schema, added, plugins });
        return base;
      };
    };
  }
  if ("Command" in original) {
    replaced["Command"] = listenToClassBuilder(original["Command"], (base, { instructions, ...command }) => {
      built.operations.set(base, { ...command, added: instructions });
    });
  }
  // What the package thinks of the Node version matters to nobody who only looks at it.
  if ("emitWarningIfUnsupportedVersion" in original) replaced["emitWarningIfUnsupportedVersion"] = () => {};
  for (const plugin of Object.keys(original)) {
    if (!/^get\w+Plugin$/.test(plugin)) continue;
    replaced[plugin] = (_config: unknown, options: unknown) => {
      const recorded: PluginCall = { plugin, options };
      built.pluginCalls.push(recorded);
      return { ...recorded, applyToStack: () => {} };
    };
  }
  return replaced;
}

function load(file: string, built: Built, loaded = new Map<string, { exports: Exports }>()): Exports {
  const known = loaded.get(file);
  if (known !== undefined) return known.exports;
  const module = { exports: {} as Exports };
  loaded.set(file, module);
  const require = createRequire(file);
  const listening = (name: string): unknown => {
    const target = name.startsWith(".") ? require.resolve(name) : undefined;
    return target?.endsWith(".js") ? load(target, built, loaded) : listen(require(name), built);
  };
  const parameters = ["exports", "require", "module", "__filename", "__dirname"];
  const run = compileFunction(readFileSync(file, "utf8"), parameters, { filename: file }) as Callable;
  run(...([module.exports, listening, module, file, dirname(file)] as never[]));
  return module.exports;
}

function findClient(exports: Exports, packageName: string): new (config: object) => { config: ClientConfig } {
  for (const [name, value] of Object.entries(exports)) {
    if (/^[^_].*Client$/.test(name) && typeof value === "function") {
      return value as new (
        config: object,
      ) => { config: ClientConfig };
    }
  }
  throw new ExtractionError(packageName, "it exports no client");
}

const baseOf = (command: object): unknown => Object.getPrototypeOf(command);

/**
 * @param folder - an installed `@aws-sdk/client-…` package
 * @returns what it built
 * @throws ExtractionError when it is built in an unknown way
 */
export function captureClient(folder: string): CapturedClient {
  const manifest = JSON.parse(readFileSync(join(folder, "package.json"), "utf8")) as {
    name: string;
    version: string;
    main: string;
  };
  const built: Built = { operations: new Map(), paginators: [], pluginCalls: [] };
  const exports = load(resolve(folder, manifest.main), built);
  const Client = findClient(exports, manifest.name);
  built.pluginCalls.length = 0;
  const { config } = new Client({
    region: "us-east-1",
    credentials: { accessKeyId: "unused", secretAccessKey: "unused" },
  });
  const clientPlugins = built.pluginCalls.map(({ plugin }) => plugin).filter((plugin) => !EVERY_CLIENT.test(plugin));
  const { rules, parameters } = built;
  if (rules === undefined || parameters === undefined)
    throw new ExtractionError(
      manifest.name,
      "it is older than schemas; take it off utils/catalog/package.json and run: entities add",
    );
  if (built.operations.size === 0) throw new ExtractionError(manifest.name, "it has no schema-based commands");
  if (config.protocol === undefined || config.protocolSettings === undefined)
    throw new ExtractionError(manifest.name, "it names no protocol");

  const captured = [...built.operations.values()].map(
    ({ name, schema, added, plugins }): CapturedOperation => ({
      name,
      schema,
      endpointParameters: added,
      plugins: plugins({}, {}, config, {}).filter(
        (plugin): plugin is PluginCall => (plugin as Partial<PluginCall>).plugin !== undefined,
      ),
      authSchemes: config
        .httpAuthSchemeProvider({ operation: name, region: "us-east-1" })
        .map(({ schemeId, signingProperties }) => {
          const scheme = schemeId.slice(schemeId.indexOf("#") + 1);
          return signingProperties?.name === undefined ? [scheme] : [scheme, signingProperties.name];
        }),
    }),
  );
  const { common, operations } =
    built.common === undefined ? splitCommonParameters(captured) : { common: built.common, operations: captured };
  const paginators = new Map<string, CapturedPaginator>();
  for (const [command, inputToken, outputToken, pageSize] of built.paginators) {
    const operation = built.operations.get(baseOf(command));
    if (operation === undefined) throw new ExtractionError(manifest.name, "a paginator belongs to no command");
    paginators.set(operation.name, { inputToken, outputToken, ...(pageSize ? { pageSize } : {}) });
  }
  const { errorTypeRegistries = [], ...protocolSettings } = config.protocolSettings;
  const protocolClass = typeof config.protocol === "function" ? config.protocol : config.protocol.constructor;
  return {
    packageName: manifest.name,
    version: manifest.version,
    folder,
    sdkId: config.serviceId,
    signingName: config.defaultSigningName ?? "",
    signingEscapePath: config.signingEscapePath !== false,
    apiVersion: config.apiVersion,
    protocol: protocolClass.name,
    protocolSettings,
    errorSchemas: errorTypeRegistries.flatMap(({ schemas }) => [...schemas.values()]),
    clientPlugins,
    commonEndpointParameters: common,
    rules: { ...rules, parameters },
    operations,
    paginators,
    exports,
  };
}
