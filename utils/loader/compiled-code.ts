/** Owns what V8 made of a file of code, kept beside it: the next process takes it instead of compiling again. */
import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";

/** Beside the code: who can write there can write the code, too, and needs no other way to change what runs. */
const FOLDER = ".compiled";
const CHECKSUM_BYTES = 32;

export class CompiledCode {
  readonly #folder: string;
  readonly #file: string;
  /** V8 itself compares lengths only: it takes what was made of another text of the same length. */
  readonly #madeFrom: string;

  /**
   * @param path - of the code
   * @param digest - of the code, made when it was built
   */
  constructor(path: string, digest: string) {
    this.#folder = join(dirname(path), FOLDER);
    this.#file = join(this.#folder, `${basename(path)}-${process.version}-${process.arch}.bin`);
    const { size, mtimeMs } = statSync(path);
    this.#madeFrom = `${digest} ${size} ${mtimeMs} ${process.version}`;
  }

  /** @returns what was kept; nothing where it is not whole, or was made of something else */
  read(): Buffer | undefined {
    try {
      const content = readFileSync(this.#file);
      const data = content.subarray(CHECKSUM_BYTES);
      return this.#checksum(data).equals(content.subarray(0, CHECKSUM_BYTES)) ? data : undefined;
    } catch {
      return undefined;
    }
  }

  /** Replaced whole, by whichever process comes last; what two threads of one write at once fails the next check. Where nothing may be written, nothing is kept. */
  keep(data: Buffer): void {
    const whole = `${this.#file}.${process.pid}`;
    try {
      mkdirSync(this.#folder, { recursive: false });
    } catch {
      // It is there, or the write below fails.
    }
    try {
      writeFileSync(whole, Buffer.concat([this.#checksum(data), data]));
    } catch {
      return;
    }
    try {
      renameSync(whole, this.#file);
    } catch {
      rmSync(whole, { force: true });
    }
  }

  #checksum(data: Buffer): Buffer {
    return createHash("sha256").update(this.#madeFrom).update(data).digest();
  }
}
