/**
 * Owns the judgement of AWS4-X509 signatures from the wire bytes: certificate, chain, clock, signature.
 * https://docs.aws.amazon.com/rolesanywhere/latest/userguide/authentication-sign-process.html
 */
import { createHash, verify, X509Certificate } from "node:crypto";
import { canonicalRequest } from "./canonical-request";
import { basicTimestamp, timestampMs } from "./presented-signature";
import { ServiceFault } from "./service-fault";
import type { WireRequest } from "./wire-request";

const keyTypes: Readonly<Record<string, string>> = {
  "AWS4-X509-RSA-SHA256": "rsa",
  "AWS4-X509-ECDSA-SHA256": "ec",
};
const toleratedSkewMs = 5 * 60_000;

/** What a request proves: that its sender has the key of that certificate. */
export interface X509Proof {
  readonly certificate: X509Certificate;
  readonly intermediates: readonly X509Certificate[];
  readonly region: string;
}

export const accessDenied = (message: string): ServiceFault => new ServiceFault("AccessDeniedException", message, 403);

/** @throws ServiceFault when the signature is not whole, not of now, or not of the certificate that it shows */
export function proveX509(request: WireRequest, nowMs: number): X509Proof {
  const header = request.headers.get("authorization") ?? "";
  const parts =
    /^(AWS4-X509-\w+-SHA256) Credential=(\d+)\/(\d{8})\/([\w-]+)\/(\w+)\/aws4_request, SignedHeaders=([\w;-]+), Signature=([0-9a-f]+)$/.exec(
      header,
    );
  if (parts === null) throw accessDenied("Missing Authentication Token");
  const [, algorithm = "", serialNumber, date, region = "", service, names = "", signature = ""] = parts;
  const signedHeaders = names.split(";");
  const timestamp = request.headers.get("x-amz-date") ?? "";
  const encoded = request.headers.get("x-amz-x509");
  const chain = request.headers.get("x-amz-x509-chain");
  if (service !== "rolesanywhere" || date !== timestamp.slice(0, 8))
    throw accessDenied("Credential scope is not valid.");
  const mustBeSigned = ["host", "x-amz-date", "x-amz-x509", ...(chain === undefined ? [] : ["x-amz-x509-chain"])];
  const unsigned = mustBeSigned.filter((name) => !signedHeaders.includes(name));
  if (encoded === undefined || unsigned.length > 0)
    throw accessDenied(`Headers must be signed: ${mustBeSigned.join(", ")}`);
  const skewMs = nowMs - timestampMs(timestamp);
  if (Number.isNaN(skewMs)) throw accessDenied("X-Amz-Date is not valid.");
  if (Math.abs(skewMs) > toleratedSkewMs) {
    const limit = basicTimestamp(nowMs - Math.sign(skewMs) * toleratedSkewMs);
    throw accessDenied(
      skewMs > 0
        ? `Signature expired: ${timestamp} is now earlier than ${limit}`
        : `Signature not yet current: ${timestamp} is still later than ${limit}`,
    );
  }
  const certificate = read(encoded);
  if (BigInt(`0x${certificate.serialNumber}`).toString() !== serialNumber) {
    throw accessDenied("The credential is not the serial number of the certificate.");
  }
  if (certificate.publicKey.asymmetricKeyType !== keyTypes[algorithm]) {
    throw accessDenied("The algorithm is not that of the certificate's key.");
  }
  const payloadHash = createHash("sha256").update(request.body).digest("hex");
  const canonical = canonicalRequest(request, signedHeaders, payloadHash, "normalised-and-encoded-again");
  const scope = `${date}/${region}/rolesanywhere/aws4_request`;
  const hashed = createHash("sha256").update(canonical, "latin1").digest("hex");
  const stringToSign = `${algorithm}\n${timestamp}\n${scope}\n${hashed}`;
  if (!verify("sha256", Buffer.from(stringToSign), certificate.publicKey, Buffer.from(signature, "hex"))) {
    throw accessDenied("Invalid signature.");
  }
  return { certificate, intermediates: chain === undefined ? [] : chain.split(",").map(read), region };
}

function read(base64: string): X509Certificate {
  try {
    return new X509Certificate(Buffer.from(base64, "base64"));
  } catch {
    throw accessDenied("Untrusted signing certificate");
  }
}

/** @throws ServiceFault unless an unbroken chain of valid certificates leads from the proof's to one of `anchors` */
export function checkPath(proof: X509Proof, anchors: readonly X509Certificate[], nowMs: number): void {
  const isValid = (one: X509Certificate): boolean =>
    nowMs >= Date.parse(one.validFrom) && nowMs <= Date.parse(one.validTo);
  const issued = (issuer: X509Certificate, one: X509Certificate): boolean =>
    issuer.ca && isValid(issuer) && one.checkIssued(issuer) && one.verify(issuer.publicKey);
  const leads = (one: X509Certificate, left: readonly X509Certificate[]): boolean =>
    anchors.some((anchor) => issued(anchor, one)) ||
    left.some(
      (next) =>
        issued(next, one) &&
        leads(
          next,
          left.filter((other) => other !== next),
        ),
    );
  const { certificate, intermediates } = proof;
  if (certificate.ca || !isValid(certificate) || !leads(certificate, intermediates)) {
    throw accessDenied("Untrusted signing certificate");
  }
}
