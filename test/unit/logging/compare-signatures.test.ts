/** Owns the cases of a refused signature: what AWS tells in each of its dialects, and what the difference means. */
import assert from "node:assert/strict";
import { compareSignatures } from "../../../utils/logging/compare-signatures";
import { Masker } from "../../../utils/logging/masker";
import { signedByAws } from "../../../utils/logging/signed-by-aws";
import { MASK } from "../../../utils/types/secret";

const canonical = (token = "tok/en+1=", host = "sts.amazonaws.com") =>
  [
    "POST",
    "/",
    "X-Amz-Expires=60&a=%27",
    "content-type:text/plain",
    `host:${host}`,
    `x-amz-security-token:${token}`,
    "",
    "content-type;host;x-amz-security-token",
    "e3b0c442",
  ].join("\n");
const toSign = (hash = "aa", scope = "20260101/us-east-1/sts/aws4_request") =>
  `AWS4-HMAC-SHA256\n20260101T000000Z\n${scope}\n${hash}`;
const xml = (text: string) => text.replaceAll("&", "&amp;").replaceAll("<", "&lt;");

const message = (request: string, string: string) =>
  `The request signature we calculated does not match. Check your key.\n\nThe Canonical String for this request should have been\n'${request}'\n\nThe String-to-Sign should have been\n'${string}'\n`;

describe("what AWS computed", () => {
  const dialects: [name: string, body: (request: string, string: string) => string][] = [
    [
      "S3, in elements",
      (request, string) =>
        `<Error><StringToSign>${xml(string)}</StringToSign><CanonicalRequest>${xml(request)}</CanonicalRequest></Error>`,
    ],
    ["STS, in its message", (request, string) => `<Error><Message>${xml(message(request, string))}</Message></Error>`],
    [
      "STS, with numeric references",
      (request, string) =>
        `<Error><Message>${xml(message(request, string)).replaceAll("'", "&#39;").replaceAll("/", "&#x2F;")}</Message></Error>`,
    ],
    ["a JSON service", (request, string) => JSON.stringify({ __type: "X", message: message(request, string) })],
  ];
  for (const [name, body] of dialects) {
    it(`is read from ${name}`, () => {
      assert.deepEqual(signedByAws(body(canonical(), toSign())), {
        canonicalRequest: canonical(),
        stringToSign: toSign(),
      });
    });
  }

  it("is nothing where AWS tells nothing, or the answer is cut", () => {
    assert.equal(
      signedByAws("<Response><Errors><Error><Code>AuthFailure</Code></Error></Errors></Response>"),
      undefined,
    );
    assert.equal(signedByAws("<CanonicalRequest>GET"), undefined);
    assert.equal(signedByAws('{"message":"The Canonical String for this request should have been\\n\'GET'), undefined);
  });
});

describe("comparison with what was signed", () => {
  const masker = new Masker();
  const ours = { canonicalRequest: canonical(), stringToSign: toSign() };
  const compare = (aws: Parameters<typeof compareSignatures>[1]) => compareSignatures(ours, aws, masker);

  it("says that the secret key is wrong when both computed from the same text", () => {
    const { verdict, canonicalRequest } = compare({ canonicalRequest: canonical(), stringToSign: toSign() });
    assert.match(verdict, /the secret key is not the one of this access key/);
    assert.ok(canonicalRequest?.every(({ differs }) => differs === undefined));
    assert.deepEqual(canonicalRequest?.[0], { sent: "POST", aws: "POST" });
  });

  const changed: [what: string, request: string, said: RegExp][] = [
    ["the method", canonical().replace("POST", "GET"), /: the method differs/],
    ["the path", canonical().replace("\n/\n", "\n/a\n"), /: the path differs/],
    ["the query", canonical().replace("=60", "=61"), /: the query differs/],
    ["a header", canonical("tok/en+1=", "proxy.local"), /: the header host differs/],
    [
      "a header that is gone",
      canonical().replace("content-type:text/plain\n", ""),
      /: the header content-type differs/,
    ],
    ["the token", canonical("another"), /: the header x-amz-security-token differs/],
    ["the signed headers", canonical().replace("content-type;host", "host"), /: the list of signed headers differs/],
    ["the body", canonical().replace("e3b0c442", "ffff"), /: the hash of the body differs/],
  ];
  for (const [what, canonicalRequest, said] of changed) {
    it(`names ${what}`, () => {
      const compared = compare({ canonicalRequest, stringToSign: toSign("bb") });
      assert.match(compared.verdict, said);
      assert.ok(compared.canonicalRequest?.some(({ differs }) => differs));
      assert.ok(!JSON.stringify(compared).includes("tok/en"), "the token is masked");
    });
  }

  it("marks exactly the differing line, also where one line is missing before it", () => {
    const lines = compare({
      canonicalRequest: canonical("t2").replace("content-type:text/plain\n", ""),
    }).canonicalRequest;
    assert.deepEqual(
      lines?.filter(({ differs }) => differs),
      [
        { sent: "content-type:text/plain", differs: true },
        { sent: `x-amz-security-token:${MASK}`, aws: `x-amz-security-token:${MASK}`, differs: true },
      ],
    );
  });

  it("names the credential scope", () => {
    const { verdict, stringToSign } = compare({ stringToSign: toSign("aa", "20260101/eu-west-1/sts/aws4_request") });
    assert.match(verdict, /for the credential scope/);
    assert.equal(stringToSign?.[2]?.differs, true);
  });
});
