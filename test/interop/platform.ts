/** Owns the loading of the built product the way a platform does it: pronghorn.json names the source and the class. */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";

const distFolder = join(__dirname, "..", "..", "dist");

/** What a callback of the adapter brings. */
export interface Answer {
  readonly icode: string;
  readonly response?: Record<string, unknown>;
  readonly metrics?: {
    readonly attempts: number;
    readonly credentialSource: string;
    readonly roleChain: readonly string[];
  };
}

/** The error of a callback, as the platform shows it. */
export interface Refusal {
  readonly icode: string;
  readonly IAPerror: {
    readonly displayString: string;
    readonly recommendation: string;
    readonly code?: string | number;
    readonly raw_response?: unknown;
  };
  readonly aws?: {
    readonly service?: string;
    readonly operation?: string;
    readonly code?: string;
    readonly step?: string;
  };
}

type Callback = (data: Answer | null, error: Refusal | null) => void;
type Method = (...parameters: unknown[]) => unknown;

/** The entries that the adapter wrote, whatever their level. */
export class CapturedLog {
  readonly entries: string[] = [];
  readonly platformLog: Readonly<Record<string, (...parts: unknown[]) => void>>;

  constructor() {
    const keep = (...parts: unknown[]) => void this.entries.push(parts.map(String).join(" "));
    this.platformLog = Object.fromEntries(
      ["spam", "trace", "debug", "info", "warn", "error"].map((level) => [level, keep]),
    );
  }
}

/** One service instance, online. */
export class LoadedAdapter {
  constructor(
    private readonly adapter: NodeJS.EventEmitter & Record<string, unknown>,
    readonly log: CapturedLog,
  ) {}

  /** Calls a method with a callback appended, as a workflow's task does; fails when the callback runs twice. */
  call(method: string, ...parameters: unknown[]): Promise<{ data: Answer | null; error: Refusal | null }> {
    const run = this.adapter[method] as Method | undefined;
    if (run === undefined) throw new Error(`the adapter has no method ${method}`);
    return new Promise((resolve, reject) => {
      let calls = 0;
      const callback: Callback = (data, error) => {
        calls += 1;
        if (calls > 1) reject(new Error(`the callback of ${method} ran ${calls} times`));
        setImmediate(() => resolve({ data, error }));
      };
      run.call(this.adapter, ...parameters, callback);
    });
  }

  /** The response of a call that must succeed. */
  async answer(method: string, ...parameters: unknown[]): Promise<Record<string, unknown>> {
    const { data, error } = await this.call(method, ...parameters);
    if (data === null) throw new Error(`${method}: ${JSON.stringify(error)}`);
    return data.response ?? {};
  }

  /** The error of a call that must be refused. */
  async refusal(method: string, ...parameters: unknown[]): Promise<Refusal> {
    const { data, error } = await this.call(method, ...parameters);
    if (error === null) throw new Error(`${method} was expected to be refused: ${JSON.stringify(data)}`);
    return error;
  }
}

function adapterClass(): new (id: string, properties: unknown) => NodeJS.EventEmitter & Record<string, unknown> {
  const description = join(distFolder, "pronghorn.json");
  if (!existsSync(description)) throw new Error("dist/ is not built: npm run build");
  const pronghorn = JSON.parse(readFileSync(description, "utf8")) as { src: string; export: string };
  const loaded: unknown = require(join(distFolder, pronghorn.src));
  if (typeof loaded !== "function" || loaded.name !== pronghorn.export) {
    throw new Error(`${pronghorn.src} does not export the class ${pronghorn.export}`);
  }
  return loaded as ReturnType<typeof adapterClass>;
}

/**
 * Reads a service instance and fills its `${placeholders}` in.
 * @param name - a file of service-instances/, without `.json`
 */
export function serviceInstance(
  name: string,
  values: Readonly<Record<string, string | number>>,
): Record<string, unknown> {
  const text = readFileSync(join(__dirname, "service-instances", `${name}.json`), "utf8");
  const filled = text.replace(/"\$\{(\w+)\}"/g, (_, key: string) => {
    if (values[key] === undefined) throw new Error(`service instance ${name} needs ${key}`);
    return JSON.stringify(values[key]);
  });
  return (JSON.parse(filled) as { properties: { properties: Record<string, unknown> } }).properties.properties;
}

/**
 * Constructs the adapter, connects it and waits for ONLINE.
 * @param environment - variables that are set while the adapter is constructed and connected
 */
export async function bringOnline(
  id: string,
  properties: Record<string, unknown>,
  environment: Readonly<Record<string, string>> = {},
): Promise<LoadedAdapter> {
  const log = new CapturedLog();
  const before = { ...process.env };
  const platform = globalThis as { log?: unknown };
  const logBefore = platform.log;
  for (const name of Object.keys(process.env)) if (name.startsWith("AWS_")) delete process.env[name];
  Object.assign(process.env, { AWS_EC2_METADATA_DISABLED: "true" }, environment);
  platform.log = log.platformLog;
  try {
    const adapter = new (adapterClass())(id, properties);
    const online = new Promise<void>((resolve, reject) => {
      const limit = setTimeout(() => reject(new Error(`${id} is not ONLINE: ${log.entries.join("\n")}`)), 10_000);
      adapter.once("ONLINE", () => {
        clearTimeout(limit);
        resolve();
      });
    });
    await Promise.resolve((adapter["connect"] as Method)());
    await online;
    return new LoadedAdapter(adapter, log);
  } finally {
    for (const name of Object.keys(process.env)) if (!(name in before)) delete process.env[name];
    Object.assign(process.env, before);
    platform.log = logBefore;
  }
}
