/** Owns the picture of a role chain in words, for a terminal. */
import type { ChainLink } from "./report";

const MARKS: Readonly<Record<ChainLink["status"], string>> = { passed: "✓", failed: "✗", "not-tried": "·" };

/**
 * @param links - from the source to the service
 * @param marks - `none` where nothing was tried, as for `explain`
 * @returns lines
 */
export function chainText(links: readonly ChainLink[], marks: "with-status" | "none"): string[] {
  return links.flatMap(({ title, detail, arrow, why, status, answer }) => {
    const box = `${marks === "none" ? "■" : MARKS[status]} ${title}  (${detail})`;
    return [
      ...(arrow === undefined ? [] : ["  │", `  ▼ ${arrow}`]),
      `  ${box}`,
      ...(why === undefined ? [] : [`      because ${why}`]),
      ...(answer === undefined ? [] : [`      ${answer}`]),
    ];
  });
}
