/** Owns the cases of masking: known names, known values in every encoding, and what merely looks like a secret. */
import assert from "node:assert/strict";
import { inspect } from "node:util";
import fc from "fast-check";
import { Masker } from "../../../utils/logging/masker";
import { MASK, Secret } from "../../../utils/types/secret";

const secretKey = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";
const token = `IQoJb3JpZ2luX2VjE${"Ab3/+dEf9".repeat(60)}==`;

const encodings: Record<string, (text: string) => string> = {
  plain: (text) => text,
  url: encodeURIComponent,
  form: (text) => new URLSearchParams({ a: text }).toString().slice(2),
  json: (text) => JSON.stringify(text).slice(1, -1),
  jsonInJson: (text) => JSON.stringify(JSON.stringify(text).slice(1, -1)).slice(1, -1),
  xml: (text) =>
    text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;"),
  base64: (text) => Buffer.from(text).toString("base64"),
  base64url: (text) => Buffer.from(text).toString("base64url"),
  hex: (text) => Buffer.from(text).toString("hex"),
};

describe("Masker by structure", () => {
  const masker = new Masker(["licenseCode"]);
  const cases: [name: string, text: string, expected: string][] = [
    ["JSON", '{"SecretString":"a\\"b","Name":"n"}', `{"SecretString":"${MASK}","Name":"n"}`],
    ["JSON, spaced", '{ "password" : "x" }', `{ "password" : "${MASK}" }`],
    [
      "JSON in JSON",
      '{"z":"{\\"Token\\":\\"a\\\\\\"b\\",\\"k\\":1}"}',
      `{"z":"{\\"Token\\":\\"${MASK}\\",\\"k\\":1}"}`,
    ],
    ["JSON object", '{"token":{"a":[1,"}"]},"b":2}', `{"token":"${MASK}","b":2}`],
    ["JSON cut short", '{"SecretAccessKey":"wJal', `{"SecretAccessKey":"${MASK}`],
    ["JSON null", '{"SecretAccessKey":null}', '{"SecretAccessKey":null}'],
    ["XML", "<c><SecretAccessKey>x</SecretAccessKey></c>", `<c><SecretAccessKey>${MASK}</SecretAccessKey></c>`],
    ["XML with prefix", '<n:Password a="1">x</n:Password>', `<n:Password a="1">${MASK}</n:Password>`],
    ["XML cut short", "<SessionToken>abc", `<SessionToken>${MASK}`],
    ["XML empty", "<Token/><Name>n</Name>", "<Token/><Name>n</Name>"],
    ["form", "Action=X&Spec.Password=p&Name=n", `Action=X&Spec.Password=${MASK}&Name=n`],
    ["form, nested", "Tokens.1=a&Password.1.Value=p", `Tokens.1=a&Password.1.Value=${MASK}`],
    ["quoted", 'password="a b" next', `password="${MASK}" next`],
    ["quoted in JSON", '{"m":"password=\\"a b\\" next"}', `{"m":"password=\\"${MASK}\\" next"}`],
    ["at the end of a line in JSON", '{"m":"password=ab\\nnext"}', `{"m":"password=${MASK}\\nnext"}`],
    ["query", "https://h/?X-Amz-Signature=00ff&b=1", `https://h/?X-Amz-Signature=${MASK}&b=1`],
    ["a name of the instance", '{"LicenseCode":"12"}', `{"LicenseCode":"${MASK}"}`],
    ["names that only resemble", '{"NextToken":"n","ClientToken":"c"}', '{"NextToken":"n","ClientToken":"c"}'],
  ];
  for (const [name, text, expected] of cases) {
    it(name, () => {
      assert.equal(masker.maskText(text), expected);
      assert.equal(masker.maskText(expected), expected, "masking twice changes nothing");
    });
  }

  it("masks what an operation's model marks, only for that operation", () => {
    const sensitive = new Set(["Pin"]);
    assert.equal(masker.maskText("<Pin>1</Pin>", sensitive), `<Pin>${MASK}</Pin>`);
    assert.equal(masker.maskText("<Pin>1</Pin>"), "<Pin>1</Pin>");
  });

  it("leaves the credential scope and signed headers of Authorization readable", () => {
    const authorization =
      "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20260101/us-east-1/ec2/aws4_request, SignedHeaders=host, Signature=";
    const headers = masker.maskHeaders({
      authorization: `${authorization}00aabb`,
      Authorization: "Bearer abcdefghij",
      "X-Amz-Security-Token": "t",
      host: "h",
    });
    assert.deepEqual(headers, {
      authorization: `${authorization}${MASK}`,
      Authorization: `Bearer ${MASK}`,
      "X-Amz-Security-Token": MASK,
      host: "h",
    });
  });

  it("copies any value: buffers, errors, cycles, secrets, dates", () => {
    const cyclic: Record<string, unknown> = {
      secretAccessKey: "x",
      big: 2n ** 60n,
      when: new Date(0),
      raw: Buffer.from("x"),
    };
    cyclic["self"] = cyclic;
    cyclic["error"] = new Error('{"password":"p"}');
    cyclic["wrapped"] = new Secret("s");
    cyclic["list"] = [{ Password: "p", Empty: "" }];
    assert.deepEqual(masker.maskValue(cyclic), {
      secretAccessKey: MASK,
      big: "1152921504606846976",
      when: "1970-01-01T00:00:00.000Z",
      raw: "1 bytes",
      self: "circular",
      error: { name: "Error", message: `{"password":"${MASK}"}` },
      wrapped: MASK,
      list: [{ Password: MASK, Empty: "" }],
    });
  });
});

