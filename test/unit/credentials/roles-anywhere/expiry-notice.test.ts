/** Owns the trial of the warning before a certificate expires. */
import assert from "node:assert/strict";
import { ExpiryNotice } from "../../../../utils/credentials/roles-anywhere/expiry-notice";
import { SigningMaterials } from "../../../../utils/credentials/roles-anywhere/signing-material";
import { issueCertificate as issue } from "../../../../utils/simulator/issue-certificate";
import { Secret } from "../../../../utils/types/secret";

const NOW_MS = Date.now();
const DAY_MS = 86_400_000;
const noFiles = { read: (): Buffer => assert.fail("no file is read"), exists: () => false, list: () => [] };
const read = ({ pem, keyPem }: ReturnType<typeof issue>) => {
  const text = (value: string) => ({ text: new Secret(value) });
  const material = { form: "pem", certificate: text(pem), privateKey: text(keyPem) } as const;
  return new SigningMaterials(noFiles).read(material, "Adapter Role", NOW_MS);
};

describe("ExpiryNotice", () => {
  const soon = issue({ commonName: "soon", notAfterMs: NOW_MS + 30 * DAY_MS });

  it("warns within 30 days of the end, once a day for each certificate", () => {
    const material = read(soon);
    const warnings: string[] = [];
    const notice = new ExpiryNotice((message) => warnings.push(message));
    notice.check(material, NOW_MS - DAY_MS);
    assert.equal(warnings.length, 0);
    notice.check(material, NOW_MS + 1000);
    notice.check(material, NOW_MS + DAY_MS / 2);
    assert.equal(warnings.length, 1);
    assert.match(warnings[0] as string, /certificate \(CN=soon\) expires in 29 days, on /);
    notice.check(material, NOW_MS + DAY_MS + 1000);
    assert.equal(warnings.length, 2);
    const other = issue({ commonName: "other", notAfterMs: NOW_MS + DAY_MS });
    notice.check(read(other), NOW_MS + DAY_MS / 2);
    assert.match(warnings[2] as string, /CN=other\) expires in less than a day/);
  });
});
