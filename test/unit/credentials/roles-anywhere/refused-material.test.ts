/** Owns the trials of certificates and keys that are wrong: one clear error for every wrong file. */
import assert from "node:assert/strict";
import { describe, it } from "mocha";
import { issueCertificate as issue } from "../../../../utils/simulator/issue-certificate";
import type { CertificateMaterial } from "../../../../utils/types/role-chain";
import { Secret } from "../../../../utils/types/secret";
import { bundles } from "../../../support/pkcs12-bundles";
import { DAY_MS, encrypted, leaf, NOW_MS, pem, refusal, root, rsa, text } from "./materials";

describe("SigningMaterials refuses", () => {
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
});