describe("Masker by known value", () => {
  for (const [encoding, encode] of Object.entries(encodings)) {
    it(`finds a secret key and a session token in ${encoding}`, () => {
      const masker = new Masker();
      for (const secret of [secretKey, token]) {
        masker.addSecret(secret);
        const masked = masker.maskText(`before ${encode(secret)} after`);
        assert.ok(!masked.includes(encode(secret).slice(0, 12)), masked);
        assert.ok(masked.startsWith("before ") && masked.endsWith(" after"), masked);
      }
    });

    it(`finds any secret in ${encoding}, alone and among other text`, () => {
      const secrets = fc.string({ unit: "grapheme-ascii", minLength: 12, maxLength: 60 }).filter((s) => !/\n/.test(s));
      fc.assert(
        fc.property(secrets, fc.string({ maxLength: 40 }), fc.string({ maxLength: 40 }), (secret, before, after) => {
          const masker = new Masker();
          masker.addSecret(secret);
          const masked = masker.maskText(`${before} ${encode(secret)} ${after}`);
          assert.ok(!masked.includes(encode(secret)), masked);
        }),
      );
    });
  }

  it("finds a secret inside a longer base64 text, at each of the three alignments", () => {
    const masker = new Masker();
    masker.addSecret(secretKey);
    for (const before of ["", "a", "ab", "abc"]) {
      const masked = masker.maskText(`{"x":"${Buffer.from(`${before}${secretKey}:tail`).toString("base64")}"}`);
      assert.equal(masked, `{"x":"${MASK}"}`);
    }
  });

  it("masks each line of a secret of several lines", () => {
    const masker = new Masker();
    masker.addSecret("first-line-x\nsecond-line-y");
    assert.equal(masker.maskText("a second-line-y b first-line-x"), `a ${MASK} b ${MASK}`);
  });

  it("takes the longest of two secrets that begin alike", () => {
    const masker = new Masker();
    masker.addSecret("abcdefgh");
    masker.addSecret("abcdefghijkl");
    assert.equal(masker.maskText("abcdefghijkl abcdefgh"), `${MASK} ${MASK}`);
  });

  it("forgets the oldest beyond its bound, and keeps the rest", () => {
    const masker = new Masker([], { maxSecrets: 2 });
    for (const secret of ["secret-one", "secret-two", "secret-one", "secret-three"]) masker.addSecret(secret);
    assert.equal(masker.maskText("secret-one secret-two secret-three"), `${MASK} secret-two ${MASK}`);
  });

  it("cuts a huge body at its limit, never through a secret", () => {
    const masker = new Masker();
    masker.addSecret(secretKey);
    for (let shift = 0; shift <= secretKey.length; shift += 1) {
      const text = `${"-".repeat(100 - shift)}${secretKey}${"-".repeat(10_000)}`;
      const { text: shown, cutCharacters } = masker.maskBody(text, 100);
      assert.equal(cutCharacters, text.length - 100);
      assert.ok(!/[A-Za-z]{2}/.test(shown.replace(MASK, "")), shown);
    }
  });

  it("is never slow on hostile text", () => {
    const masker = new Masker();
    masker.addSecret(secretKey);
    const started = performance.now();
    for (const piece of [
      '"',
      "\\",
      '\\"',
      "<",
      "=",
      "a=",
      ":",
      '":',
      "<a ",
      "eyJ",
      "://",
      "Bearer ",
      "{",
      "[",
      secretKey.slice(0, 39),
      "-----BEGIN PRIVATE KEY-----",
      "token:",
      "<a:token",
      "token.",
      "<token/>",
      '"token":null,',
      "me@",
      `Bearer ${MASK} `,
    ]) {
      masker.maskBody(piece.repeat(65_536 / piece.length), 65_536);
    }
    assert.ok(performance.now() - started < 3000, `${performance.now() - started} ms`);
  });
});

