/** Owns the cases of idempotency tokens: what they are made of, and that every protocol sends the one that was made. */
import assert from "node:assert/strict";
import fc from "fast-check";
import { idempotencyToken } from "../../../utils/client/idempotency-token";
import { fixture } from "./client-fixture";

/** @see https://www.rfc-editor.org/rfc/rfc9562#section-5.4 */
const VERSION_4 = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

/** Answers from a list, again and again. */
const drawn = (...values: readonly number[]): (() => number) => {
  let count = 0;
  return () => values[count++ % values.length] as number;
};

describe("idempotency tokens", () => {
  it("are UUIDs of version 4, whatever is drawn", () => {
    const below1 = fc.nat(2 ** 32 - 1).map((bits) => bits / 2 ** 32);
    const property = fc.property(fc.array(below1, { minLength: 4, maxLength: 4 }), (values) =>
      VERSION_4.test(idempotencyToken(drawn(...values))),
    );
    fc.assert(property, { numRuns: 50 });
    assert.equal(idempotencyToken(drawn(0)), "00000000-0000-4000-8000-000000000000");
    assert.equal(idempotencyToken(drawn(1 - 2 ** -48)), "ffffffff-ffff-4fff-bfff-ffffffffffff");
  });

  it("carry every bit that is drawn, once", () => {
    const hex = (digits: string): number => Number.parseInt(digits, 16) / 2 ** 48;
    const random = drawn(hex("0123456789ab"), hex("cdef01234567"), hex("89abcdef0123"), 0.5);
    assert.equal(idempotencyToken(random), "01234567-89ab-4cde-af01-89abcdef0123");
  });

  const token = idempotencyToken(drawn(0.5));
  for (const [service, operation, input, written] of [
    ["ec2", "CreateNatGateway", { SubnetId: "s" }, `&ClientToken=${token}`],
    ["cloudformation", "CreateStackSet", { StackSetName: "s" }, `&ClientRequestToken=${token}`],
    ["secrets-manager", "PutSecretValue", { SecretId: "s" }, `"ClientRequestToken":"${token}"`],
    ["dynamodb", "ExportTableToPointInTime", { TableArn: "t", S3Bucket: "b" }, `"ClientToken":"${token}"`],
    ["eks", "AssociateEncryptionConfig", { clusterName: "c", encryptionConfig: [] }, `"clientRequestToken":"${token}"`],
    ["eks", "DeleteCertificateAuthority", { clusterName: "c", certificateAuthorityId: "a" }, token],
    [
      "s3-control",
      "DeleteMultiRegionAccessPoint",
      { AccountId: "123456789012", Details: { Name: "n" } },
      `>${token}</ClientToken>`,
    ],
    ["s3", "RenameObject", { Bucket: "b", Key: "k", RenameSource: "b/s" }, `"x-amz-client-token":"${token}"`],
  ] as const) {
    it(`that are missing are made of what the client draws, once: ${service} ${operation}`, async () => {
      const { client, handler, options } = fixture(() => ({ statusCode: 400, body: "" }));
      await assert.rejects(client.send(service, operation, input, options()), { code: "SERVICE_ERROR" });
      const [request] = handler.requests;
      const { query, headers, body } = request ?? {};
      const sent = JSON.stringify([query, headers]) + String(body);
      assert.equal(sent.split(written).length, 2, sent);
      assert.equal(sent.split(token).length, 2, sent);
    });
  }
});
