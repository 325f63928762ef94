/** Owns the words for why Redis cannot be used: its own, and what an operator may change. */

const advice: readonly { readonly sign: RegExp; readonly text: string }[] = [
  {
    sign: /WRONGPASS|NOAUTH|invalid password|Authentication required/i,
    text: "check username and password",
  },
  {
    // Of a command within a script, releases differ in their words.
    sign: /NOPERM|can't run this command|ACL failure in script/,
    text: "the user lacks a permission, docs/credential-cache.md lists those that are needed",
  },
  { sign: /READONLY/, text: "it is a replica; name the master, or use mode sentinel or cluster" },
  { sign: /MOVED|CROSSSLOT/, text: "it is a cluster; set mode to cluster" },
  { sign: /cluster support disabled/i, text: "it is no cluster; set mode to standalone or sentinel" },
  { sign: /certificate|altname|CERT_/i, text: "check tls.ca_file and tls.server_name" },
  { sign: /OOM/, text: "its memory is full; raise maxmemory" },
];

/** What ioredis says of a connection that has ended. */
const LOST = /Stream isn't writeable|^Connection is closed/;

/** Whether it says of one key that something else is there, and nothing of Redis. */
export const isOfOneKey = (error: unknown): boolean => error instanceof Error && error.message.includes("WRONGTYPE");

/** @returns one line; the caller masks it */
export function reasonOf(error: unknown): string {
  const { message = "", code } = error instanceof Error ? (error as NodeJS.ErrnoException) : { message: String(error) };
  const said = (message === "" ? (code ?? "no reason given") : message).replace(/\s+/g, " ").trim();
  const reason = LOST.test(said) ? "the connection was lost" : said;
  const known = advice.find(({ sign }) => sign.test(reason) || sign.test(code ?? ""));
  return known === undefined ? reason : `${reason}: ${known.text}`;
}
