/** Owns one of the processes that put an adapter under load in a soak: three instances, many roles, callbacks counted. */
import { setTimeout as delay } from "node:timers/promises";
import { adapterClass, type LoadedAdapter, type Method } from "../contract/loaded-adapter";
import { ATTEMPT_TIMEOUT_MS, type FailedCall, roleSession, type WorkerReport, type WorkerTask } from "./messages";
import { seededRandom } from "./random";
import { STORED_SECRET } from "./world";

const task = JSON.parse(process.env["SOAK_TASK"] ?? "{}") as WorkerTask;
const random = seededRandom(task.seed);
const LANES = 5;
/** Whatever a call waits for is over by then, several times over. */
const LOST_AFTER_MS = 90_000;
const HEAP_EVERY_MS = 4000;

interface Instance {
  readonly name: string;
  readonly adapter: LoadedAdapter;
  /** Who a plain call is signed by, or how that begins. */
  readonly plain: string;
}

function properties(user: "adapter" | "pod", cacheKey: string, more: object): Record<string, unknown> {
  const { accessKeyId, secretAccessKey } = task.userKeys[user];
  return {
    ...{ host: "127.0.0.1", port: task.port, protocol: "http", region: "us-east-1" },
    authentication: {
      ...{ auth_method: "aws_authentication", aws_access_key: accessKeyId, aws_secret_key: secretAccessKey },
      aws_sts: { region: "us-east-1", endpoint: `127.0.0.1:${task.port}`, sslEnable: false },
      ...more,
    },
    request: { attempt_timeout: ATTEMPT_TIMEOUT_MS, healthcheck_on_timeout: false },
    healthcheck: { type: "none" },
    credential_cache: { type: "redis", url: task.redisUrl, namespace: "soak", key: cacheKey },
  };
}

/** What the platform logs goes where the search for secrets reads it. */
function openLog(): void {
  const write =
    (level: string) =>
    (...parts: unknown[]): void =>
      void process.stdout.write(`${level} ${parts.map(String).join(" ")}\n`);
  const levels = ["spam", "trace", "debug", "info", "warn", "error"];
  (globalThis as { log?: unknown }).log = Object.fromEntries(levels.map((level) => [level, write(level)]));
}

async function openInstances(): Promise<readonly Instance[]> {
  const { accountId, cacheKeys } = task;
  const open = async (name: string, plain: string, given: Record<string, unknown>): Promise<Instance> => {
    const adapter = new (adapterClass())(name, given);
    await (adapter["connect"] as () => Promise<void>)();
    return { name, adapter, plain };
  };
  const [own, foreign] = cacheKeys;
  const global = { aws_iam_role: `arn:aws:iam::${accountId}:role/adapter` };
  const pod = `arn:aws:iam::${accountId}:user/pod`;
  return [
    await open("soak-global", roleSession(accountId, "adapter", ""), properties("adapter", own, global)),
    await open("soak-pod", pod, properties("pod", own, {})),
    // The same source and roles as the one before, under another key: it must get along alone.
    await open("soak-foreign", pod, properties("pod", foreign, {})),
  ];
}

type Work = readonly [method: string, input: () => object];
const works: readonly Work[] = [
  ["stsGetCallerIdentity", () => ({})],
  ["stsGetCallerIdentity", () => ({})],
  ["ec2DescribeInstances", () => ({})],
  ["s3ListBuckets", () => ({})],
  ["dynamodbListTables", () => ({})],
  ["secretsManagerGetSecretValue", () => ({ SecretId: STORED_SECRET })],
  ["secretsManagerPutSecretValue", () => ({ SecretId: STORED_SECRET, SecretString: task.cacheKeys[0].slice(0, 30) })],
];

const state = { calls: 0, answered: 0, failed: 0, doubles: 0, thrown: 0 };
const wrongAnswers: string[] = [];
const pending = new Map<number, string>();
let running = true;

interface Outcome {
  readonly data: { readonly response?: { readonly Arn?: string } } | null;
  readonly error: {
    readonly icode: string;
    readonly IAPerror: { readonly displayString: string };
    readonly aws?: { readonly code?: string };
  } | null;
}

