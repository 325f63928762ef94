/** Owns the cases of SigV4a end to end: where the endpoint rules ask for it, who is dialled, and what is on the wire. */
import assert from "node:assert/strict";
import { before, describe, it } from "mocha";
import { isSignedBy, publicPoint, type WireRequest } from "../../support/verify-sigv4a";
import { accessKeyId, type CapturedCall, calls, capturedCalls, secretAccessKey, sessionToken } from "./captured-calls";

function wireRequest(raw: Buffer): WireRequest {
  const end = raw.indexOf("\r\n\r\n");
  const [line = "", ...fields] = raw.subarray(0, end).toString("latin1").split("\r\n");
  const [method = "", target = ""] = line.split(" ");
  const headers = Object.fromEntries(fields.map((field) => field.split(/: *(.*)/s).slice(0, 2) as [string, string]));
  return { method, target, headers, body: raw.subarray(end + 4) };
}

describe("services of several regions at once", () => {
  let captured: readonly CapturedCall[];
  const point = publicPoint(accessKeyId, secretAccessKey);
  before(async () => {
    captured = await capturedCalls();
  });

  calls.forEach(([name, host, service], index) => {
    it(`${name}: signed by SigV4a for every region, at the host of no region`, () => {
      const { raw, dialled } = captured[index] as CapturedCall;
      const request = wireRequest(raw);
      assert.equal(dialled, `${host}:443`);
      assert.equal(request.headers["host"], host);
      assert.equal(request.headers["x-amz-region-set"], "*");
      assert.equal(request.headers["x-amz-security-token"], sessionToken);
      const authorization = String(request.headers["authorization"]);
      assert.match(authorization, new RegExp(`Credential=${accessKeyId}/\\d{8}/${service}/aws4_request,`));
      assert.match(authorization, /SignedHeaders=\S*x-amz-region-set;x-amz-/);
      const path = service === "s3" ? "once" : "twice";
      assert.ok(isSignedBy(point, request, path));
      const changes: Partial<WireRequest>[] = [
        { target: `${request.target}x` },
        { headers: { ...request.headers, "x-amz-region-set": "eu-west-1" } },
        { headers: { ...request.headers, "x-amz-security-token": "of somebody else" } },
      ];
      for (const change of changes) assert.ok(!isSignedBy(point, { ...request, ...change }, path));
    });
  });
});