describe("Masker by pattern", () => {
  const masker = new Masker();
  const masked: [name: string, text: string, secret: string][] = [
    ["secret access key", `key: ${secretKey}`, secretKey],
    ["session token", `got ${token} back`, token.slice(17, 80)],
    ["JSON web token", "jwt eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl", "c2lnbmF0dXJl"],
    ["bearer", "sent Bearer abcdefgh12345", "abcdefgh12345"],
    ["basic", "sent Basic dXNlcjpwYXNz", "dXNlcjpwYXNz"],
    ["URL with password", "via http://user:pa55w0rd@proxy:3128/", "pa55w0rd"],
    ["private key", "-----BEGIN RSA PRIVATE KEY-----\nMIIabc\n-----END RSA PRIVATE KEY-----", "MIIabc"],
    ["private key cut short", "-----BEGIN PRIVATE KEY-----\nMIIabc", "MIIabc"],
  ];
  for (const [name, text, secret] of masked) {
    it(`masks a ${name}`, () => {
      const result = masker.maskText(text);
      assert.ok(!result.includes(secret), result);
      assert.equal(masker.maskText(result), result, "masking twice changes nothing");
    });
  }

  const readable = [
    "AKIAIOSFODNN7EXAMPLE",
    "ASIAIOSFODNN7EXAMPLE/20260101/us-east-1/sts/aws4_request",
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "arn:aws:iam::123456789012:role/a-role-with-a-long-name/and-a-path",
    "2fd4e1c67a2d28fced849ee1bb76e7391b93eb12",
    "https://ec2.us-east-1.amazonaws.com/?Action=DescribeInstances&NextToken=abc",
    "Error: connect ECONNREFUSED 127.0.0.1:443",
  ];
  for (const text of readable) {
    it(`leaves ${text.slice(0, 40)} readable`, () => assert.equal(masker.maskText(text), text));
  }

  it("does not print its secrets when it is printed", () => {
    const instance = new Masker();
    instance.addSecret(secretKey);
    assert.ok(!inspect(instance, { depth: 10, showHidden: true }).includes(secretKey));
  });
});

describe("Masker whose clock is set", () => {
  const HOUR = 3_600_000;
  const start = Date.parse("2030-01-01T00:00:00Z");
  let aheadMs: number;
  let passedMs: number;
  let masker: Masker;
  const now = () => start + passedMs + aheadMs;
  const name = (kind: string, index: number) => `${kind}-${index}-of-a-role`;
  const all = (kind: string) => Array.from({ length: 200 }, (_, index) => name(kind, index));
  const shown = (kind: string) => all(kind).filter((secret) => masker.maskText(`${secret} `) === `${secret} `).length;
  const fetched = (kind: string, endsMs: number) => {
    for (const secret of all(kind)) masker.addSecret(secret, new Date(endsMs));
  };

  beforeEach(() => {
    aheadMs = 0;
    passedMs = 0;
    masker = new Masker([], { clock: { now, monotonic: () => passedMs }, expiredForMs: 60_000 });
  });

  it("knows the sessions from before, which are in use again when it is set back", () => {
    fetched("session", start + HOUR);
    masker.maskText("everything is in the index");
    aheadMs = 24 * HOUR;
    fetched("other", now() + HOUR);
    aheadMs = 0;
    assert.equal(shown("session"), 0);
    passedMs = HOUR + 60_000;
    fetched("later", now() + HOUR);
    assert.equal(shown("session"), 200, "and forgets them when they have ended");
  });

  it("knows sessions that seem over when they come, as its clock is ahead of AWS's", () => {
    aheadMs = 24 * HOUR;
    fetched("session", start + HOUR);
    assert.equal(shown("session"), 0);
    passedMs = 59_000;
    fetched("other", start + HOUR);
    assert.equal(shown("session"), 0);
  });
});
