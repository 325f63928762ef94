/** Owns the loading of the SDK's signers and the watching of their intermediates. */
import { createHash, createHmac, type Hash, type Hmac } from "node:crypto";
import type { Checksum, SourceData } from "@smithy/types";
import { lazy } from "../types/lazy";

type SignatureV4 = typeof import("@smithy/signature-v4").SignatureV4;
type SignatureV4a = typeof import("@smithy/signature-v4a").SignatureV4a;

/** Loaded on first use: it comes with a part of `@smithy/core`. */
export const sigV4Signer: () => SignatureV4 = lazy(
  () => (require("@smithy/signature-v4") as typeof import("@smithy/signature-v4")).SignatureV4,
);

/** Its first signature takes about 100 ms, so only multi-region calls load it. */
export const sigV4aSigner: () => SignatureV4a = lazy(
  () => (require("@smithy/signature-v4a") as typeof import("@smithy/signature-v4a")).SignatureV4a,
);

const bytes = (data: SourceData): string | Uint8Array => {
  if (typeof data === "string") return data;
  return ArrayBuffer.isView(data)
    ? new Uint8Array(data.buffer, data.byteOffset, data.byteLength)
    : new Uint8Array(data);
};

/** Node's SHA-256 behind the interface that the SDK's signers ask for. */
export class Sha256 implements Checksum {
  readonly #secret: SourceData | undefined;
  #state: Hash | Hmac;

  constructor(secret?: SourceData) {
    this.#secret = secret;
    this.#state = this.#start();
  }

  #start(): Hash | Hmac {
    return this.#secret === undefined ? createHash("sha256") : createHmac("sha256", bytes(this.#secret));
  }

  update(chunk: SourceData): void {
    this.#state.update(bytes(chunk));
  }

  async digest(): Promise<Uint8Array> {
    return this.#state.digest();
  }

  reset(): void {
    this.#state = this.#start();
  }
}

export interface Intermediates {
  canonicalRequest: string;
  stringToSign: string;
  credentialScope: string;
}

/** The two protected methods that both signers of the SDK pass through. */
interface Steps {
  createCanonicalRequest(...parts: unknown[]): string;
  createStringToSign(date: string, scope: string, canonicalRequest: string, algorithm: string): Promise<string>;
}

/** Makes one signer note what it computes on its way to a signature. */
export function watch(signer: object): Intermediates {
  const steps = signer as Steps;
  const seen: Intermediates = { canonicalRequest: "", stringToSign: "", credentialScope: "" };
  const { createCanonicalRequest, createStringToSign } = steps;
  steps.createCanonicalRequest = (...parts) => {
    seen.canonicalRequest = createCanonicalRequest.apply(signer, parts);
    return seen.canonicalRequest;
  };
  steps.createStringToSign = async (date, scope, canonicalRequest, algorithm) => {
    seen.credentialScope = scope;
    seen.stringToSign = await createStringToSign.call(signer, date, scope, canonicalRequest, algorithm);
    return seen.stringToSign;
  };
  return seen;
}
