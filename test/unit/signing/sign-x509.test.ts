/** Owns the trial of signatures made with the key of a certificate. */
import assert from "node:assert/strict";
import { createHash, createPublicKey, verify } from "node:crypto";
import { AdapterError } from "../../../utils/errors/adapter-error";
import { signX509, type X509Identity, x509Algorithm } from "../../../utils/signing/sign-x509";
import { type Issued, issueCertificate as issue, type KeyKind } from "../../../utils/simulator/issue-certificate";
import type { HttpRequest } from "../../../utils/types/http";
import { rsaKey } from "../../support/rsa-key";

const DATE_MS = Date.UTC(2026, 10, 22, 1, 2, 3, 456);
const BODY = '{"durationSeconds":3600}';

const request = (): HttpRequest => ({
  method: "POST",
  protocol: "https:",
  hostname: "rolesanywhere.eu-west-1.amazonaws.com",
  path: "/sessions",
  headers: { "content-type": "application/json" },
  body: BODY,
});

const identityOf = (issued: Issued, chain: readonly Issued[] = []): X509Identity => ({
  certificate: issued.certificate.raw,
  serialNumber: BigInt(`0x${issued.certificate.serialNumber}`).toString(),
  privateKey: issued.privateKey,
  chain: chain.map(({ certificate }) => certificate.raw),
});

const options = { service: "rolesanywhere", region: "eu-west-1", dateMs: DATE_MS };
const sha256 = (text: string): string => createHash("sha256").update(text).digest("hex");

describe("signX509", () => {
  const root = issue({ commonName: "root", authority: "ca" });
  const intermediate = issue({ commonName: "intermediate", authority: "ca", issuer: root });
  const leaf = issue({
    commonName: "leaf",
    issuer: intermediate,
    serialNumber: "ff00000000000000000000000000000000000001",
  });

  it("builds the canonical request of SigV4 with the certificate and its chain signed", () => {
    const signed = request();
    const record = signX509(signed, identityOf(leaf, [intermediate]), options);
    const x509 = leaf.certificate.raw.toString("base64");
    const chain = intermediate.certificate.raw.toString("base64");
    assert.equal(
      record.canonicalRequest,
      [
        "POST",
        "/sessions",
        "",
        "content-type:application/json",
        "host:rolesanywhere.eu-west-1.amazonaws.com",
        "x-amz-date:20261122T010203Z",
        `x-amz-x509:${x509}`,
        `x-amz-x509-chain:${chain}`,
        "",
        "content-type;host;x-amz-date;x-amz-x509;x-amz-x509-chain",
        sha256(BODY),
      ].join("\n"),
    );
    assert.equal(
      record.stringToSign,
      `AWS4-X509-ECDSA-SHA256\n20261122T010203Z\n20261122/eu-west-1/rolesanywhere/aws4_request\n${sha256(record.canonicalRequest)}`,
    );
    assert.equal(signed.headers["x-amz-x509-chain"], chain);
    assert.equal(
      signed.headers["authorization"],
      `AWS4-X509-ECDSA-SHA256 Credential=1455792646560079078679451688838485039110401556481/20261122/eu-west-1/rolesanywhere/aws4_request, SignedHeaders=${record.signedHeaders}, Signature=${record.signature}`,
    );
  });

  it("names every intermediate in order, and none without a chain", () => {
    const signed = request();
    signX509(signed, identityOf(leaf, [intermediate, root]), options);
    assert.equal(
      signed.headers["x-amz-x509-chain"],
      `${intermediate.certificate.raw.toString("base64")},${root.certificate.raw.toString("base64")}`,
    );
    const record = signX509(signed, identityOf(leaf), options);
    assert.equal("x-amz-x509-chain" in signed.headers, false, "left over from the earlier signature");
    assert.equal(record.signedHeaders, "content-type;host;x-amz-date;x-amz-x509");
  });

  for (const key of ["rsa-2048", "p-256", "p-384"] satisfies KeyKind[]) {
    it(`makes a signature that the ${key} certificate verifies`, () => {
      const issued = issue({ commonName: key, key: key === "rsa-2048" ? rsaKey() : key });
      const record = signX509(request(), identityOf(issued), options);
      const algorithm = key.startsWith("rsa") ? "AWS4-X509-RSA-SHA256" : "AWS4-X509-ECDSA-SHA256";
      assert.ok(record.stringToSign.startsWith(`${algorithm}\n`));
      const publicKey = createPublicKey(issued.pem);
      const bytes = Buffer.from(record.signature, "hex");
      assert.match(record.signature, /^[0-9a-f]+$/);
      assert.equal(verify("sha256", Buffer.from(record.stringToSign), publicKey, bytes), true);
      assert.equal(verify("sha256", Buffer.from(`${record.stringToSign} `), publicKey, bytes), false);
      // ASN.1 DER of an ECDSA signature: a SEQUENCE; an RSA one is as long as the modulus.
      if (algorithm.includes("ECDSA")) assert.equal(bytes[0], 0x30);
      else assert.equal(bytes.length, Number(key.slice(4)) / 8);
    });
  }

  it("clears the token of another identity and keeps a port in the signed host", () => {
    const signed = { ...request(), protocol: "http:" as const, hostname: "127.0.0.1", port: 8080 };
    signed.headers["x-amz-security-token"] = "of somebody else";
    signed.headers["authorization"] = "old";
    const record = signX509(signed, identityOf(leaf), options);
    assert.equal(signed.headers["host"], "127.0.0.1:8080");
    assert.equal(record.signedHeaders, "content-type;host;x-amz-date;x-amz-x509");
  });

  it("refuses a key that IAM Roles Anywhere takes no signature of", () => {
    const ed25519 = issue({ commonName: "ed", key: "ed25519" });
    assert.equal(x509Algorithm(ed25519.privateKey), undefined);
    assert.throws(
      () => signX509(request(), identityOf(ed25519), options),
      (error) =>
        error instanceof AdapterError && error.code === "CREDENTIAL_SOURCE_FAILED" && /ed25519/.test(error.message),
    );
  });
});
