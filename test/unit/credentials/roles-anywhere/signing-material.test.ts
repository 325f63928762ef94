/** Owns the trials of certificates and keys: every form they come in, and one clear error for every wrong file. */
import assert from "node:assert/strict";
import { createPrivateKey, sign, verify } from "node:crypto";
import { describe, it } from "mocha";
import { SigningMaterials } from "../../../../utils/credentials/roles-anywhere/signing-material";
import { AdapterError } from "../../../../utils/errors/adapter-error";
import { issueCertificate as issue } from "../../../../utils/simulator/issue-certificate";
import type { CertificateMaterial, TextOrFile } from "../../../../utils/types/role-chain";
import { Secret } from "../../../../utils/types/secret";
import { bundles } from "../../../support/pkcs12-bundles";

const NOW_MS = Date.now();
const DAY_MS = 86_400_000;
const root = issue({ commonName: "Example Root", authority: "ca" });
const intermediate = issue({ commonName: "Example Issuing", authority: "ca", issuer: root });
const leaf = issue({ commonName: "workload", issuer: intermediate });
const rsa = issue({ commonName: "workload", issuer: intermediate, key: "rsa-2048" });

/** Files that can be changed under way, and that count how often they are read. */
function folder(contents: Record<string, string | Buffer>) {
  const reads: string[] = [];
  return {
    contents,
    reads,
    read: (path: string): Buffer => {
      reads.push(path);
      const content = contents[path];
      if (content === undefined) throw Object.assign(new Error("no such file"), { code: "ENOENT" });
      return Buffer.from(content);
    },
    exists: (path: string) => path in contents,
    list: () => [],
  };
}

const text = (value: string): TextOrFile => ({ text: new Secret(value) });
const pem = (certificate: TextOrFile, privateKey: TextOrFile, more: object = {}): CertificateMaterial => ({
  form: "pem",
  certificate,
  privateKey,
  ...more,
});
const read = (material: CertificateMaterial, files: Record<string, string | Buffer> = {}, nowMs = NOW_MS) =>
  new SigningMaterials(folder(files)).read(material, "Adapter Role", nowMs);

function refusal(
  material: CertificateMaterial,
  files: Record<string, string | Buffer> = {},
  nowMs = NOW_MS,
): AdapterError {
  try {
    read(material, files, nowMs);
  } catch (error) {
    assert.ok(error instanceof AdapterError, String(error));
    assert.equal(error.code, "CREDENTIAL_SOURCE_FAILED");
    return error;
  }
  return assert.fail("accepted");
}

