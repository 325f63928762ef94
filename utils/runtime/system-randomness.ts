/** Owns randomness as the system gives it. */
import { generateKeyPair, randomBytes, randomInt, randomUUID } from "node:crypto";

export const systemRandomness = {
  /** 48 bits, from 0 up to but not including 1; out of what Node draws ahead, a hundredth of what six bytes alone cost. */
  random: (): number => randomInt(2 ** 48 - 1) / 2 ** 48,
  randomBytes: (size: number): Buffer => randomBytes(size),
  randomUUID: (): string => randomUUID(),
  /** @returns the private key of a new RSA pair, as PEM of PKCS#8 */
  rsaKey: (modulusBits: number): Promise<string> =>
    new Promise((resolve, reject) => {
      generateKeyPair("rsa", { modulusLength: modulusBits }, (error, _publicKey, privateKey) => {
        if (error === null) resolve(privateKey.export({ type: "pkcs8", format: "pem" }).toString());
        else reject(error);
      });
    }),
};
