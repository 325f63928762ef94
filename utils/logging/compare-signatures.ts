/** Owns the comparison of what we signed with what AWS says it computed: line by line, and what the difference means. */
import type { Masker } from "./masker";
import { canonicalRequestForLog } from "./message-for-log";
import type { SignedByAws } from "./signed-by-aws";

/** What was signed here. */
interface Signed {
  readonly canonicalRequest: string;
  readonly stringToSign: string;
}

/** One line beside the other; `differs` marks it, a line that one side has not is left out. */
export interface ComparedLine {
  readonly sent?: string;
  readonly aws?: string;
  readonly differs?: true;
}

export interface SignatureComparison {
  /** What the difference, or its absence, means. Holds names only, never a value that could be secret. */
  readonly verdict: string;
  readonly canonicalRequest?: readonly ComparedLine[];
  readonly stringToSign?: readonly ComparedLine[];
}

/** More than any canonical request has; the table below is as large as its square. */
const MOST_LINES = 400;

/** Pairs of line numbers: the longest run of common lines keeps its order, the rest stands beside each other. */
function aligned(sent: readonly string[], aws: readonly string[]): [number | undefined, number | undefined][] {
  const width = aws.length + 1;
  const lengths = new Uint16Array((sent.length + 1) * width);
  const lengthAt = (i: number, j: number): number => lengths[i * width + j] as number;
  for (let i = sent.length - 1; i >= 0; i -= 1) {
    for (let j = aws.length - 1; j >= 0; j -= 1) {
      lengths[i * width + j] =
        sent[i] === aws[j] ? lengthAt(i + 1, j + 1) + 1 : Math.max(lengthAt(i + 1, j), lengthAt(i, j + 1));
    }
  }
  const pairs: [number | undefined, number | undefined][] = [];
  let [i, j] = [0, 0];
  while (i < sent.length || j < aws.length) {
    if (i < sent.length && j < aws.length && sent[i] === aws[j]) pairs.push([i++, j++]);
    else if (i < sent.length && j < aws.length && lengthAt(i + 1, j + 1) === lengthAt(i, j)) pairs.push([i++, j++]);
    else if (j >= aws.length || (i < sent.length && lengthAt(i + 1, j) >= lengthAt(i, j + 1)))
      pairs.push([i++, undefined]);
    else pairs.push([undefined, j++]);
  }
  return pairs;
}

/** Compared as they are, shown masked: two tokens that differ are two masks with a mark. */
function compared(sent: string, aws: string, masker: Masker): ComparedLine[] {
  const [sentLines, awsLines] = [sent, aws].map((text) => text.split("\n").slice(0, MOST_LINES)) as [
    string[],
    string[],
  ];
  const [sentShown, awsShown] = [sentLines, awsLines].map((lines) =>
    canonicalRequestForLog(lines.join("\n"), masker),
  ) as [string[], string[]];
  return aligned(sentLines, awsLines).map(([i, j]) => ({
    ...(i === undefined ? {} : { sent: sentShown[i] as string }),
    ...(j === undefined ? {} : { aws: awsShown[j] as string }),
    ...(i !== undefined && j !== undefined && sentLines[i] === awsLines[j] ? {} : { differs: true as const }),
  }));
}

const PARTS = ["the method", "the path", "the query"] as const;

/** Names the part of a canonical request that the first differing line belongs to. */
function partOf(lines: readonly ComparedLine[]): string | undefined {
  const at = lines.findIndex(({ differs }) => differs);
  if (at === -1) return undefined;
  const blank = lines.findIndex(({ sent, aws }, index) => index > 2 && (sent === "" || aws === ""));
  const part = PARTS[at];
  if (part !== undefined) return part;
  const line = lines[at] as ComparedLine;
  if (at < blank) return `the header ${/^[^:]*/.exec(line.sent ?? line.aws ?? "")?.[0]}`;
  return at > blank + 1 ? "the hash of the body" : "the list of signed headers";
}

const STRING_PARTS = ["the algorithm", "the date", "the credential scope (date, region, service)"] as const;

function verdictOf(canonical: readonly ComparedLine[] | undefined, string: readonly ComparedLine[] | undefined) {
  const part = canonical === undefined ? undefined : partOf(canonical);
  if (part !== undefined) {
    return `AWS received something else than was signed: ${part} differs; a proxy or load balancer on the way changes requests`;
  }
  const at = string?.findIndex(({ differs }) => differs) ?? -1;
  const stringPart = STRING_PARTS[at];
  if (stringPart !== undefined) return `AWS used another value than was signed for ${stringPart}`;
  if (at !== -1)
    return "AWS received something else than was signed: a proxy or load balancer on the way changes requests";
  return "AWS computed from the same text as we did, so the request arrived unchanged: the secret key is not the one of this access key";
}

/** @returns both sides beside each other, masked, and what that means */
export function compareSignatures(signed: Signed, byAws: SignedByAws, masker: Masker): SignatureComparison {
  const canonicalRequest =
    byAws.canonicalRequest === undefined
      ? undefined
      : compared(signed.canonicalRequest, byAws.canonicalRequest, masker);
  const stringToSign =
    byAws.stringToSign === undefined ? undefined : compared(signed.stringToSign, byAws.stringToSign, masker);
  return {
    verdict: verdictOf(canonicalRequest, stringToSign),
    ...(canonicalRequest === undefined ? {} : { canonicalRequest }),
    ...(stringToSign === undefined ? {} : { stringToSign }),
  };
}
