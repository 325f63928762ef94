/** Owns the listening to commands that a client package builds step by step, as the generator wrote them before it had one function for it. */
import type {
  CapturedClient,
  CapturedOperation,
  ParameterInstructions,
  PluginCall,
  RawSchema,
} from "./captured-client";

type Callable = (...parameters: never[]) => unknown;
type PluginList = (command: object, stack: object, config: object, options: object) => readonly unknown[];

/** One command, as its steps described it. */
export interface BuiltCommand {
  readonly name: string;
  readonly schema: RawSchema;
  readonly instructions: ParameterInstructions;
  readonly plugins: PluginList;
}

/** The rules are asked for every operation alike: that is no plugin of the service. */
const ENDPOINT_PLUGIN = "getEndpointPlugin";

interface CommandClass {
  classBuilder(): object;
}

/**
 * @param command - the `Command` class of the SDK
 * @param onBuilt - told of every command that has a schema, with the class that its own one extends
 * @returns what stands in for the class while the package loads
 */
export function listenToClassBuilder(command: unknown, onBuilt: (base: unknown, built: BuiltCommand) => void): unknown {
  const builderOf = (): object => {
    const real = (command as CommandClass).classBuilder() as Record<string, Callable>;
    let schema: RawSchema | undefined;
    let instructions: ParameterInstructions = {};
    let plugins: PluginList = () => [];
    const steps: Readonly<Record<string, (value: never) => void>> = {
      ep: (value: ParameterInstructions) => {
        instructions = value;
      },
      m: (value: PluginList) => {
        plugins = value;
      },
      sc: (value: RawSchema) => {
        schema = value;
      },
    };
    const build = (): unknown => {
      const base = real["build"]?.();
      const asked = { getEndpointParameterInstructions: () => instructions };
      if (schema !== undefined) {
        const list: PluginList = (_command, ...others) =>
          plugins(asked, ...others).filter((plugin) => (plugin as Partial<PluginCall>).plugin !== ENDPOINT_PLUGIN);
        onBuilt(base, { name: schema[2], schema, instructions, plugins: list });
      }
      return base;
    };
    const builder: Record<string, Callable> = { build };
    for (const step of ["ep", "m", "s", "n", "f", "ser", "de", "sc"]) {
      builder[step] = (...values: never[]) => {
        steps[step]?.(values[0] as never);
        real[step]?.(...values);
        return builder;
      };
    }
    return builder;
  };
  return new Proxy(command as object, {
    get: (target, name, receiver) => (name === "classBuilder" ? builderOf : Reflect.get(target, name, receiver)),
  });
}

/** Takes out of every operation the endpoint parameters that all of them have alike. */
export function splitCommonParameters(operations: readonly CapturedOperation[]): {
  readonly common: CapturedClient["commonEndpointParameters"];
  readonly operations: readonly CapturedOperation[];
} {
  const [first] = operations;
  const text = (value: unknown): string => JSON.stringify(value);
  const isCommon = (name: string, value: unknown): boolean =>
    operations.every(({ endpointParameters }) => text(endpointParameters[name]) === text(value));
  const common = Object.fromEntries(
    Object.entries(first?.endpointParameters ?? {}).filter(([name, value]) => isCommon(name, value)),
  );
  const own = operations.map((operation) => ({
    ...operation,
    endpointParameters: Object.fromEntries(
      Object.entries(operation.endpointParameters).filter(([name]) => !Object.hasOwn(common, name)),
    ),
  }));
  return { common, operations: own };
}
