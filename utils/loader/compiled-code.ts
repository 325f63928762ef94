/** Owns what V8 made of a file of code, kept beside it: the next process takes it instead of compiling again. */
import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";

/** Beside the code: who can write there can write the code, too, and needs no other way to change what runs. */
const FOLDER = ".compiled";
const CHECKSUM_BYTES = 32;

export interface KeptCode {
  /** How many processes added to it, 1 to 255. */
  readonly generation: number;
  /** As V8 made it. */
  readonly data: Buffer;
}

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
  read(): KeptCode | undefined {
    try {
      const content = readFileSync(this.#file);
      const rest = content.subarray(CHECKSUM_BYTES);
      if (!this.#checksum(rest).equals(content.subarray(0, CHECKSUM_BYTES))) return undefined;
      return { generation: rest.readUInt8(), data: rest.subarray(1) };
    } catch {
      return undefined;
    }
  }

  /** Replaced whole, by whichever process comes last; what two threads of one write at once fails the next check. Where nothing may be written, nothing is kept. */
  keep({ generation, data }: KeptCode): void {
    const whole = `${this.#file}.${process.pid}`;
    try {
      mkdirSync(this.#folder, { recursive: false });
    } catch {
      // It is there, or the write below fails.
    }
    try {
      const rest = Buffer.concat([Buffer.of(generation), data]);
      writeFileSync(whole, Buffer.concat([this.#checksum(rest), rest]));
    } catch {
      return;
    }
    try {
      renameSync(whole, this.#file);
    } catch {
      rmSync(whole, { force: true });
    }
  }

  #checksum(rest: Buffer): Buffer {
    return createHash("sha256").update(this.#madeFrom).update(rest).digest();
  }
}
