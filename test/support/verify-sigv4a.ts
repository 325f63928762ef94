/** Owns a verifier of SigV4a signatures that shares no code with the product: own key derivation, own canonical form. */
import { createECDH, createHash, createHmac, createPublicKey, verify } from "node:crypto";

/** A request as it is on the wire: `target` is path with query. */
export interface WireRequest {
  readonly method: string;
  readonly target: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array;
}

/** n - 2 of P-256, of which a private key is one less than the candidate at most. */
const N_MINUS_2 = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc63254fn;

/** https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html on the asymmetric key */
export function publicPoint(accessKeyId: string, secretAccessKey: string): { x: string; y: string } {
  for (let counter = 1; counter < 255; counter += 1) {
    const context = Buffer.concat([
      Buffer.from([0, 0, 0, 1]),
      Buffer.from("AWS4-ECDSA-P256-SHA256"),
      Buffer.from([0]),
      Buffer.from(accessKeyId),
      Buffer.from([counter]),
      Buffer.from([0, 0, 1, 0]),
    ]);
    const candidate = BigInt(`0x${createHmac("sha256", `AWS4A${secretAccessKey}`).update(context).digest("hex")}`);
    if (candidate > N_MINUS_2) continue;
    const ecdh = createECDH("prime256v1");
    ecdh.setPrivateKey(Buffer.from((candidate + 1n).toString(16).padStart(64, "0"), "hex"));
    const point = ecdh.getPublicKey("hex", "uncompressed");
    return { x: point.slice(2, 66), y: point.slice(66) };
  }
  throw new Error("no key in 254 tries");
}

const sha256 = (data: string | Uint8Array): string => createHash("sha256").update(data).digest("hex");
const encoded = (text: string): string =>
  encodeURIComponent(text).replace(/[!'()*]/g, (one) => `%${one.charCodeAt(0).toString(16).toUpperCase()}`);

/** Whether the signature in `authorization` is that of this request by the owner of the key. */
export function isSignedBy(point: { x: string; y: string }, request: WireRequest, path: "once" | "twice"): boolean {
  const headers = new Map(Object.entries(request.headers).map(([name, value]) => [name.toLowerCase(), value]));
  const match = /^AWS4-ECDSA-P256-SHA256 Credential=[^/]+\/(\S+), SignedHeaders=([^,]+), Signature=([0-9a-f]+)$/.exec(
    headers.get("authorization") ?? "",
  );
  if (match === null) return false;
  const [, scope = "", signedHeaders = "", signature = ""] = match;
  const [rawPath = "", rawQuery = ""] = request.target.split(/\?(.*)/s);
  // Twice: what is on the wire, whatever it is, is encoded once more.
  const canonicalPath = rawPath
    .split("/")
    .map((segment) => encoded(path === "once" ? decodeURIComponent(segment) : segment))
    .join("/");
  const query = rawQuery
    .split("&")
    .filter((pair) => pair !== "")
    .map((pair) => {
      const [name = "", value = ""] = pair.split(/=(.*)/s);
      return [encoded(decodeURIComponent(name)), encoded(decodeURIComponent(value))] as const;
    })
    .sort(([one, first], [other, second]) => (one === other ? (first < second ? -1 : 1) : one < other ? -1 : 1))
    .map((pair) => pair.join("="))
    .join("&");
  const names = signedHeaders.split(";");
  const canonical = [
    request.method,
    canonicalPath,
    query,
    ...names.map((name) => `${name}:${(headers.get(name) ?? "").trim().replace(/ +/g, " ")}`),
    "",
    signedHeaders,
    headers.get("x-amz-content-sha256") ?? sha256(request.body ?? ""),
  ].join("\n");
  const text = ["AWS4-ECDSA-P256-SHA256", headers.get("x-amz-date"), scope, sha256(canonical)].join("\n");
  const coordinate = (hex: string): string => Buffer.from(hex, "hex").toString("base64url");
  const key = createPublicKey({
    format: "jwk",
    key: { kty: "EC", crv: "P-256", x: coordinate(point.x), y: coordinate(point.y) },
  });
  return verify("sha256", Buffer.from(text), key, Buffer.from(signature, "hex"));
}
