/** Owns the proof that one client speaks to many services: reads and writes of each, taken by moto. */
import { strict as assert } from "node:assert";
import { judgeByMoto } from "./judge";
import { accountCases } from "./moto-account-cases";
import { networkCases } from "./moto-network-cases";
import type { Step } from "./moto-step";
import { workloadCases } from "./moto-workload-cases";
import { bringOnline, type LoadedAdapter, serviceInstance } from "./platform";

/** In this order: a function wants the role of its account, a trail the bucket of another service. */
const breadthCases = { ...accountCases, ...workloadCases, ...networkCases };

/** Values that earlier answers gave, by the names that later parameters use. */
type Memory = Map<string, unknown>;

/** `$name` stands for what an earlier answer gave. */
function filled(value: unknown, memory: Memory): unknown {
  if (typeof value === "string" && /^\$\w+$/.test(value)) {
    const found = memory.get(value.slice(1));
    if (found === undefined) throw new Error(`nothing is remembered as ${value}`);
    return found;
  }
  if (Array.isArray(value)) return value.map((item) => filled(item, memory));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, filled(member, memory)]));
}

/** `Vpc.VpcId`, `Functions.0.FunctionName` */
function select(output: unknown, path: string): unknown {
  let found = output;
  for (const name of path.split(".")) found = (found as Record<string, unknown> | undefined)?.[name];
  return found;
}

describe("interop: many services, judged by moto", () => {
  const moto = judgeByMoto();
  let adapter: LoadedAdapter;
  let calls = 0;
  before(async () => {
    const { port, url, world } = moto();
    // Signatures are judged elsewhere: with enforcement moto refuses botocore's own calls to several of these.
    await moto().setEnforcement("off");
    const keys = { port, stsEndpoint: url, ...world.users.operator };
    adapter = await bringOnline("breadth", serviceInstance("keys", keys));
  });

  /** What moto answered, in an answer that was refused for one time in it. */
  const refusedAnswer = async (...parameters: unknown[]): Promise<unknown> => {
    const { icode, IAPerror } = await adapter.refusal("awsRequest", ...parameters);
    assert.deepEqual([icode, IAPerror.code], ["AD.312", 200], IAPerror.displayString);
    return JSON.parse(String(IAPerror.raw_response));
  };

  const run = async (service: string, step: Step, memory: Memory): Promise<void> => {
    const [operation, params = {}, expect = {}, flaw] = step;
    const parameters = [service, operation, filled(params, memory)];
    const output = await (flaw === undefined
      ? adapter.answer("awsRequest", ...parameters)
      : refusedAnswer(...parameters));
    calls++;
    for (const [path, name] of Object.entries(expect)) {
      const found = select(output, path);
      assert.notEqual(found, undefined, `${operation} answered no ${path}: ${JSON.stringify(output).slice(0, 300)}`);
      if (/^\$\w+$/.test(String(name))) memory.set(String(name).slice(1), found);
      else assert.deepEqual(found, name, `${operation} ${path}`);
    }
  };

  for (const [service, steps] of Object.entries(breadthCases)) {
    it(`${service}: ${steps.length} calls`, async () => {
      const memory: Memory = new Map();
      for (const step of steps) await run(service, step, memory);
    });
  }

  it("were at least 150 calls over at least 25 services", () => {
    const services = Object.keys(breadthCases).length;
    assert.ok(calls >= 150 && services >= 25, `${calls} calls over ${services} services`);
  });
});
