/** Owns the proof that a success which AWS never gave is an error, and that what AWS does give is none. */
import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { AdapterError } from "../../../utils/errors/adapter-error";
import { nodeFiles } from "../../../utils/runtime/node-files";
import { type Answer, answers, fixture } from "./client-fixture";

const PAGE = "<!-- portal -->\n<!DOCTYPE html><html><body>Log in</body></html>";
const XHTML = '<?xml version="1.0"?><!DOCTYPE html PUBLIC "x"><html xmlns="http://www.w3.org/1999/xhtml"></html>';
const AWS = { "x-amzn-requestid": "r-1" };

const CALLS = {
  "s3 PutObject": { Bucket: "bucket-1", Key: "k", Body: "text" },
  "s3 DeleteObject": { Bucket: "bucket-1", Key: "k" },
  "s3 GetObject": { Bucket: "bucket-1", Key: "k" },
  "s3 ListBuckets": {},
  "s3 GetBucketPolicy": { Bucket: "bucket-1" },
  "dynamodb ListTables": {},
  "cloudwatch-logs CreateLogGroup": { logGroupName: "group" },
  "lambda DeleteAlias": { FunctionName: "f", Name: "n" },
  "lambda Invoke": { FunctionName: "f" },
  "lambda ListFunctions": {},
  "route-53 ListHostedZones": {},
} as const;

const call = (name: keyof typeof CALLS, answer: Answer): Promise<unknown> => {
  const [service, operation] = name.split(" ") as [string, string];
  const { client, options } = fixture(answers(answer));
  return client.send(service, operation, structuredClone(CALLS[name]), options());
};

const isUnreadable = (error: unknown): boolean => {
  assert.ok(error instanceof AdapterError, String(error));
  assert.equal(error.code, "RESPONSE_UNREADABLE", error.message);
  return true;
};

describe("a success that AWS never gave", () => {
  for (const name of Object.keys(CALLS) as (keyof typeof CALLS)[]) {
    for (const [what, body] of Object.entries({ "a page": PAGE, "a page in XML's dress": XHTML })) {
      it(`is an error: ${what} for ${name}`, () => assert.rejects(call(name, { body }), isUnreadable));
    }
    for (const statusCode of [0, 101]) {
      it(`is an error: status ${statusCode} for ${name}`, () => assert.rejects(call(name, { statusCode })));
    }
  }

  for (const name of [
    "s3 ListBuckets",
    "dynamodb ListTables",
    "lambda ListFunctions",
    "route-53 ListHostedZones",
  ] as const) {
    it(`is an error: nothing for ${name}`, () => assert.rejects(call(name, { body: "" }), isUnreadable));
  }

  for (const name of ["s3 DeleteObject", "lambda DeleteAlias"] as const) {
    it(`is an error: some text for ${name}`, () => assert.rejects(call(name, { body: "It works!" }), isUnreadable));
  }

  it("is not written into a file", async () => {
    const root = mkdtempSync(join(tmpdir(), "foreign-"));
    try {
      const answer = { body: PAGE, headers: { "content-type": "text/html; charset=utf-8" } };
      const { client, options } = fixture(answers(answer), { fileAccess: { root, files: nodeFiles } });
      const metadata = { saveTo: "object" };
      await assert.rejects(client.send("s3", "GetObject", CALLS["s3 GetObject"], options({ metadata })), isUnreadable);
      assert.equal(nodeFiles.exists(join(root, "object")), false);
    } finally {
      rmSync(root, { recursive: true });
    }
  });
});

describe("a success that AWS gives", () => {
  const GIVEN: readonly [keyof typeof CALLS, Answer][] = [
    ["s3 PutObject", { body: "" }],
    ["s3 DeleteObject", { statusCode: 204 }],
    ["s3 GetObject", { body: PAGE, headers: { "x-amz-request-id": "r" } }],
    ["s3 GetBucketPolicy", { body: '{"Version":"2012-10-17"}' }],
    ["dynamodb ListTables", { body: "", headers: AWS }],
    ["cloudwatch-logs CreateLogGroup", { body: "" }],
    ["cloudwatch-logs CreateLogGroup", { body: "{}" }],
    ["lambda DeleteAlias", { statusCode: 204 }],
    ["lambda DeleteAlias", { body: "{}" }],
    ["lambda Invoke", { body: PAGE, headers: AWS }],
    ["lambda Invoke", { body: '"text"' }],
  ];
  for (const [name, answer] of GIVEN) {
    it(`is none: ${name} with ${answer.statusCode ?? 200} ${JSON.stringify(answer.body ?? "").slice(0, 30)}`, () =>
      call(name, answer));
  }
});
