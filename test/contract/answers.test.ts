/** Owns the promise of one answer a call, of the right form, under every fault that can be injected below the adapter. */
import assert from "node:assert/strict";
import fc from "fast-check";
import { AdapterError } from "../../utils/errors/adapter-error";
import {
  type AdapterClass,
  distJson,
  type LoadedAdapter,
  type Method,
  pronghorn,
  properties,
  quiet,
} from "./loaded-adapter";

type Outcome = () => Promise<unknown>;

// From the sources: what is injected below the adapter must be of its own error class, which the bundle keeps to itself.
const SourceAdapter = require("../../adapter") as AdapterClass;
const table = distJson<{ errors: { key: string; icode: string }[] }>("error.json").errors;
const result = {
  statusCode: 204,
  headers: { a: "b" },
  output: { Answer: 1 },
  metrics: { roundTripMs: 1, attempts: 1, queueMs: 0, credentialSource: "x", roleChain: [] },
};
const success = { icode: "AD.200", status: "success", code: 204, response: { Answer: 1 }, headers: { a: "b" } };
const later = () => new Promise((resolve) => setImmediate(resolve));

/** An adapter whose every call ends as `outcome` does. */
function adapterWith(outcome: Outcome | (() => never)): LoadedAdapter {
  const openRuntime = () => ({
    settings: {
      healthcheck: { type: "none", frequencyMs: 1 },
      request: { failoverStatuses: [], healthcheckOnTimeout: false },
      throttle: { enabled: false },
      warnings: [],
    },
    masker: { maskText: (text: string) => text },
    call: outcome,
    callRaw: outcome,
    federate: outcome,
    close: () => {},
  });
  return new SourceAdapter("aws-1", properties, { ...quiet, openRuntime });
}

const codes = table.map(({ key }) => key) as ConstructorParameters<typeof AdapterError>[0][];
const aws = { service: "ec2", operation: "X", code: "AccessDenied", message: "no", requestId: "r", statusCode: 403 };
const outcomes: Record<string, Outcome | (() => never)> = {
  "an answer": async () => result,
  "an answer, later": async () => {
    await later();
    return result;
  },
  "a rejection": () =>
    Promise.reject(new AdapterError("SERVICE_ERROR", { advice: "Ask." }, { aws, step: "step 1", rawResponse: "<x/>" })),
  "a rejection, later": async () => {
    await later();
    throw new AdapterError("TIMEOUT", { waitedFor: "sts", limitMs: 5 }, { step: "step 1 of 2" });
  },
  "a throw at once": () => {
    throw new Error("at once");
  },
  "a rejection with nothing": () => Promise.reject(undefined),
  "a rejection with text": () => Promise.reject("text"),
  "an answer that is none": async () => undefined,
  "an answer that throws": async () =>
    new Proxy(
      {},
      {
        get: (_, name) => {
          if (name === "then") return undefined;
          throw new Error("no answer at all");
        },
      },
    ),
};

/** Arguments in every number and kind; the callback comes last, wherever that is. */
const someArguments = fc
  .array(fc.oneof(fc.constantFrom(undefined, null, "", "{}", {}, "{broken"), fc.anything({ maxDepth: 1 })), {
    maxLength: 6,
  })
  .map(
    // A function is the callback: only ours is one.
    (given) => given.filter((value) => typeof value !== "function"),
  );

function checkForm(data: unknown, error: unknown): void {
  assert.ok((data === null) !== (error === null), "exactly one of data and error");
  if (error === null) {
    const { metrics, ...others } = data as Record<string, unknown>;
    assert.deepEqual(others, success);
    assert.equal(typeof metrics, "object");
    return;
  }
  const { icode, IAPerror, metrics, ...others } = error as Record<string, Record<string, unknown>>;
  assert.ok(
    table.some((entry) => entry.icode === (icode as unknown)),
    String(icode),
  );
  assert.match(String(IAPerror?.["origin"]), /^aws-1-adapter-\w+$/);
  assert.ok(IAPerror?.["displayString"] && IAPerror["recommendation"]);
  assert.equal(typeof metrics?.["roundTripMs"], "number");
  assert.ok(Object.keys(others).every((name) => name === "aws" || name === "failover"));
  JSON.stringify(error);
}

