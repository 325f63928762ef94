/** Owns the cases of requests that no operation describes: where they go, what is signed, how answers are read. */
import assert from "node:assert/strict";
import { wireForm } from "../../../utils/client/raw-request";
import { readPlainXml } from "../../../utils/client/read-plain-xml";
import type { AdapterError } from "../../../utils/errors/adapter-error";
import type { AuthLog } from "../../../utils/logging/auth-log";
import { Masker } from "../../../utils/logging/masker";
import type { RawRequest } from "../../../utils/types/call";
import { MASK } from "../../../utils/types/secret";
import { answers, fixture } from "./client-fixture";

const raw = (over: Partial<RawRequest> = {}): RawRequest => ({
  ...{ method: "GET", path: "/", basePath: "prepend", service: "s3" },
  ...over,
});

describe("raw request", () => {
  it("goes to the endpoint of service and region, signed for both; the path as it is", async () => {
    const { client, handler, options } = fixture(answers({ body: "" }));
    await client.sendRaw(raw({ path: "/b//k/?x=1&y" }), options());
    const [request] = handler.requests;
    assert.equal(`${request?.hostname}${request?.path}`, "s3.eu-west-1.amazonaws.com/b//k/");
    assert.deepEqual(request?.query, { x: "1", y: null });
    assert.match(String(request?.headers["authorization"]), /\/eu-west-1\/s3\/aws4_request/);
  });

  it("goes to a host of its own under the service that is named, never under what the host looks like", async () => {
    const { client, handler, options } = fixture(answers({ body: "" }), {
      endpoint: { host: "s3.us-west-2.amazonaws.com", basePath: "/gate", protocol: "http" },
    });
    await client.sendRaw(raw({ service: "execute-api", path: "/x" }), options());
    await client.sendRaw(raw({ service: "execute-api", path: "/x", basePath: "omit" }), options());
    const [first, second] = handler.requests;
    assert.deepEqual([first?.path, second?.path], ["/gate/x", "/x"]);
    assert.match(String(first?.headers["authorization"]), /\/eu-west-1\/execute-api\//);
  });

  it("is refused without a service, a host or a region", async () => {
    const { client, options } = fixture(answers({}));
    await assert.rejects(client.sendRaw(raw({ service: "" }), options()), { code: "INVALID_INPUT" });
    await assert.rejects(client.sendRaw(raw({ service: "execute-api" }), options()), {
      code: "ENDPOINT_UNRESOLVED",
    });
  });

  it("is known to the log by a path without secrets, and refused with a request id without one", async () => {
    const secret = "a+secret/of-the-Instance1";
    const masker = new Masker();
    masker.addSecret(secret);
    const named: string[] = [];
    const silent = { active: false, request: () => {}, response: () => {}, signature: () => {} };
    const forCall: AuthLog["forCall"] = ({ operation }) => {
      named.push(operation);
      return silent;
    };
    const authLog = { forCall, compare: () => undefined } as unknown as AuthLog;
    const body = "<Error><Code>NoSuchKey</Code><Message>gone</Message></Error>";
    const refusal = { statusCode: 404, headers: { "x-amzn-requestid": secret, "content-type": "text/xml" }, body };
    const { client, handler, options } = fixture(answers(refusal), { masker, authLog });
    const path = `/tokens/${encodeURIComponent(secret)}/use`;
    const error = await client.sendRaw(raw({ path }), options()).catch((thrown: unknown) => thrown);
    assert.equal(handler.requests[0]?.path, path);
    assert.deepEqual(named, [`GET /tokens/${MASK}/use`]);
    assert.equal((error as AdapterError).aws?.requestId, MASK);
  });

  it("reads JSON, XML, text and bytes", async () => {
    const body = async (type: string, content: string | Buffer) => {
      const { client, options } = fixture(answers({ headers: { "content-type": type }, body: content }));
      return (await client.sendRaw(raw(), options())).output;
    };
    assert.deepEqual(await body("application/x-amz-json-1.0", '{"n":12345678901234567890}'), {
      n: "12345678901234567890",
    });
    assert.deepEqual(await body("text/xml;charset=UTF-8", "<A><B>1</B><B>2</B><C/></A>"), {
      A: { B: ["1", "2"], C: "" },
    });
    assert.equal(await body("text/plain", "as it is"), "as it is");
    assert.deepEqual(await body("image/png", Buffer.from([0xff, 0xfe])), { base64: "//4=" });
    await assert.rejects(body("application/json", "<html>"), { code: "RESPONSE_UNREADABLE" });
  });

  it("says what AWS said, in whatever form", async () => {
    const forms: [Record<string, string>, string][] = [
      [{}, "<Error><Code>NoSuchKey</Code><Message>gone</Message></Error>"],
      [{ "content-type": "application/x-amz-json-1.1" }, '{"__type":"com.amazon#NoSuchKey","message":"gone"}'],
      [{ "x-amzn-errortype": "NoSuchKey:http://x" }, '{"message":"gone"}'],
    ];
    for (const [headers, body] of forms) {
      const { client, options } = fixture(answers({ statusCode: 404, headers, body }));
      await assert.rejects(client.sendRaw(raw(), options()), (error: { aws?: { code: string; message: string } }) => {
        assert.deepEqual([error.aws?.code, error.aws?.message], ["NoSuchKey", "gone"]);
        return true;
      });
    }
    const { client, options } = fixture(answers({ statusCode: 502, body: "<html>bad gateway</html>" }));
    await assert.rejects(client.sendRaw(raw({ method: "POST" }), options()), { code: "RESPONSE_UNREADABLE" });
  });

  it("repeats a GET, and a POST only when nothing can have been processed", async () => {
    for (const [method, requests] of [
      ["GET", 4],
      ["POST", 1],
    ] as const) {
      const { client, handler, options } = fixture(answers({ statusCode: 503, body: "<Error><Code>X</Code></Error>" }));
      await assert.rejects(client.sendRaw(raw({ method }), options()));
      assert.equal(handler.requests.length, requests, method);
    }
  });

  it("follows redirects to AWS and to the same host only, signed anew, as many as are allowed", async () => {
    const to = (location: string, statusCode = 307) => ({ statusCode, headers: { location }, body: "" });
    const aws = "https://b.s3.us-west-2.amazonaws.com/k?x=1";
    const followed = fixture(answers(to(aws), { body: "there" }), { request: { maxRedirects: 1 } });
    assert.equal((await followed.client.sendRaw(raw(), followed.options())).output, "there");
    const [first, second] = followed.handler.requests;
    assert.deepEqual(
      [second?.hostname, second?.path, second?.query],
      ["b.s3.us-west-2.amazonaws.com", "/k", { x: "1" }],
    );
    assert.equal(second?.headers["host"], "b.s3.us-west-2.amazonaws.com");
    assert.notEqual(first?.headers["authorization"], second?.headers["authorization"]);
    const refusals: [string, number, string, number][] = [
      ["https://example.com/", 307, "GET", 1],
      ["http://s3.eu-west-1.amazonaws.com/", 307, "GET", 1],
      [aws, 302, "POST", 1],
      [aws, 307, "GET", 0],
    ];
    for (const [location, status, method, maxRedirects] of refusals) {
      const { client, handler, options } = fixture(answers(to(location, status)), { request: { maxRedirects } });
      await assert.rejects(client.sendRaw(raw({ method }), options()));
      assert.equal(handler.requests.length, 1, location);
    }
  });

  it("returns the body and the masked request when asked to", async () => {
    const { client, options } = fixture(answers({ body: "hello" }), {
      request: { returnRaw: true, returnRequest: true },
    });
    const { raw: text, sent } = await client.sendRaw(raw(), options());
    assert.equal(text, "hello");
    assert.equal(sent?.url, "https://s3.eu-west-1.amazonaws.com/");
    assert.match(String(sent?.headers["authorization"]), /masked/);
  });
});

describe("wire form of a path", () => {
  it("encodes what may not stand in a path, and nothing that is encoded already", () => {
    assert.equal(wireForm("/a b/%2F/100%/é//", "double-encoded"), "/a%20b/%2F/100%25/%C3%A9//");
    assert.equal(wireForm("/a:b(1)?", "double-encoded"), "/a:b(1)%3F");
    assert.equal(wireForm("/a:b(1)", "as-is"), "/a%3Ab%281%29");
  });
});

describe("XML without a shape", () => {
  it("keeps text, attributes apart, and refuses what is broken", () => {
    assert.deepEqual(readPlainXml('<a x="1"><b>t&amp;u</b><c><![CDATA[<d>]]></c></a>'), { a: { b: "t&u", c: "<d>" } });
    assert.throws(() => readPlainXml("<a><b></a>"), SyntaxError);
    assert.throws(() => readPlainXml("<a>".repeat(500)), SyntaxError);
  });
});
