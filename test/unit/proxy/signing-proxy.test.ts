/** Owns the proof, by the simulator's own verifier, that what leaves the proxy is signed as the provider, whatever way it came in. */
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import type { SigningProxy } from "../../../utils/proxy/signing-proxy";
import type { Simulator } from "../../../utils/simulator/simulator";
import { Secret } from "../../../utils/types/secret";
import { isSignedBy, publicPoint } from "../../support/verify-sigv4a";
import {
  ask,
  bodyOf,
  closeAll,
  connectTo,
  dummySignature,
  openProxy,
  openSimulator,
  openUpstream,
  SECRET_KEY,
  SELECTOR,
  statusOf,
} from "./opened-proxy";

const sha256 = (text: string): string => createHash("sha256").update(text).digest("hex");
const UNSIGNED = "UNSIGNED-PAYLOAD";
const crc32 = "y/Q5Jg=="; // of 123456789

describe("signing proxy", () => {
  let simulator: Simulator;
  let proxy: SigningProxy;
  let log: readonly string[];
  before(async () => {
    simulator = await openSimulator();
    const { port } = simulator;
    ({ proxy, log } = await openProxy({ host: "127.0.0.1", port, protocol: "http" }));
    assert.equal(statusOf(await put("/proxied", "", UNSIGNED)), 200);
  });
  after(closeAll);

  const put = (target: string, body: string, hash: string, more = "") =>
    ask(
      proxy.port,
      `PUT ${target} HTTP/1.1\r\n${dummySignature({ hash })}\r\nContent-Length: ${body.length}${more}`,
      body,
    );
  const get = (target: string) => ask(proxy.port, `GET ${target} HTTP/1.1\r\n${dummySignature({ hash: sha256("") })}`);

  it("passes a body on under the client's hash, which the service holds it to", async () => {
    assert.equal(statusOf(await put("/proxied/hashed", "123456789", sha256("123456789"))), 200);
    assert.equal(bodyOf(await get("/proxied/hashed")), "123456789");
    const wrong = await put("/proxied/wrong", "123456789", sha256("another body"));
    assert.match(wrong, /XAmzContentSHA256Mismatch/);
  });

  it("takes an unsigned body, and a chunked one without a length", async () => {
    assert.equal(statusOf(await put("/proxied/unsigned", "123456789", UNSIGNED)), 200);
    const lines = `PUT /proxied/chunked HTTP/1.1\r\n${dummySignature({ hash: UNSIGNED })}\r\nTransfer-Encoding: chunked`;
    assert.equal(statusOf(await ask(proxy.port, lines, "4\r\n1234\r\n5\r\n56789\r\n0\r\n\r\n")), 200);
    assert.equal(bodyOf(await get("/proxied/chunked")), "123456789");
  });

  const frames = `4;chunk-signature=${"0".repeat(64)}\r\n1234\r\n5;chunk-signature=${"1".repeat(64)}\r\n56789\r\n`;
  const framed: Readonly<Record<string, readonly [hash: string, body: string, trailer: string]>> = {
    "signed frames": ["STREAMING-AWS4-HMAC-SHA256-PAYLOAD", `${frames}0;chunk-signature=${"2".repeat(64)}\r\n\r\n`, ""],
    "signed frames and a trailer": [
      "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER",
      `${frames}0;chunk-signature=${"2".repeat(64)}\r\nx-amz-checksum-crc32:${crc32}\r\nx-amz-trailer-signature:${"3".repeat(64)}\r\n\r\n`,
      "x-amz-checksum-crc32",
    ],
    "frames that are not signed, and a trailer": [
      "STREAMING-UNSIGNED-PAYLOAD-TRAILER",
      `9\r\n123456789\r\n0\r\nx-amz-checksum-crc32:${crc32}\r\n\r\n`,
      "x-amz-checksum-crc32",
    ],
  };
  for (const [name, [hash, body, trailer]] of Object.entries(framed)) {
    it(`puts a body into frames of its own: ${name}`, async () => {
      const more = `\r\nContent-Encoding: aws-chunked\r\nX-Amz-Decoded-Content-Length: 9${trailer && `\r\nX-Amz-Trailer: ${trailer}`}`;
      const target = `/proxied/${encodeURIComponent(name)}`;
      assert.match(await put(target, body, hash, more), /^HTTP\/1.1 200/);
      assert.equal(bodyOf(await get(target)), "123456789");
    });
  }

  it("refuses a framed body whose checksum is wrong in the service's words", async () => {
    const body = "9\r\n123456789\r\n0\r\nx-amz-checksum-crc32:AAAAAA==\r\n\r\n";
    const more = "\r\nX-Amz-Decoded-Content-Length: 9\r\nX-Amz-Trailer: x-amz-checksum-crc32";
    const answer = await put("/proxied/bad-checksum", body, "STREAMING-UNSIGNED-PAYLOAD-TRAILER", more);
    assert.equal(statusOf(answer), 400);
    assert.match(answer, /<Code>(BadDigest|InvalidRequest)/);
  });

  it("holds and hashes a body whose hash the client did not tell, up to a limit", async () => {
    const form = "Action=GetCallerIdentity&Version=2011-06-15";
    const lines = (length: number) =>
      `POST / HTTP/1.1\r\n${dummySignature({ service: "sts" })}\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: ${length}`;
    const answer = await ask(proxy.port, lines(form.length), form);
    assert.match(answer, /<Arn>arn:aws:iam::123456789012:user\/owner<\/Arn>/);
    const large = 1024 * 1024 + 1;
    const refused = await ask(proxy.port, lines(large), "x".repeat(large));
    assert.equal(statusOf(refused), 413);
    assert.match(refused, /<Code>EntityTooLarge<\/Code><Message>.*1 MiB.*--buffer-limit/);
    assert.equal(proxy.figures().heldBytes, 0);
  });

  it("keeps the bytes of a path, and signs what they mean", async () => {
    const paths = [
      "a//b",
      "//lead",
      "a%2Bb",
      "a+b",
      "a%20b",
      "%E6%97%A5",
      "it's(1)!*",
      "a/../b",
      "a;b=c,d@e:f",
      "100%25",
      "tail/",
    ];
    for (const path of paths) {
      assert.match(await put(`/proxied/${path}`, "123456789", UNSIGNED), /^HTTP\/1.1 200/, path);
      assert.equal(bodyOf(await get(`/proxied/${path}`)), "123456789", path);
    }
    // A URL is ASCII: what is not gets no second reading that another server might not share.
    assert.equal(statusOf(await put(Buffer.from("/proxied/日本").toString("latin1"), "123456789", UNSIGNED)), 400);
    const listed = await get("/proxied?list-type=2&prefix=a%2F&delimiter=%2F&encoding-type=url");
    assert.match(listed, /<Key>a(?:%2F|\/)(?:%2F|\/)b<\/Key>|<Prefix>a/);
  });

  it("signs a presigned URL anew, in a header", async () => {
    await put("/proxied/presigned", "123456789", UNSIGNED);
    const date = new Date().toISOString().replace(/[-:]|\.\d+/g, "");
    const credential = `${SELECTOR}%2F${date.slice(0, 8)}%2Fus-east-1%2Fs3%2Faws4_request`;
    const query = `X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=${credential}&X-Amz-Date=${date}&X-Amz-Expires=60&X-Amz-SignedHeaders=host&X-Amz-Signature=${"a".repeat(64)}`;
    assert.equal(bodyOf(await ask(proxy.port, `GET /proxied/presigned?${query} HTTP/1.1`)), "123456789");
    const late = query.replace(date, "20250101T000000Z");
    assert.match(await ask(proxy.port, `GET /proxied/presigned?${late} HTTP/1.1`), /403[\s\S]*Request has expired/);
  });

  it("answers HEAD, 204 and 304 without a body, and goes on on the same connection", async () => {
    await put("/proxied/small", "123456789", UNSIGNED);
    const etag = /\r\netag: (\S+)/i.exec(await get("/proxied/small"))?.[1];
    const { write, answer } = await connectTo(proxy.port);
    const request = (method: string, more = "") =>
      write(
        `${method} /proxied/small HTTP/1.1\r\nHost: 127.0.0.1:${proxy.port}\r\n${dummySignature({ hash: UNSIGNED })}${more}\r\n\r\n`,
      );
    request("HEAD");
    request("GET", `\r\nIf-None-Match: ${etag}`);
    request("DELETE");
    request("HEAD", "\r\nConnection: close");
    const statuses = [...(await answer()).matchAll(/HTTP\/1\.1 (\d{3})/g)].map(([, status]) => status);
    assert.deepEqual(statuses, ["200", "304", "204", "404"]);
  });

  it("says no to a selector that nobody has in the format of each service", async () => {
    const unknown = (service: string, headers: string, method = "POST") =>
      ask(
        proxy.port,
        `${method} / HTTP/1.1\r\n${dummySignature({ service, selector: "NOBODY" })}\r\n${headers}Content-Length: 0`,
      );
    const form = "Content-Type: application/x-www-form-urlencoded\r\n";
    const cases: readonly (readonly [string, string, RegExp])[] = [
      ["s3", "", /^<\?xml[\s\S]*<Error><Code>InvalidAccessKeyId<\/Code>/],
      ["ec2", form, /<Response><Errors><Error><Code>AuthFailure<\/Code>/],
      ["sts", form, /<ErrorResponse><Error><Type>Sender<\/Type><Code>InvalidClientTokenId<\/Code>/],
      ["route53", "", /<ErrorResponse><Error><Type>Sender<\/Type><Code>InvalidClientTokenId/],
      ["dynamodb", "X-Amz-Target: DynamoDB_20120810.GetItem\r\n", /^\{"__type":"UnrecognizedClientException"/],
      ["sqs", form, /<Code>InvalidClientTokenId/],
      ["lambda", "", /^\{"message":"The access key id NOBODY is/],
      ["monitoring", "Smithy-Protocol: rpc-v2-cbor\r\n", /UnrecognizedClientException/],
      ["never-heard-of", "", /^\{"message":/],
    ];
    for (const [service, headers, expected] of cases) {
      const answer = await unknown(service, headers);
      assert.equal(statusOf(answer), 403, service);
      assert.match(bodyOf(answer), expected, service);
    }
    assert.match(await unknown("dynamodb", "X-Amz-Target: a.b\r\n"), /x-amzn-errortype: UnrecognizedClientException/);
    assert.equal(bodyOf(await unknown("s3", "", "HEAD")), "");
  });

  it("refuses what is not signed, and says which of the two is missing", async () => {
    assert.match(await ask(proxy.port, "GET / HTTP/1.1"), /403[\s\S]*MissingAuthenticationTokenException/);
    assert.match(await ask(proxy.port, "GET / HTTP/1.1\r\nAuthorization: Basic YTpi"), /403[\s\S]*IncompleteSignature/);
  });

  it("signs SigV4a for all regions where the client's scope has none", async () => {
    const upstream = await openUpstream((socket) => socket.end("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"));
    const opened = await openProxy({}, { upstreams: new Map([["s3", upstream.url]]) });
    const signature = dummySignature({ hash: UNSIGNED })
      .replace("AWS4-HMAC-SHA256", "AWS4-ECDSA-P256-SHA256")
      .replace("/us-east-1/", "/");
    await ask(opened.proxy.port, `PUT /a%20b?x=1 HTTP/1.1\r\n${signature}\r\nContent-Length: 4`, "body");
    const [head = ""] = upstream.received[0]?.split("\r\n\r\n") ?? [];
    const [first = "", ...lines] = head.split("\r\n");
    const headers = Object.fromEntries(
      lines.map((line) => [line.slice(0, line.indexOf(":")), line.slice(line.indexOf(":") + 2)]),
    );
    assert.equal(headers["x-amz-region-set"], "*");
    const request = { method: "PUT", target: first.split(" ")[1] ?? "", headers };
    assert.ok(isSignedBy(publicPoint("AKIASIMULATEDOWNER00", SECRET_KEY), request, "once"));
  });

  it("serves only who has the secret, wherever he puts it, and never says it", async () => {
    const secret = "a secret of this launch";
    const { port } = simulator;
    const guarded = await openProxy({ host: "127.0.0.1", port, protocol: "http" }, { secret: new Secret(secret) });
    const list = (more = "") =>
      ask(guarded.proxy.port, `GET / HTTP/1.1\r\n${dummySignature({ hash: sha256("") })}${more}`).then(statusOf);
    assert.equal(await list(), 403);
    assert.equal(await list("\r\nX-Amz-Security-Token: another"), 403);
    assert.equal(await list(`\r\nX-Amz-Security-Token: ${secret}`), 200);
    assert.equal(await list(`\r\nX-Adapter-Aws-Secret: ${secret}`), 200);
    const basic = Buffer.from(`aws:${secret}`).toString("base64");
    assert.equal(await list(`\r\nProxy-Authorization: Basic ${basic}`), 200);
    const figures = (more: string) =>
      ask(guarded.proxy.port, `GET /_adapter-aws/metrics HTTP/1.1${more}`).then(statusOf);
    assert.deepEqual([await figures(""), await figures(`\r\nX-Adapter-Aws-Secret: ${secret}`)], [403, 200]);
    assert.equal((await fetch(`${proxy.url}/_adapter-aws/metrics`)).status, 200, "fetch of Node is no browser");
    assert.ok(!guarded.log.join("\n").includes(secret));
  });

  it("repeats an access key id that it does not know only where it cannot be a secret access key", async () => {
    const answerTo = (selector: string) =>
      ask(proxy.port, `GET / HTTP/1.1\r\n${dummySignature({ selector, hash: sha256("") })}`);
    assert.match(await answerTo("AKIAOFNOBODY"), /The access key id AKIAOFNOBODY is the/);
    for (const swapped of ["wJalrXUtnFEMIK7MDENGbPxRfiCYEXAMPLEKEY00", "A0B1".repeat(10)]) {
      const answer = await answerTo(swapped);
      assert.equal(statusOf(answer), 403);
      assert.match(answer, /An access key id of 40 characters is the/);
      assert.ok(!answer.includes(swapped) && !log.join("\n").includes(swapped));
    }
  });

  it("counts what went through it, and logs neither secrets nor paths", async () => {
    const figures = JSON.parse(bodyOf(await ask(proxy.port, "GET /_adapter-aws/metrics HTTP/1.1"))) as Record<
      string,
      unknown
    >;
    assert.ok((figures["byProvider"] as Record<string, number>)["owner"]! > 20);
    assert.ok((figures["refusals"] as Record<string, number>)["unknown-selector"]! >= 9);
    assert.equal(figures["inFlight"], 1);
    const text = log.join("\n");
    assert.ok(log.length > 20);
    assert.ok(!text.includes(SECRET_KEY) && !text.includes("a".repeat(64)) && !text.includes("presigned"), text);
  });
});
