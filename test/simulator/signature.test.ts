/** Tampers with every part of a signed request and expects AWS's own refusal of each. */
import assert from "node:assert/strict";
import fc from "fast-check";
import { type Simulator, startSimulator } from "../../utils/simulator/simulator";
import { userKey } from "../../utils/simulator/simulator-service-instance";
import { anyCharacter } from "../support/any-character";
import {
  assume,
  type Call,
  call,
  element,
  errorCode,
  form,
  json,
  type Keys,
  type SignedCall,
  send,
  sign,
} from "./simulator-client";
import { tampered } from "./tampered-requests";

const startMs = Date.UTC(2026, 0, 15, 12);

describe("simulator: signatures", () => {
  let simulator: Simulator;
  let nowMs = startMs;
  let writer: Keys;
  const services: Readonly<Record<string, () => Call>> = {
    sts: () => form("sts", { Action: "GetCallerIdentity" }),
    ec2: () => form("ec2", { Action: "DescribeInstances" }),
    s3: () => ({ service: "s3", method: "GET" }),
    dynamodb: () => json("dynamodb", "ListTables", {}),
  };

  before(async () => {
    simulator = await startSimulator({ clock: { now: () => nowMs } });
    writer = await assume(simulator, "task-writer", {
      date: new Date(nowMs),
      parameters: { DurationSeconds: "43200" },
    });
  });
  after(() => simulator.close());
  beforeEach(() => {
    nowMs = startMs;
  });

  const attempt = async (service: string, change: (signed: SignedCall) => void, options: Partial<Call> = {}) => {
    const signed = await sign(simulator, {
      ...(services[service] as () => Call)(),
      keys: writer,
      date: new Date(nowMs),
      ...options,
    });
    change(signed);
    return send(simulator, signed);
  };
  const keep = (): void => undefined;

  for (const service of ["sts", "ec2", "s3", "dynamodb"]) {
    it(`${service}: accepts what @smithy/signature-v4 signs`, async () => {
      assert.equal((await attempt(service, keep)).status, 200);
    });
  }

  for (const [name, { change, codes }] of Object.entries(tampered)) {
    it(`${name}: each service refuses in its own words`, async () => {
      for (const [service, code] of Object.entries(codes))
        assert.equal(errorCode(await attempt(service, change)), code, service);
    });
  }

  it("a changed body does not match", async () => {
    const change = (signed: SignedCall): void => {
      signed.body = `${String(signed.body)} `;
      delete signed.headers["content-length"];
    };
    assert.equal(errorCode(await attempt("sts", change)), "SignatureDoesNotMatch");
    assert.equal(errorCode(await attempt("dynamodb", change)), "InvalidSignatureException");
    const put = { service: "s3", method: "PUT", path: "/example-configurations/x", body: "x" };
    assert.equal(errorCode(await attempt("s3", change, put)), "XAmzContentSHA256Mismatch");
  });

  it("S3 says what it computed, so that the difference can be found", async () => {
    const reply = await attempt("s3", tampered["query added"].change);
    assert.match(reply.text, /<CanonicalRequest>GET\n\/\nmax-keys=1\nhost:127\.0\.0\.1:\d+\n/);
    assert.match(
      reply.text,
      /<StringToSign>AWS4-HMAC-SHA256\n20260115T120000Z\n20260115\/us-east-1\/s3\/aws4_request\n[0-9a-f]{64}</,
    );
  });

  it("S3 wants every x-amz header signed, and its payload header", async () => {
    const unsigned = await attempt("s3", (signed) => {
      signed.headers["x-amz-acl"] = "public-read";
    });
    assert.equal(element(unsigned, "HeadersNotSigned"), "x-amz-acl");
    const missing = await attempt("s3", (signed) => {
      delete signed.headers["x-amz-content-sha256"];
    });
    assert.match(missing.text, /Missing required header for this request: x-amz-content-sha256/);
  });

  it("S3 accepts an unsigned payload; no other service does", async () => {
    const put = { service: "s3", method: "PUT", path: "/example-configurations/x", body: "x" };
    const headers = { "x-amz-content-sha256": "UNSIGNED-PAYLOAD" };
    assert.equal((await attempt("s3", keep, { ...put, headers })).status, 200);
    const sts = services["sts"] as () => Call;
    assert.equal(
      errorCode(await attempt("sts", keep, { headers: { ...sts().headers, ...headers } })),
      "SignatureDoesNotMatch",
    );
  });

  const at = (minutes: number) => ({ date: new Date(startMs + minutes * 60_000) });
  it("the clock may differ by 5 minutes at STS and by 15 elsewhere", async () => {
    for (const minutes of [-5, 5]) assert.equal((await attempt("sts", keep, at(minutes))).status, 200);
    for (const minutes of [-15, 15]) assert.equal((await attempt("s3", keep, at(minutes))).status, 200);
    assert.match(
      (await attempt("sts", keep, at(-6))).text,
      /Signature expired: 20260115T115400Z is now earlier than 20260115T115500Z \(20260115T120000Z - 5 min\.\)/,
    );
    assert.match(
      (await attempt("sts", keep, at(6))).text,
      /Signature not yet current: 20260115T120600Z is still later than 20260115T120500Z/,
    );
    assert.equal(errorCode(await attempt("s3", keep, at(-16))), "RequestTimeTooSkewed");
    assert.equal(errorCode(await attempt("ec2", keep, at(16))), "RequestExpired");
    assert.equal(errorCode(await attempt("dynamodb", keep, at(-16))), "InvalidSignatureException");
  });

  it("a session ends when its time is over", async () => {
    nowMs = startMs + 43_200_000;
    const codes = { sts: "ExpiredToken", ec2: "RequestExpired", s3: "ExpiredToken", dynamodb: "ExpiredTokenException" };
    for (const [service, code] of Object.entries(codes)) {
      assert.equal(errorCode(await attempt(service, keep)), code);
    }
  });

  it("the scope must name the service that the request is for", async () => {
    const reply = await attempt("sts", keep, { service: "ec2" });
    assert.match(
      reply.text,
      /<Code>SignatureDoesNotMatch<\/Code><Message>Credential should be scoped to correct service: 'sts'/,
    );
  });

  it("a regional host wants its own region", async () => {
    const headers = { ...form("sts", {}).headers, host: "sts.eu-west-1.amazonaws.com" };
    assert.equal((await attempt("sts", keep, { headers, region: "eu-west-1" })).status, 200);
    assert.match((await attempt("sts", keep, { headers })).text, /Credential should be scoped to a valid region/);
  });

  it("an error never repeats a signature in a header of STS", async () => {
    const signed = await sign(simulator, { ...form("sts", { Action: "GetCallerIdentity" }), date: new Date(nowMs) });
    const signature = /Signature=(.*)$/.exec(signed.headers["authorization"] as string)?.[1] as string;
    signed.headers["authorization"] = (signed.headers["authorization"] as string).replace("SignedHeaders", "Signed");
    const reply = await send(simulator, signed);
    assert.equal(errorCode(reply), "IncompleteSignature");
    assert.ok(!reply.text.includes(signature));
  });

  it("accepts every S3 key that is signed as it is sent, and keeps it", async () => {
    const text = fc.oneof(
      fc.string({ unit: anyCharacter, minLength: 1, maxLength: 20 }),
      fc.string({ unit: fc.constantFrom(..."a/+%2B '()*!~é日=&?#;:@"), minLength: 1, maxLength: 20 }),
    );
    await fc.assert(
      fc.asyncProperty(text, async (key) => {
        const path = `/example-configurations/${key
          .split("/")
          .map((part) =>
            encodeURIComponent(part).replace(/[!'()*]/g, (one) => `%${one.charCodeAt(0).toString(16).toUpperCase()}`),
          )
          .join("/")}`;
        const base = { service: "s3", path, keys: writer, date: new Date(nowMs) };
        assert.equal((await call(simulator, { ...base, method: "PUT", body: key })).status, 200);
        assert.equal((await call(simulator, { ...base, method: "GET" })).text, key);
        assert.equal((await call(simulator, { ...base, method: "DELETE" })).status, 204);
      }),
      { numRuns: 60 },
    );
  });

  it("canonicalises any query as the signer does", async () => {
    const text = fc.string({ unit: fc.constantFrom(..."ab+%2 '()*!~é=&?#/"), maxLength: 8 });
    await fc.assert(
      fc.asyncProperty(
        fc.dictionary(
          text.map((key) => `q${key}`),
          fc.oneof(text, fc.array(text, { minLength: 1, maxLength: 3 })),
          { maxKeys: 4 },
        ),
        async (query) => {
          const reply = await call(simulator, {
            ...form("sts", { Action: "GetCallerIdentity" }),
            query,
            keys: writer,
            date: new Date(nowMs),
          });
          assert.equal(reply.status, 200, reply.text);
        },
      ),
      { numRuns: 60 },
    );
  });

  it("encodes the path of other services once more", async () => {
    for (const path of ["/a%20b", "/a%2Bb/%25", "/x//y/../z/", "/%C3%A9"]) {
      const reply = await call(simulator, {
        ...form("sts", { Action: "GetCallerIdentity" }),
        path,
        date: new Date(nowMs),
      });
      assert.equal(reply.status, 200, `${path} ${reply.text}`);
    }
  });

  it("only the keys that were given out open anything", async () => {
    const { accessKeyId } = userKey(simulator.world, "pod");
    const reply = await attempt("sts", keep, { keys: { accessKeyId, secretAccessKey: "wrong" } });
    assert.equal(errorCode(reply), "SignatureDoesNotMatch");
    assert.match(
      reply.text,
      /Check your AWS Secret Access Key and signing method\. Consult the service documentation for details\./,
    );
  });
});