const pkcs8 = (issued = leaf) => issued.keyPem;
const encrypted = (passphrase: string, issued = leaf) =>
  issued.privateKey.export({ type: "pkcs8", format: "pem", cipher: "aes-256-cbc", passphrase }).toString();

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

  const old = issue({ commonName: "old", issuer: root, notBeforeMs: NOW_MS - 9 * DAY_MS, notAfterMs: NOW_MS - DAY_MS });
  const early = issue({ commonName: "early", issuer: root, notBeforeMs: NOW_MS + DAY_MS });
  const ed25519 = issue({ commonName: "ed", issuer: root, key: "ed25519" });
  const publicPem = leaf.certificate.publicKey.export({ type: "spki", format: "pem" }).toString();
  const request = "-----BEGIN CERTIFICATE REQUEST-----\nMIIB\n-----END CERTIFICATE REQUEST-----\n";
  const passphrase = new Secret("s3cr3t");
  const wrongs: [
    name: string,
    material: CertificateMaterial,
    files: Record<string, string | Buffer>,
    reason: RegExp,
  ][] = [
    [
      "a key where the certificate belongs",
      pem({ file: "/c" }, text(leaf.keyPem)),
      { "/c": leaf.keyPem },
      /certificate_file \(\/c\) is not a certificate: it holds a private key\./,
    ],
    [
      "a certificate where the key belongs",
      pem(text(leaf.pem), { file: "/k" }),
      { "/k": leaf.pem },
      /private_key_file \(\/k\) is not a private key: it holds a certificate\./,
    ],
    [
      "the two swapped",
      pem(text(leaf.keyPem), text(leaf.pem)),
      {},
      /certificate is not a certificate: it holds a private key/,
    ],
    ["a signing request", pem(text(request), text(leaf.keyPem)), {}, /it holds a certificate signing request/],
    ["a public key", pem(text(leaf.pem), text(publicPem)), {}, /it holds a public key/],
    [
      "a path in place of text",
      pem(text("/etc/pki/client.pem"), text(leaf.keyPem)),
      {},
      /certificate is not PEM text but looks like a path/,
    ],
    [
      "a file that is missing",
      pem({ file: "/c" }, text(leaf.keyPem)),
      {},
      /certificate_file \(\/c\) cannot be read: ENOENT/,
    ],
    ["a file that is empty", pem({ file: "/c" }, text(leaf.keyPem)), { "/c": "\n" }, /it is empty/],
    ["a file that is something else", pem({ file: "/c" }, text(leaf.keyPem)), { "/c": "hello" }, /neither PEM nor DER/],
    ["PEM that is cut off", pem(text(leaf.pem.slice(0, 200)), text(leaf.keyPem)), {}, /its PEM text is cut off/],
    [
      "a certificate that is damaged",
      pem(text(leaf.pem.replace("MII", "MAA")), text(leaf.keyPem)),
      {},
      /a certificate that cannot be read/,
    ],
    [
      "a key that is damaged",
      pem(text(leaf.pem), text(leaf.keyPem.replace("MIGH", "MAGH"))),
      {},
      /a private key that cannot be read/,
    ],
    [
      "an encrypted key without a passphrase",
      pem(text(leaf.pem), text(encrypted("s3cr3t"))),
      {},
      /private_key is encrypted, and no passphrase/,
    ],
    [
      "a wrong passphrase",
      pem(text(leaf.pem), text(encrypted("other")), { passphrase }),
      {},
      /private_key cannot be decrypted with the passphrase/,
    ],
    [
      "a key of another certificate",
      pem(text(leaf.pem), text(rsa.keyPem)),
      {},
      /do not match: the key in private_key \(rsa 2048\) is not that of certificate \(CN=workload, ec prime256v1\)/,
    ],
    ["an expired certificate", pem(text(old.pem), text(old.keyPem)), {}, /certificate \(CN=old\) expired on /],
    [
      "a certificate of tomorrow",
      pem(text(early.pem), text(early.keyPem)),
      {},
      /certificate \(CN=early\) is not valid before /,
    ],
    [
      "the certificate of an authority",
      pem(text(root.pem), text(root.keyPem)),
      {},
      /certificate of an authority \(CN=Example Root\)/,
    ],
    ["a key that cannot sign for it", pem(text(ed25519.pem), text(ed25519.keyPem)), {}, /ed25519, not RSA or EC/],
    [
      "a chain that is none",
      pem(text(leaf.pem), text(leaf.keyPem), { chain: { file: "/ch" } }),
      { "/ch": leaf.keyPem },
      /certificate_chain_file \(\/ch\) is not a certificate/,
    ],
    [
      "a certificate in place of a bundle",
      { form: "pkcs12", bundle: { file: "/b" } },
      { "/b": leaf.pem },
      /pkcs12_file \(\/b\) is not a PKCS#12 bundle: it holds a certificate/,
    ],
    [
      "DER that is no bundle",
      { form: "pkcs12", bundle: { file: "/b" } },
      { "/b": leaf.certificate.raw },
      /not a PKCS#12 bundle that can be read/,
    ],
    [
      "a bundle with another passphrase",
      { form: "pkcs12", bundle: text(bundles[0]?.base64 ?? ""), passphrase },
      {},
      /pkcs12 cannot be opened with the passphrase/,
    ],
    [
      "a bundle without its passphrase",
      { form: "pkcs12", bundle: text(bundles[0]?.base64 ?? "") },
      {},
      /pkcs12 has a passphrase, and none is given/,
    ],
  ];
  for (const [name, material, files, reason] of wrongs) {
    it(`refuses ${name}`, () => {
      const error = refusal(material, files);
      assert.match(error.message, reason);
      assert.match(error.recommendation, /aws_roles_anywhere/);
      assert.equal(error.step, "Adapter Role");
      assert.doesNotMatch(JSON.stringify([error, error.message, error.recommendation]), /s3cr3t|BEGIN/);
    });
  }

  it("judges validity each time, not only when the file was parsed", () => {
    const materials = new SigningMaterials(folder({}));
    const material = pem(text(leaf.pem), text(leaf.keyPem));
    materials.read(material, "Adapter Role", NOW_MS);
    assert.throws(() => materials.read(material, "Adapter Role", NOW_MS + 400 * DAY_MS), /expired on/);
  });
});
