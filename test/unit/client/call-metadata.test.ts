/** Owns the trial of what iapMetadata adds to a call, and of what it may not; and of what the log of a call gets. */
import assert from "node:assert/strict";
import type { AuthLog, CallLogContext, LoggedResponse } from "../../../utils/logging/auth-log";
import { answers, fixture } from "./client-fixture";
import { refused, sent } from "./one-call";

describe("metadata of a call", () => {
  const rule = { SecurityGroupRuleIds: ["a"] };

  it("adds headers, query and fields before the signature", async () => {
    const { request, body } = await sent(
      "ec2",
      "DescribeSecurityGroupRules",
      rule,
      { body: "<DescribeSecurityGroupRulesResponse/>" },
      {
        addlHeaders: { "X-Trace": "1" },
        uriQuery: { debug: "yes", tag: ["a", "b"] },
        payload: { Future: "a b", MaxResults: 5, DryRun: true },
      },
    );
    assert.equal(request.headers["x-trace"], "1");
    assert.match(request.headers["authorization"] ?? "", /SignedHeaders=[^,]*;x-trace/);
    assert.deepEqual(request.query, { debug: "yes", tag: ["a", "b"] });
    assert.equal(
      body,
      "Action=DescribeSecurityGroupRules&Version=2016-11-15&SecurityGroupRuleId.1=a&Future=a%20b&MaxResults=5&DryRun=true",
    );
    assert.equal(request.headers["content-length"], String(body?.length));
  });

  it("puts a payload into a JSON body and replaces what is there", async () => {
    const { body } = await sent(
      "dynamodb",
      "ListTables",
      { Limit: 5 },
      { body: "{}" },
      { payload: { Limit: 7, Future: { a: [1] } } },
    );
    assert.deepEqual(JSON.parse(body ?? ""), { Limit: 7, Future: { a: [1] } });
  });

  it("refuses values that would be sent as something else", async () => {
    const circle: Record<string, unknown> = {};
    circle["self"] = circle;
    for (const payload of [circle, { a: 1n }]) {
      const error = await refused("dynamodb", "ListTables", {}, { payload });
      assert.deepEqual([error.code, error.detail["parameter"]], ["INVALID_INPUT", "iapMetadata.payload"]);
    }
    for (const wrong of [{ a: 1 }, [{ a: 1 }], Symbol("a")]) {
      const uriQuery = { state: wrong } as unknown as Record<string, string>;
      const error = await refused("ec2", "DescribeInstances", {}, { uriQuery });
      assert.deepEqual([error.code, error.detail["parameter"]], ["INVALID_INPUT", "iapMetadata.uriQuery.state"]);
    }
  });

  it("refuses a payload where no body can take it", async () => {
    assert.match((await refused("s3", "ListBuckets", {}, { payload: { a: 1 } })).message, /iapMetadata\.payload/);
    const input = { HostedZoneId: "Z", ChangeBatch: { Changes: [] } };
    assert.match(
      (await refused("route-53", "ChangeResourceRecordSets", input, { payload: { a: 1 } })).message,
      /iapMetadata\.payload/,
    );
  });

  for (const name of [
    "Authorization",
    "host",
    "X-Amz-Date",
    "x-amz-security-token",
    "Content-Length",
    "x-amz-content-sha256",
  ]) {
    it(`refuses the header ${name}: the signature is made of it`, async () => {
      const error = await refused("ec2", "DescribeVpcs", {}, { addlHeaders: { [name]: "x" } });
      assert.equal(error.code, "INVALID_INPUT");
      assert.equal(error.detail["parameter"], `iapMetadata.addlHeaders.${name}`);
    });
  }

  it("refuses a header that would break the request", async () => {
    for (const headers of [{ "x-a": "b\r\nx-injected: 1" }, { "x a": "b" }, { "x-a": { b: 1 } as unknown as string }]) {
      assert.equal((await refused("ec2", "DescribeVpcs", {}, { addlHeaders: headers })).code, "INVALID_INPUT");
    }
  });

  it("adds what the service instance adds to every call, the call's own last", async () => {
    const request = {
      globalHeaders: { "x-a": "all", "x-b": "all" },
      globalQuery: { q: "all" },
      globalPayload: { P: "all" },
    };
    const f = fixture(answers({ body: "<DescribeVpcsResponse/>" }), { request });
    await f.client.send("ec2", "DescribeVpcs", {}, f.options({ metadata: { addlHeaders: { "X-A": "one" } } }));
    const [first] = f.handler.requests;
    assert.deepEqual([first?.headers["x-a"], first?.headers["x-b"], first?.query], ["one", "all", { q: "all" }]);
    assert.match(String(first?.body), /&P=all$/);
  });
});

describe("the log of a call", () => {
  it("gets every attempt, what was signed and what is sensitive", async () => {
    const entries: unknown[] = [];
    let context: CallLogContext | undefined;
    const authLog = {
      compare: () => undefined,
      forCall: (call: CallLogContext) => {
        context = call;
        return {
          active: true,
          request: (
            attempt: number,
            request: { headers: object },
            signing?: { stringToSign: string },
            sensitive?: ReadonlySet<string>,
          ) =>
            entries.push([
              "request",
              attempt,
              "authorization" in request.headers,
              signing?.stringToSign.split("\n")[0],
              sensitive,
            ]),
          response: (attempt: number, { statusCode, body }: LoggedResponse) =>
            entries.push(["response", attempt, statusCode, String(body)]),
        };
      },
    } as unknown as AuthLog;
    const f = fixture(answers({ statusCode: 500, body: "{}" }, { body: '{"SecretString":"s"}' }), { authLog });
    await f.client.send(
      "secrets-manager",
      "GetSecretValue",
      { SecretId: "s" },
      f.options({ callId: "c-7", metadata: { auth_logging: true } }),
    );
    assert.equal(context?.callId, "c-7");
    assert.equal(context?.forced, true);
    const sensitive = new Set(["SecretBinary", "SecretString"]);
    assert.deepEqual(entries, [
      ["request", 1, true, "AWS4-HMAC-SHA256", sensitive],
      ["response", 1, 500, "{}"],
      ["request", 2, true, "AWS4-HMAC-SHA256", sensitive],
      ["response", 2, 200, '{"SecretString":"s"}'],
    ]);
  });
});
