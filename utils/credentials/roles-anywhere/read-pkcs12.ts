/** Owns the reading of PKCS#12 bundles, which node cannot take apart. https://www.rfc-editor.org/rfc/rfc7292 */
import { createPrivateKey, type KeyObject, X509Certificate } from "node:crypto";
import type { asn1, pkcs12 } from "node-forge";
import { lazy } from "../../types/lazy";
import type { Secret } from "../../types/secret";
import { materialError, type Origin, originWords } from "./material-error";
import { contentWords } from "./pem";

/** Eighty milliseconds that only an operator with a bundle waits for. */
const forge = lazy(() => require("node-forge") as typeof import("node-forge"));

export interface BundleContent {
  readonly certificates: readonly X509Certificate[];
  readonly keys: readonly KeyObject[];
}

/**
 * @param content - the bundle, DER
 * @param passphrase - of the bundle; none is the empty one
 * @throws AdapterError `CREDENTIAL_SOURCE_FAILED`: no bundle, a wrong passphrase, no key in it
 */
export function readPkcs12(
  words: string,
  content: Buffer,
  passphrase: Secret | undefined,
  origin: Origin,
): BundleContent {
  const where = originWords(origin);
  const isBundle = content[0] === 0x30;
  if (!isBundle) {
    throw materialError(
      words,
      `${where} is not a PKCS#12 bundle: ${contentWords(content)}`,
      `Give a bundle (.p12, .pfx) in ${origin.property}`,
    );
  }
  let bundle: pkcs12.Pkcs12Pfx;
  try {
    const { asn1: reader, pkcs12: decoder, util } = forge();
    bundle = decoder.pkcs12FromAsn1(
      reader.fromDer(util.createBuffer(content.toString("latin1"))),
      false,
      passphrase?.reveal() ?? "",
    );
  } catch (cause) {
    if (/password|decrypt/i.test((cause as Error).message)) {
      const reason =
        passphrase === undefined ? "has a passphrase, and none is given" : "cannot be opened with the passphrase";
      throw materialError(words, `${where} ${reason}`, "Correct passphrase", cause);
    }
    throw materialError(words, `${where} is not a PKCS#12 bundle that can be read`, "Export the bundle again", cause);
  }
  const bags = bundle.safeContents.flatMap(({ safeBags }) => safeBags);
  const { oids, certificateToAsn1, privateKeyToAsn1, wrapRsaPrivateKey } = forge().pki;
  const certificates: X509Certificate[] = [];
  const keys: KeyObject[] = [];
  for (const bag of bags) {
    // EC certificates and keys come undecoded, as ASN.1; RSA ones decoded.
    if (bag.type === oids["certBag"]) {
      certificates.push(new X509Certificate(der(bag.cert ? certificateToAsn1(bag.cert) : bag.asn1)));
    } else if (bag.type === oids["keyBag"] || bag.type === oids["pkcs8ShroudedKeyBag"]) {
      const key = bag.key ? wrapRsaPrivateKey(privateKeyToAsn1(bag.key)) : bag.asn1;
      keys.push(createPrivateKey({ key: der(key), format: "der", type: "pkcs8" }));
    }
  }
  if (keys.length === 0)
    throw materialError(words, `${where} holds no private key`, "Export the bundle with its private key");
  if (certificates.length === 0)
    throw materialError(words, `${where} holds no certificate`, "Export the bundle with its certificate");
  return { certificates, keys };
}

const der = (node: asn1.Asn1): Buffer => Buffer.from(forge().asn1.toDer(node).getBytes(), "latin1");
