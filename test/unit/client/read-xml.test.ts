/** Owns the trial of XML answers: what the SDK reads, this reader reads. */
import assert from "node:assert/strict";
import { NormalizedSchema } from "@smithy/core/schema";
import fc from "fast-check";
import { type XmlLayout, XmlReader } from "../../../utils/client/read-xml";
import { models } from "./client-fixture";

const reader = new XmlReader();

function read(service: string, operation: string, body: string, layout: XmlLayout = {}): Record<string, unknown> {
  return reader.read(
    NormalizedSchema.of(models.service(service).operation(operation).output),
    Buffer.from(body),
    layout,
  );
}

const role = (content: string): Record<string, unknown> =>
  read("iam", "GetRole", `<GetRoleResponse><GetRoleResult><Role>${content}</Role></GetRoleResult></GetRoleResponse>`, {
    resultElement: "GetRoleResult",
    rootSuffix: "Response",
  })["Role"] as Record<string, unknown>;

describe("XmlReader", () => {
  it("reads text through entities, CDATA, comments and instructions", () => {
    const text =
      "<Description>a &lt;b&gt; &amp;amp; &#65;&#x1F600;<![CDATA[<raw> &amp;]]><!-- <no> --><?no <no>?>&quot;&apos;</Description>";
    assert.deepEqual(role(text), { Description: "a <b> &amp; A😀<raw> &amp;\"'" });
  });

  it("leaves an ampersand that begins no entity as it is, wherever the next semicolon stands", () => {
    const texts = {
      "a & b; &amp;c": "a & b; &c",
      "&&lt;&": "&<&",
      "&toString;&#;&#x;&#xZ;&unknown;": "&toString;&#;&#x;&#xZ;&unknown;",
      "&#65;&#0000065;&#x41;&#1114112;": "AAA&#1114112;",
      "no end &amp": "no end &amp",
      ";&gt;;": ";>;",
    };
    for (const [text, expected] of Object.entries(texts)) {
      assert.deepEqual(role(`<Description>${text}</Description>`), { Description: expected });
    }
    const many = "&".repeat(200_000);
    assert.deepEqual(role(`<Description>${many};</Description>`), { Description: `${many};` });
  });

  it("takes the first of members that come twice, in whatever order they came before", () => {
    const orders = fc.array(fc.constantFrom("Path", "RoleName", "RoleId", "Arn", "Description"), { maxLength: 12 });
    fc.assert(
      fc.property(orders, (names) => {
        const expected: Record<string, string> = {};
        const text = names.map((name, index) => {
          expected[name] ??= `v${index}`;
          return `<${name}>v${index}</${name}>`;
        });
        assert.deepEqual(role(text.join("")), expected);
      }),
    );
  });

  it("makes plain objects", () => {
    const found = role("<Tags><member><Key>k</Key></member></Tags>");
    assert.equal(Object.getPrototypeOf(found), Object.prototype);
    assert.equal(found.constructor, Object);
    assert.deepStrictEqual(found, { Tags: [{ Key: "k" }] });
  });

  it("reads members in any order, whatever order the answer before had", () => {
    const members = [
      "<RoleName>n &amp; m</RoleName>",
      "<Path>/</Path>",
      "<Arn>a</Arn>",
      "<CreateDate>2026-02-28T23:59:59.000Z</CreateDate>",
      "<Unknown>u</Unknown>",
      "<Tags><member><Key>k</Key><Value>v</Value></member><member><Value>w</Value><Key>l</Key></member></Tags>",
    ];
    const expected = {
      RoleName: "n & m",
      Path: "/",
      Arn: "a",
      CreateDate: "2026-02-28T23:59:59.000Z",
      Tags: [
        { Key: "k", Value: "v" },
        { Value: "w", Key: "l" },
      ],
    };
    const order = fc.shuffledSubarray(members, { minLength: members.length });
    fc.assert(fc.property(order, (given) => assert.deepEqual(role(given.join("")), expected)));
    assert.deepEqual(role(`${members[0]}<RoleName>second</RoleName>`), { RoleName: "n & m" });
  });

  it("keeps space in text, but not between elements", () => {
    assert.deepEqual(role("  <RoleName>  a b </RoleName> \t <Path> </Path>"), { RoleName: "  a b ", Path: " " });
    assert.deepEqual(role("<RoleName>\n  </RoleName>"), { RoleName: "" });
    assert.deepEqual(role("<RoleName>a\r\nb\rc</RoleName>"), { RoleName: "a\nb\nc" });
  });

  it("reads empty elements as empty values, and leaves an empty timestamp out", () => {
    assert.deepEqual(role("<RoleName/><CreateDate/><Tags/><RoleLastUsed/><MaxSessionDuration/>"), {
      RoleName: "",
      Tags: [],
      RoleLastUsed: {},
      MaxSessionDuration: 0,
    });
  });

  it("reads attributes with > and quotes in them, and closing tags with space", () => {
    assert.deepEqual(role(`<RoleName a="x > y" b='"/>'>n</RoleName ><Arn\n/>`), { RoleName: "n", Arn: "" });
  });

  it("skips what the shape does not know, however it is nested", () => {
    assert.deepEqual(role("<New><New><RoleName>x</RoleName></New><a/></New><RoleName>y</RoleName>"), { RoleName: "y" });
  });

  it("makes timestamps ISO 8601 in UTC and keeps integers beyond 2^53", () => {
    assert.deepEqual(role("<CreateDate>2020-01-01T01:00:00+01:00</CreateDate>"), {
      CreateDate: "2020-01-01T00:00:00.000Z",
    });
    const created = (text: string): unknown => role(`<CreateDate>${text}</CreateDate>`)["CreateDate"];
    for (const text of ["2026-02-28T00:00:00.000Z", "2026-12-31T23:59:59.999Z", "2026-01-01T24:00:00.000Z"]) {
      assert.equal(created(text), new Date(text).toISOString());
    }
    for (const text of ["2026-00-01T00:00:00.000Z", "2026-13-01T00:00:00.000Z", "2026-01-00T00:00:00.000Z"]) {
      assert.throws(() => created(text), SyntaxError);
    }
    const tunnel = read(
      "ec2",
      "DescribeVolumes",
      "<DescribeVolumesResponse><volumeSet><item><size>9007199254740993</size></item></volumeSet></DescribeVolumesResponse>",
    );
    assert.deepEqual(tunnel, { Volumes: [{ Size: "9007199254740993" }] });
  });

  it("reads attributes that are members", () => {
    const grant =
      '<Grant><Grantee xmlns:xsi="x" xsi:type="CanonicalUser"><ID>i</ID></Grantee><Permission>READ</Permission></Grant>';
    assert.deepEqual(read("s3", "GetBucketAcl", `<A><AccessControlList>${grant}</AccessControlList></A>`), {
      Grants: [{ Grantee: { Type: "CanonicalUser", ID: "i" }, Permission: "READ" }],
    });
  });

  it("reads flattened lists wherever their items stand", () => {
    const body = "<R><Contents><Key>a</Key></Contents><Name>n</Name><Contents><Key>b</Key></Contents><Contents/></R>";
    assert.deepEqual(read("s3", "ListObjectsV2", body), { Contents: [{ Key: "a" }, { Key: "b" }, {}], Name: "n" });
  });

  it("takes __proto__ for a key like any other", () => {
    const body =
      "<R><GetAccountSummaryResult><SummaryMap><entry><key>__proto__</key><value>1</value></entry></SummaryMap></GetAccountSummaryResult></R>";
    const map = read("iam", "GetAccountSummary", body, { resultElement: "GetAccountSummaryResult" })[
      "SummaryMap"
    ] as object;
    assert.deepEqual(Object.keys(map), ["__proto__"]);
    assert.equal(Object.getPrototypeOf(map), Object.prototype);
  });

  const vpcs = (body: string): unknown => read("ec2", "DescribeVpcs", body, { rootSuffix: "Response" });
  const GOOD =
    '\uFEFF<?xml version="1.0"?>\n<!DOCTYPE a [<!ENTITY x "y">]><DescribeVpcsResponse><vpcSet><item><vpcId>v</vpcId></item></vpcSet></DescribeVpcsResponse>\n<!-- end -->\n';

  it("reads a document with everything around its root", () => {
    assert.deepEqual(vpcs(GOOD), { Vpcs: [{ VpcId: "v" }] });
  });

  for (const [what, body] of Object.entries({
    "an empty body": "",
    "plain text": "hello",
    JSON: '{"a":1}',
    "a cut-off document": GOOD.slice(0, 120),
    "a wrong closing tag": "<DescribeVpcsResponse><vpcSet></vpcSetx></DescribeVpcsResponse>",
    "crossed tags": "<DescribeVpcsResponse><vpcSet><item></vpcSet></item></DescribeVpcsResponse>",
    "crossed tags in what is skipped": "<DescribeVpcsResponse><x><y></x></y></DescribeVpcsResponse>",
    "an element inside text":
      "<DescribeVpcsResponse><vpcSet><item><vpcId>a<b/></vpcId></item></vpcSet></DescribeVpcsResponse>",
    "text after the root": `${GOOD}x`,
    "a second root": `${GOOD}<a/>`,
    "an open comment": "<DescribeVpcsResponse><!-- ",
    "an open CDATA section": "<DescribeVpcsResponse><vpcSet><item><vpcId><![CDATA[a</vpcId>",
    "an open attribute": '<DescribeVpcsResponse a="></DescribeVpcsResponse>',
    "a tag without a name": "<DescribeVpcsResponse>< a></DescribeVpcsResponse>",
    "a page of HTML": "<html><body>hello</body></html>",
    "another document": "<Error><Code>x</Code></Error>",
  })) {
    it(`refuses ${what}`, () => {
      assert.throws(() => vpcs(body), SyntaxError);
    });
  }

  it("refuses every beginning of an answer: no partial success", () => {
    const whole = GOOD.trimEnd().replace(/\n<!-- end -->$/, "");
    fc.assert(
      fc.property(fc.integer({ min: 0, max: whole.length - 1 }), (length) => {
        assert.throws(() => vpcs(whole.slice(0, length)), SyntaxError);
      }),
    );
  });

  it("ends on anything, with an object or a SyntaxError", () => {
    const piece = fc.constantFrom(
      "<",
      ">",
      "</",
      "/>",
      "<!--",
      "-->",
      "<![CDATA[",
      "]]>",
      "<?",
      "?>",
      "&",
      ";",
      "&#x",
      '"',
      "'",
      "=",
      "item",
      "vpcSet",
      "DescribeVpcsResponse",
      " ",
      "\n",
      "é",
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 60 }), (pieces) => {
        try {
          assert.equal(typeof vpcs(`<DescribeVpcsResponse>${pieces.join("")}`), "object");
        } catch (error) {
          assert.ok(error instanceof SyntaxError, String(error));
        }
      }),
      { numRuns: 2000 },
    );
  });

  it("does not tire of depth or length", () => {
    const depth = 50_000;
    assert.deepEqual(
      vpcs(`<DescribeVpcsResponse>${"<x>".repeat(depth)}${"</x>".repeat(depth)}</DescribeVpcsResponse>`),
      {},
    );
    const item = "<item><vpcId>v&amp;</vpcId></item>";
    const started = process.hrtime.bigint();
    const { Vpcs } = vpcs(`<DescribeVpcsResponse><vpcSet>${item.repeat(50_000)}</vpcSet></DescribeVpcsResponse>`) as {
      Vpcs: unknown[];
    };
    assert.equal(Vpcs.length, 50_000);
    assert.ok(process.hrtime.bigint() - started < 3_000_000_000n, "quadratic");
  });
});
