/** Owns the trials of STS's published limits, from both sides of each: what is just allowed, and what is one too many. */
import assert from "node:assert/strict";
import { describe, it } from "mocha";
import { AdapterError } from "../../../utils/errors/adapter-error";
import { givenStsParams } from "../../../utils/settings/sts-params";

const text = (length: number, letter = "x"): string => letter.repeat(length);
const tags = (count: number) => Array.from({ length: count }, (_, index) => ({ Key: `k${index}`, Value: "v" }));
const arns = (count: number) => Array(count).fill("arn:aws:iam::aws:policy/ReadOnlyAccess");
/** A policy document of so many characters. */
const policy = (length: number): string =>
  JSON.stringify({ Version: text(length - JSON.stringify({ Version: "" }).length) });
const mfa = { SerialNumber: "GAHT12345678", TokenCode: "123456" };

interface Limit {
  readonly parameter: string;
  /** As the error must say it. */
  readonly words: RegExp;
  readonly allowed: readonly object[];
  readonly refused: readonly object[];
  /** The parameter as the error names it, where that is more exact. */
  readonly named?: string;
}

/** https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html, https://docs.aws.amazon.com/STS/latest/APIReference/API_Tag.html */
const limits: readonly Limit[] = [
  {
    parameter: "RoleSessionName",
    words: /2 to 64 characters of letters, digits and _ and \+=,\.@-/,
    allowed: [{ RoleSessionName: text(2) }, { RoleSessionName: text(64) }, { RoleSessionName: "a_b+=,.@-1" }],
    refused: ["x", text(65), "a b", "a/b", "a:b", "sesión", "a\nb"].map((RoleSessionName) => ({ RoleSessionName })),
  },
  {
    parameter: "ExternalId",
    words: /2 to 1224 characters of .*:\/-/,
    allowed: [text(2), text(1224), "a/b:c_d+=,.@-"].map((ExternalId) => ({ ExternalId })),
    refused: ["x", text(1225), "a b", "a#b", "ü1"].map((ExternalId) => ({ ExternalId })),
  },
  {
    parameter: "SourceIdentity",
    words: /2 to 64 characters/,
    allowed: [text(2), text(64)].map((SourceIdentity) => ({ SourceIdentity })),
    refused: ["x", text(65), "a/b"].map((SourceIdentity) => ({ SourceIdentity })),
  },
  {
    parameter: "SerialNumber",
    words: /9 to 256 characters/,
    allowed: [text(9), text(256), "arn:aws:iam::123456789012:mfa/jane"].map((SerialNumber) => ({
      ...mfa,
      SerialNumber,
    })),
    refused: [text(8), text(257), "GAHT 12345678"].map((SerialNumber) => ({ ...mfa, SerialNumber })),
  },
  {
    parameter: "TokenCode",
    words: /6 characters of digits/,
    allowed: [mfa],
    refused: ["12345", "1234567", "12345x", "１２３４５６"].map((TokenCode) => ({ ...mfa, TokenCode })),
  },
  {
    parameter: "DurationSeconds",
    words: /integer from 900 to 43200 seconds/,
    allowed: [900, 43_200].map((DurationSeconds) => ({ DurationSeconds })),
    refused: [899, 43_201, 900.5, -3600, "3600", Number.NaN].map((DurationSeconds) => ({ DurationSeconds })),
  },
  {
    parameter: "Policy",
    words: /1 to 2048 characters of Latin-1 characters|a policy document in JSON/,
    allowed: [{ Policy: policy(2048) }],
    refused: [policy(2049), '{"a":"π"}', "[]", "Allow"].map((Policy) => ({ Policy })),
  },
  {
    parameter: "PolicyArns",
    words: /up to 10 ARNs of managed policies/,
    allowed: [{ PolicyArns: arns(10) }, { PolicyArns: [{ arn: arns(1)[0] }] }],
    refused: [arns(11), "arn:aws:iam::aws:policy/ReadOnlyAccess"].map((PolicyArns) => ({ PolicyArns })),
  },
  {
    parameter: "PolicyArns",
    named: "PolicyArns[0]",
    words: /the ARN of a managed policy/,
    allowed: [{ PolicyArns: ["arn:aws:iam::123456789012:policy/team/Read+Only=,.@-"] }],
    refused: ["\ud800", "é", "a b", ""].map((name) => ({ PolicyArns: [`arn:aws:iam::aws:policy/${name}`] })),
  },
  { parameter: "Tags", words: /up to 50 of/, allowed: [{ Tags: tags(50) }], refused: [{ Tags: tags(51) }] },
  {
    parameter: "Tags",
    named: "Tags[0].Key",
    words: /1 to 128 characters/,
    allowed: [{ Tags: [{ Key: text(128), Value: "" }] }, { Tags: [{ Key: "Kostenstelle Süd", Value: "ü" }] }],
    refused: [text(129), "", "a#b", 7].map((Key) => ({ Tags: [{ Key, Value: "" }] })),
  },
  {
    parameter: "Tags",
    named: "Tags[0].Value",
    words: /0 to 256 characters/,
    allowed: [{ Tags: [{ Key: "k", Value: text(256) }] }],
    refused: [text(257), "a;b", null].map((Value) => ({ Tags: [{ Key: "k", Value }] })),
  },
  {
    parameter: "TransitiveTagKeys",
    words: /up to 50 tag keys/,
    allowed: [{ Tags: tags(50), TransitiveTagKeys: tags(50).map(({ Key }) => Key) }],
    refused: [{ Tags: tags(50), TransitiveTagKeys: tags(51).map(({ Key }) => Key) }],
  },
];

describe("the limits of STS", () => {
  for (const { parameter, named = parameter, words, allowed, refused } of limits) {
    it(`${named}: takes what is within`, () => {
      for (const params of allowed) assert.deepEqual(givenStsParams(params), params);
    });

    it(`${named}: refuses what is not, and names the limit`, () => {
      for (const params of refused) {
        assert.throws(
          () => givenStsParams(params),
          (error: unknown) => {
            assert.ok(error instanceof AdapterError, JSON.stringify(params));
            assert.equal(error.code, "INVALID_ROLE_REQUEST");
            assert.equal(error.detail["parameter"], `stsParams.${named}`, JSON.stringify(params).slice(0, 100));
            assert.match(error.message, words);
            return true;
          },
        );
      }
    });
  }
});
