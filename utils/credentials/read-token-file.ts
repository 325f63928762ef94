/** Owns the reading of a token from a file that somebody else renews. */
import { AdapterError } from "../errors/adapter-error";
import type { Files } from "../types/files";

/**
 * @param path - read anew every time, as the platform around us replaces the file
 * @param property - setting or variable that names the file, for the advice
 * @returns the token, without the line break that editors leave
 * @throws AdapterError `CREDENTIAL_SOURCE_FAILED` when it is missing, unreadable, empty or no token
 */
export function readTokenFile(path: string, files: Files, property: string, words: string): string {
  const failed = (reason: string, cause?: unknown): AdapterError =>
    new AdapterError(
      "CREDENTIAL_SOURCE_FAILED",
      {
        step: words,
        reason,
        advice: `Check ${property} and that the user of the platform process may read the file; it is mounted by the container platform.`,
      },
      { step: words, ...(cause === undefined ? {} : { cause }) },
    );
  let token: string;
  try {
    token = files.read(path).toString("utf8").trim();
  } catch (error) {
    const code = (error as { code?: unknown }).code;
    throw failed(
      code === "ENOENT"
        ? `the token file ${path} does not exist`
        : `the token file ${path} cannot be read (${String(code)})`,
      error,
    );
  }
  if (token === "") throw failed(`the token file ${path} is empty`);
  if (/[^\x21-\x7e]/.test(token)) throw failed(`the token file ${path} holds something other than one token`);
  return token;
}
