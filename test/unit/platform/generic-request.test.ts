/** Owns the cases of a generic request's arguments. */
import assert from "node:assert/strict";
import { expandedCall, genericCall } from "../../../utils/platform/generic-request";

const plain = (...values: unknown[]) => genericCall(values, "plain", "prepend").request;
const refused = (parameter: string) => (error: { code: string; detail: { parameter: string } }) =>
  error.code === "INVALID_INPUT" && error.detail.parameter === parameter;

describe("generic request", () => {
  it("leaves the path alone, whatever slashes it has", () => {
    assert.equal(plain("/a//b/", "get").path, "/a//b/");
    assert.equal(plain("/a", "head").method, "HEAD");
  });

  it("sends an object as JSON, or as a form where the headers say so; text and bytes as they are", () => {
    assert.deepEqual(plain("/", "POST", null, { a: 1 }), {
      ...{ method: "POST", path: "/", basePath: "prepend" },
      ...{ body: '{"a":1}', contentType: "application/json" },
    });
    const form = { "Content-Type": "application/x-www-form-urlencoded; charset=utf-8" };
    assert.equal(plain("/", "POST", null, { a: "b c", l: [1, 2] }, form).body, "a=b%20c&l=1&l=2");
    assert.equal(plain("/", "DELETE", null, "<x/>").body, "<x/>");
    assert.deepEqual(plain("/", "PUT", null, Buffer.from([1])).body, Buffer.from([1]));
  });

  it("has no body where none was written", () => {
    for (const none of [null, undefined, ""]) assert.equal("body" in plain("/", "POST", null, none), false);
    assert.equal("body" in plain("/", "GET", null, {}), false);
    assert.equal(plain("/", "POST", null, {}).body, "{}");
  });

  it("takes queries as text, numbers, lists and JSON", () => {
    assert.deepEqual(plain("/", "GET", '{"a":1,"b":["x",2],"n":null}').query, { a: "1", b: ["x", "2"] });
  });

  it("takes the role and the metadata of an STSRole request behind the headers", () => {
    const values = [
      "/",
      "GET",
      null,
      null,
      { h: "1" },
      { RoleArn: "r" },
      "n",
      { service: "s3", addlHeaders: { i: "2" } },
    ];
    const { request, metadata, ...role } = genericCall(values, "STSRole", "omit");
    assert.deepEqual(role, { kind: "STSRole", stsParams: { RoleArn: "r" }, roleName: "n" });
    assert.deepEqual([request.service, request.basePath, metadata?.addlHeaders], ["s3", "omit", { h: "1", i: "2" }]);
  });

  it("refuses what it cannot send, by name", () => {
    assert.throws(() => plain(undefined, "GET"), refused("uriPath"));
    assert.throws(() => plain("https://example.com/", "GET"), refused("uriPath"));
    assert.throws(() => plain("/", "TRACE"), refused("restMethod"));
    assert.throws(() => plain("/", "GET", "no object"), refused("queryData"));
    assert.throws(() => plain("/", "GET", null, null, null, { RoleArn: "r" }), refused("iapMetadata"));
  });

  it("puts path variables in, encoded", () => {
    const path = (given: unknown) => expandedCall([null, "/a/{pathv1}/{pathv2}", "GET", given], "plain").request.path;
    assert.equal(path(["x/y", 2]), "/a/x%2Fy/2");
    assert.equal(path('["x","y"]'), "/a/x/y");
    assert.equal(path({ pathv1: "1", pathv2: "é" }), "/a/1/%C3%A9");
    assert.throws(() => path(["x"]), refused("pathVars.pathv2"));
    assert.throws(() => path("[broken"), refused("pathVars"));
  });
});
