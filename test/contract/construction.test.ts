/** Owns what a platform may rely on when it constructs and connects the adapter, with any properties at all. */
import assert from "node:assert/strict";
import { inspect } from "node:util";
import fc from "fast-check";
import { adapterClass, keys, type LoadedAdapter, type Method, properties, quiet } from "./loaded-adapter";

interface Fault {
  readonly icode: string;
  readonly IAPerror: { readonly origin: string; readonly displayString: string; readonly recommendation: string };
}

const construct = (given: unknown, id: unknown = "aws-1", overrides: object = {}) =>
  new (adapterClass())(id, given, { ...quiet, ...overrides });

const connect = async (adapter: LoadedAdapter): Promise<string[]> => {
  const events: string[] = [];
  for (const event of ["ONLINE", "OFFLINE", "DEGRADED", "FIXED"]) {
    adapter.on(event, (about: unknown) => {
      assert.deepEqual(about, { id: adapter["id"] });
      events.push(event);
    });
  }
  await (adapter["connect"] as Method).call(adapter);
  return events;
};

const callBack = (adapter: LoadedAdapter, method: string, ...given: unknown[]) =>
  new Promise<[data: unknown, error: Fault | null]>((resolve) => {
    (adapter[method] as Method).call(adapter, ...given, (data: unknown, error: Fault | null) => resolve([data, error]));
  });

describe("contract: construction", () => {
  it("has the fields that platforms read", () => {
    const adapter = construct(properties);
    const { id, allProps, healthcheckType, alive, healthy } = adapter;
    assert.deepEqual([id, allProps, healthcheckType, alive, healthy], ["aws-1", properties, "none", false, false]);
  });

  it("never prints its properties with itself", () => {
    const printed =
      inspect(construct(properties), { depth: 10, showHidden: true }) + JSON.stringify(construct(properties));
    assert.ok(!printed.includes(keys.aws_secret_key));
  });

  it("never throws, whatever id and properties are", () => {
    const throwing = Object.defineProperty({}, "authentication", {
      enumerable: true,
      get: () => {
        throw new Error("a getter");
      },
    });
    const cyclic: Record<string, unknown> = { ...properties };
    cyclic["authentication"] = cyclic;
    for (const given of [
      undefined,
      null,
      0,
      "",
      "text",
      [],
      {},
      () => {},
      Symbol("s"),
      1n,
      throwing,
      cyclic,
      new Map(),
    ]) {
      for (const id of ["id", undefined, null, {}, Object.create(null), Symbol("s")]) construct(given, id);
    }
    fc.assert(fc.property(fc.anything({ withNullPrototype: true, maxDepth: 4 }), (given) => void construct(given)));
  });

  it("never throws over any one property of any kind", () => {
    const paths = ["host", "port", "region", "protocol", "healthcheck", "throttle", "request", "proxy", "ssl"];
    const inAuthentication = ["aws_access_key", "aws_secret_key", "aws_iam_role", "aws_sts", "aws_web_identity"];
    fc.assert(
      fc.property(fc.constantFrom(...paths), fc.anything(), (path, value) => {
        construct({ ...properties, [path]: value });
      }),
    );
    fc.assert(
      fc.property(fc.constantFrom(...inAuthentication), fc.anything(), (path, value) => {
        construct({ ...properties, authentication: { ...properties.authentication, [path]: value } });
      }),
    );
  });

  it("type none: OFFLINE, then ONLINE", async () => {
    const adapter = construct(properties);
    assert.deepEqual(await connect(adapter), ["OFFLINE", "ONLINE"]);
    assert.deepEqual([adapter["alive"], adapter["healthy"]], [true, true]);
  });

  const wrong: [name: string, given: unknown, named: RegExp][] = [
    [
      "half a key pair",
      { ...properties, authentication: { auth_method: "aws_authentication", aws_access_key: "AKIAIOSFODNN7EXAMPLE" } },
      /aws_secret_key/,
    ],
    [
      "a malformed role",
      { ...properties, authentication: { ...properties.authentication, aws_iam_role: "arn:aws:role" } },
      /aws_iam_role/,
    ],
    ["a port that is none", { ...properties, host: "h", port: 123_456 }, /port/],
    ["no properties", undefined, /properties/],
  ];
  for (const [name, given, named] of wrong) {
    it(`${name}: OFFLINE, and every call answers it once`, async () => {
      const errors: string[] = [];
      const logger = { ...quiet.logger, error: (message: string) => errors.push(message), isEnabled: () => true };
      const adapter = construct(given, "aws-1", { logger });
      assert.deepEqual(await connect(adapter), ["OFFLINE"]);
      assert.match(errors.join("\n"), named);
      assert.equal(adapter["healthy"], false);
      const [data, error] = await callBack(adapter, "ec2DescribeInstances", {});
      assert.equal(data, null);
      assert.equal(error?.icode, "AD.305");
      assert.equal(error?.IAPerror.origin, "aws-1-adapter-ec2DescribeInstances");
      assert.match(error?.IAPerror.displayString ?? "", named);
      const healthy = await new Promise((resolve) => (adapter["healthCheck"] as Method).call(adapter, null, resolve));
      assert.equal(healthy, false);
    });
  }

  it("refreshProperties puts right what was wrong, and wrong what was right", async () => {
    const adapter = construct({ ...properties, port: -1 });
    await connect(adapter);
    (adapter["refreshProperties"] as Method).call(adapter, properties);
    const events: string[] = [];
    for (const event of ["OFFLINE", "DEGRADED"]) adapter.on(event, () => events.push(event));
    await new Promise((resolve) => setImmediate(resolve));
    assert.equal(adapter["healthy"], true);
    assert.deepEqual(adapter["allProps"], properties);
    (adapter["refreshProperties"] as Method).call(adapter, { ...properties, port: -1 });
    await new Promise((resolve) => setImmediate(resolve));
    assert.deepEqual([adapter["healthy"], events], [false, ["OFFLINE", "DEGRADED"]]);
  });
});