describe("contract: answers", () => {
  // What the other methods of the platform answer is tried in platform-methods.test.ts.
  const methods = pronghorn()
    .methods.map(({ name }) => name)
    .filter((name) => !/^(?:iap(?!Expanded)|get|is|has)/.test(name));

  it("a callback runs exactly once, whatever the arguments and the fault", async () => {
    const named = fc.constantFrom(...Object.keys(outcomes));
    const method = fc.oneof(
      fc.constantFrom("awsRequest", "awsRequestSTSRole", "genericAdapterRequest", "iapExpandedGenericAdapterRequest"),
      fc.constantFrom(...methods),
    );
    await fc.assert(
      fc.asyncProperty(named, method, someArguments, async (outcome, name, given) => {
        const adapter = adapterWith(outcomes[outcome] as Outcome);
        const calls: unknown[][] = [];
        const returned = (adapter[name] as Method).call(adapter, ...given, (...answer: unknown[]) =>
          calls.push(answer),
        );
        for (let turns = 0; turns < 4; turns += 1) await later();
        assert.equal(returned, undefined);
        assert.equal(calls.length, 1);
        checkForm(calls[0]?.[0], calls[0]?.[1]);
      }),
      { numRuns: 300 },
    );
  });

  it("a callback that throws is not called again, and its fault is not swallowed", async () => {
    const others = process.listeners("uncaughtException");
    process.removeAllListeners("uncaughtException");
    try {
      for (const outcome of Object.values(outcomes)) {
        const uncaught = new Promise((resolve) => process.once("uncaughtException", resolve));
        const adapter = adapterWith(outcome);
        let calls = 0;
        (adapter["ec2DescribeInstances"] as Method).call(adapter, {}, () => {
          calls += 1;
          throw new Error("of the callback");
        });
        assert.equal(((await uncaught) as Error).message, "of the callback");
        await later();
        assert.equal(calls, 1);
      }
    } finally {
      for (const listener of others) process.on("uncaughtException", listener);
    }
  });

  it("without a callback a promise: resolved with data, rejected with an error that has the error's members", async () => {
    for (const [name, outcome] of Object.entries(outcomes)) {
      const adapter = adapterWith(outcome);
      const promise = (adapter["ec2DescribeInstancesSTSRole"] as Method).call(
        adapter,
        {},
        null,
        null,
      ) as Promise<unknown>;
      const [data, error] = await promise.then(
        (value) => [value, null],
        (reason: unknown) => [null, reason],
      );
      if (name.startsWith("an answer") && !/none|throws/.test(name)) checkForm(data, error);
      else {
        assert.ok(error instanceof Error, name);
        assert.equal(
          error.message,
          (error as unknown as { IAPerror: { displayString: string } }).IAPerror.displayString,
        );
        checkForm(data, (error as unknown as { toEnvelope(): unknown }).toEnvelope());
      }
    }
  });

  it("every code of error.json is answered with its icode and its texts", async () => {
    assert.equal(new Set(codes).size, codes.length);
    for (const [at, code] of codes.entries()) {
      const adapter = adapterWith(() => Promise.reject(new AdapterError(code, { reason: "because", advice: "Ask." })));
      const error = await new Promise<{ icode: string }>((resolve) => {
        (adapter["s3ListBuckets"] as Method).call(adapter, (_: unknown, given: { icode: string }) => resolve(given));
      });
      assert.equal(error.icode, table[at]?.icode);
      checkForm(null, error);
    }
  });

  it("an error says what AWS said and which step failed", async () => {
    const adapter = adapterWith(outcomes["a rejection"] as Outcome);
    const error = await new Promise<Record<string, Record<string, unknown>>>((resolve) => {
      (adapter["ec2RunInstances"] as Method).call(adapter, {}, {}, (_: unknown, given: never) => resolve(given));
    });
    const { statusCode, ...said } = aws;
    assert.deepEqual(error["aws"], { ...said, step: "step 1" });
    assert.equal(error["IAPerror"]?.["code"], statusCode);
    assert.equal(error["IAPerror"]?.["raw_response"], "<x/>");
    assert.equal(error["IAPerror"]?.["origin"], "aws-1-adapter-ec2RunInstances");
  });
});
