/** Owns the trials of certificates and keys that are right: every form they come in, and when they are read again. */
import assert from "node:assert/strict";
import { createPrivateKey, sign, verify } from "node:crypto";
import { describe, it } from "mocha";
import { SigningMaterials } from "../../../../utils/credentials/roles-anywhere/signing-material";
import { issueCertificate as issue } from "../../../../utils/simulator/issue-certificate";
import { Secret } from "../../../../utils/types/secret";
import { bundles } from "../../../support/pkcs12-bundles";
import { DAY_MS, encrypted, folder, intermediate, leaf, NOW_MS, pem, pkcs8, read, root, rsa, text } from "./materials";

describe("SigningMaterials", () => {
  const forms: [name: string, key: string | Buffer, passphrase?: string][] = [
    ["PKCS#8", pkcs8()],
    [
      "SEC1 with curve parameters before it",
      `-----BEGIN EC PARAMETERS-----\nBggqhkjOPQMBBw==\n-----END EC PARAMETERS-----\n${leaf.privateKey.export({ type: "sec1", format: "pem" })}`,
    ],
    ["encrypted PKCS#8", encrypted("pass"), "pass"],
    [
      "encrypted SEC1 of OpenSSL's old kind",
      leaf.privateKey.export({ type: "sec1", format: "pem", cipher: "aes-128-cbc", passphrase: "pass" }).toString(),
      "pass",
    ],
    ["DER PKCS#8", leaf.privateKey.export({ type: "pkcs8", format: "der" })],
    ["DER SEC1", leaf.privateKey.export({ type: "sec1", format: "der" })],
    ["PEM that lost its line breaks", pkcs8().replaceAll("\n", " ")],
    ["PEM with \\n for line breaks", pkcs8().replaceAll("\n", "\\n")],
    ["PEM behind the certificate in one file", `${leaf.pem}${pkcs8()}`],
  ];
  for (const [name, key, passphrase] of forms) {
    it(`reads a private key in ${name}`, () => {
      const more = passphrase === undefined ? {} : { passphrase: new Secret(passphrase) };
      const { privateKey } = read(pem(text(leaf.pem), { file: "/k" }, more), { "/k": key });
      const signature = sign("sha256", Buffer.from("text"), privateKey);
      assert.equal(verify("sha256", Buffer.from("text"), leaf.certificate.publicKey, signature), true);
    });
  }

  it("reads RSA keys in PKCS#1", () => {
    const key = rsa.privateKey.export({ type: "pkcs1", format: "pem" }).toString();
    assert.equal(read(pem(text(rsa.pem), text(key))).privateKey.asymmetricKeyType, "rsa");
  });

  it("reads a certificate in DER, and tells its serial number in decimal", () => {
    const material = read(pem({ file: "/c" }, text(leaf.keyPem)), { "/c": leaf.certificate.raw });
    assert.equal(material.serialNumber, BigInt("0x0a1b2c3d4e5f").toString());
    assert.deepEqual(material.chain, []);
  });

  it("finds the leaf by its key, takes the other certificates as chain once each, and leaves the root out", () => {
    const bag = [root.pem, intermediate.pem, leaf.pem].join("");
    const material = read(pem(text(bag), text(leaf.keyPem), { chain: text(`${intermediate.pem}${root.pem}`) }));
    assert.deepEqual(material.certificate, leaf.certificate.raw);
    assert.deepEqual(material.chain, [intermediate.certificate.raw]);
  });

  for (const { name, base64, passphrase, type } of bundles) {
    it(`reads a PKCS#12 bundle: ${name}`, () => {
      const more = passphrase === "" ? {} : { passphrase: new Secret(passphrase) };
      const material = read({ form: "pkcs12", bundle: text(base64), ...more }, {}, Date.parse("2026-12-01"));
      assert.equal(material.privateKey.asymmetricKeyType, type);
      assert.equal(material.leaf.subject, "CN=bundled workload");
      assert.equal(material.chain.length, 1);
      const signature = sign(
        "sha256",
        Buffer.from("text"),
        createPrivateKey(material.privateKey.export({ type: "pkcs8", format: "pem" })),
      );
      assert.equal(verify("sha256", Buffer.from("text"), material.leaf.publicKey, signature), true);
    });
  }

  it("sends of a whole bundle only what leads on from the certificate", () => {
    const strangers = Array.from({ length: 30 }, (_, index) =>
      issue({ commonName: `Authority ${index}`, authority: "ca", issuer: root }),
    );
    const bundle = [...strangers, intermediate, root].map((one) => one.pem).join("");
    const { chain } = read(pem(text(leaf.pem), text(leaf.keyPem), { chain: text(bundle) }));
    assert.deepEqual(chain, [intermediate.certificate.raw]);
  });

  it("puts a chain in order, and ends where authorities vouch for each other", () => {
    const middle = issue({ commonName: "Middle", authority: "ca", issuer: root });
    const near = issue({ commonName: "Near", authority: "ca", issuer: middle });
    const crossed = issue({ commonName: "Middle", authority: "ca", issuer: near });
    const end = issue({ commonName: "end", issuer: near });
    const chain = text([middle, crossed, near].map((one) => one.pem).join("\r\n"));
    const material = read(pem(text(end.pem), text(end.keyPem), { chain }));
    assert.deepEqual(
      material.chain,
      [near, middle, crossed].map(({ certificate }) => certificate.raw),
    );
  });

  it("reads files as Windows writes them: a byte order mark, CRLF, UTF-16", () => {
    const windows = (pemText: string) => `\uFEFF${pemText.replaceAll("\n", "\r\n")}`;
    for (const encoding of ["utf8", "utf16le"] as const) {
      const files = {
        "c.pem": Buffer.from(windows(leaf.pem), encoding),
        "k.pem": Buffer.from(windows(leaf.keyPem), encoding),
      };
      const { certificate } = read(pem({ file: "c.pem" }, { file: "k.pem" }), files);
      assert.deepEqual(certificate, leaf.certificate.raw, encoding);
    }
  });

  it("uses a rotated certificate without a restart, and parses only what changed", () => {
    const files = folder({ "/c": leaf.pem, "/k": encrypted("pass") });
    const materials = new SigningMaterials(files);
    const material = pem({ file: "/c" }, { file: "/k" }, { passphrase: new Secret("pass") });
    const first = materials.read(material, "Adapter Role", NOW_MS);
    assert.equal(materials.read(material, "Adapter Role", NOW_MS), first);
    assert.equal(files.reads.length, 4);
    const renewed = issue({ commonName: "workload", issuer: intermediate, serialNumber: "0102" });
    Object.assign(files.contents, { "/c": renewed.pem, "/k": encrypted("pass", renewed) });
    assert.equal(materials.read(material, "Adapter Role", NOW_MS).serialNumber, "258");
  });

  it("does not answer one passphrase with what another one opened", () => {
    const materials = new SigningMaterials(folder({}));
    const material = (passphrase: string) =>
      pem(text(leaf.pem), text(encrypted("pass")), { passphrase: new Secret(passphrase) });
    materials.read(material("pass"), "Adapter Role", NOW_MS);
    assert.throws(() => materials.read(material("wrong"), "Adapter Role", NOW_MS), /cannot be decrypted/);
  });

  it("judges validity each time, not only when the file was parsed", () => {
    const materials = new SigningMaterials(folder({}));
    const material = pem(text(leaf.pem), text(leaf.keyPem));
    materials.read(material, "Adapter Role", NOW_MS);
    assert.throws(() => materials.read(material, "Adapter Role", NOW_MS + 400 * DAY_MS), /expired on/);
  });
});
