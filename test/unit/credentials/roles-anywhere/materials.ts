/** Owns the certificates and keys that these trials read, and how they are given: as text or as files. */
import assert from "node:assert/strict";
import { SigningMaterials } from "../../../../utils/credentials/roles-anywhere/signing-material";
import { AdapterError } from "../../../../utils/errors/adapter-error";
import { issueCertificate as issue } from "../../../../utils/simulator/issue-certificate";
import type { CertificateMaterial, TextOrFile } from "../../../../utils/types/role-chain";
import { Secret } from "../../../../utils/types/secret";
import { rsaKey } from "../../../support/rsa-key";

export const NOW_MS = Date.now();
export const DAY_MS = 86_400_000;
export const root = issue({ commonName: "Example Root", authority: "ca" });
export const intermediate = issue({ commonName: "Example Issuing", authority: "ca", issuer: root });
export const leaf = issue({ commonName: "workload", issuer: intermediate });
export const rsa = issue({ commonName: "workload", issuer: intermediate, key: rsaKey() });

/** Files that can be changed under way, and that count how often they are read. */
export function folder(contents: Record<string, string | Buffer>) {
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

export const text = (value: string): TextOrFile => ({ text: new Secret(value) });
export const pem = (certificate: TextOrFile, privateKey: TextOrFile, more: object = {}): CertificateMaterial => ({
  form: "pem",
  certificate,
  privateKey,
  ...more,
});
export const read = (material: CertificateMaterial, files: Record<string, string | Buffer> = {}, nowMs = NOW_MS) =>
  new SigningMaterials(folder(files)).read(material, "Adapter Role", nowMs);

export function refusal(
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

export const pkcs8 = (issued = leaf) => issued.keyPem;
export const encrypted = (passphrase: string, issued = leaf) =>
  issued.privateKey.export({ type: "pkcs8", format: "pem", cipher: "aes-256-cbc", passphrase }).toString();