/** One call by callback, as a workflow makes it. */
function call({ adapter }: Instance, method: string, given: readonly unknown[]): Promise<Outcome> {
  state.calls += 1;
  const id = state.calls;
  pending.set(id, method);
  return new Promise((resolve) => {
    try {
      (adapter[method] as Method).call(adapter, ...given, (data: Outcome["data"], error: Outcome["error"]) => {
        if (!pending.delete(id)) state.doubles += 1;
        resolve({ data, error });
      });
    } catch {
      state.thrown += 1;
      pending.delete(id);
      resolve({ data: null, error: null });
    }
  });
}

async function once(instances: readonly Instance[]): Promise<void> {
  const instance = random.pick(instances);
  const [operation, input] = random.pick(works);
  const isPlain = operation === "stsGetCallerIdentity" && random.next() < 0.15;
  const role = random.pick(task.roles);
  const session = `${instance.name}-${random.between(0, 1)}`;
  const asked = isPlain ? instance.plain : roleSession(task.accountId, role, session);
  const metadata = { addlHeaders: { "x-simulator-note": asked }, auth_logging: random.next() < 0.02 };
  const stsParams = { RoleArn: `arn:aws:iam::${task.accountId}:role/${role}`, RoleSessionName: session };
  const method = isPlain ? operation : `${operation}STSRole`;
  const startMs = Date.now();
  const { data, error } = await call(instance, method, [input(), ...(isPlain ? [] : [stsParams, null]), metadata]);
  if (error !== null) {
    state.failed += 1;
    const failure: FailedCall = {
      ...{ type: "failure", startMs, endMs: Date.now(), call: `${instance.name} ${method}` },
      ...{ code: error.aws?.code ?? error.icode, text: error.IAPerror.displayString.slice(0, 300) },
    };
    process.send?.(failure);
    return;
  }
  state.answered += 1;
  if (operation !== "stsGetCallerIdentity") return;
  const arn = data?.response?.Arn ?? "nobody";
  if (!(asked.endsWith("/") ? arn.startsWith(asked) : arn === asked)) wrongAnswers.push(`${asked} was ${arn}`);
}

async function lane(instances: readonly Instance[]): Promise<void> {
  while (running) {
    await once(instances);
    await delay(random.between(50, 400));
  }
}

/** The adapters' own count of calls, for what the callbacks say. */
async function counted(instances: readonly Instance[]): Promise<number> {
  let count = 0;
  for (const { adapter } of instances) {
    const { response } = (await (adapter["iapGetAdapterMetrics"] as Method)()) as {
      response: { metrics: { name: string; points: { count: number }[] }[] };
    };
    const calls = response.metrics.find(({ name }) => name === "rpc.client.call.duration");
    for (const point of calls?.points ?? []) count += point.count;
  }
  return count;
}

/** @returns the kinds of what keeps the process alive besides the channel to its parent */
async function leftOver(): Promise<readonly string[]> {
  const harmless = new Set(["PipeWrap", "TTYWrap", "FSReqCallback", "FSReqPromise", "Immediate"]);
  let left: string[] = [];
  for (let looks = 0; looks < 100; looks += 1) {
    left = process.getActiveResourcesInfo().filter((kind) => !harmless.has(kind));
    if (left.length === 0) return [];
    await delay(100);
  }
  return left;
}

async function main(): Promise<void> {
  openLog();
  const instances = await openInstances();
  const heap: number[] = [];
  const sample = (): void => {
    (globalThis as { gc?: () => void }).gc?.();
    const { heapUsed, arrayBuffers } = process.memoryUsage();
    heap.push(heapUsed + arrayBuffers);
  };
  const timers = [
    setInterval(sample, HEAP_EVERY_MS),
    setInterval(() => void process.send?.({ type: "progress", calls: state.calls }), 1000),
  ];
  const lanes = Array.from({ length: LANES }, () => lane(instances));
  process.on("disconnect", () => process.exit(1));
  await new Promise<void>((resolve) => process.once("message", () => resolve()));
  running = false;
  const givenUp = new AbortController();
  await Promise.race([Promise.all(lanes), delay(LOST_AFTER_MS, undefined, { signal: givenUp.signal })]);
  givenUp.abort();
  for (const timer of timers) clearInterval(timer);
  sample();
  const count = await counted(instances);
  // Properties without any credentials end what the ones before them opened.
  for (const { adapter } of instances) (adapter["refreshProperties"] as Method).call(adapter, { region: "us-east-1" });
  const report: WorkerReport = {
    ...{ type: "report", ...state, lost: pending.size, wrongAnswers, heap, counted: count },
    leftOver: await leftOver(),
  };
  process.send?.(report, undefined, undefined, () => process.exit(0));
}

void main();
