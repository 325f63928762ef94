/** Owns a troubleshooting report as a person reads it on a terminal: the verdict, the picture, the table. */
import type { Cell } from "cli-table3";
import { chainText } from "../platform/troubleshoot/chain-text";
import type { CheckStatus, TroubleshootReport } from "../platform/troubleshoot/report";
import { lazy } from "../types/lazy";

const tables = lazy(() => require("cli-table3") as typeof import("cli-table3"));

const marks: Readonly<Record<CheckStatus, string>> = {
  passed: "✓ passed",
  failed: "✗ failed",
  warning: "! warning",
  skipped: "– not needed",
  "not-tried": "· not tried",
};

const FIRST_COLUMNS = 13 + 15;
const BORDERS = 4;

/** A word longer than its column would be cut; an ARN has to be read to its end. */
const breakable = (text: string, width: number): string =>
  text.replace(new RegExp(`\\S{${width}}(?=\\S)`, "g"), (part) => `${part} `);

/** @param width - of the terminal in characters */
export function reportTable(report: TroubleshootReport, width: number): string {
  const column = Math.max(30, width - FIRST_COLUMNS - BORDERS);
  const table = new (tables())({
    head: ["Check", "Result", "What was found"],
    colWidths: [13, 15, column],
    wordWrap: true,
    // Whoever wants colours has the page; a log keeps none.
    style: { head: [], border: [], compact: true },
  });
  for (const { title, status, found, advice } of report.checks) {
    // The advice of the verdict stands below the table.
    const text = advice === undefined || advice === report.advice ? found : `${found}\n→ ${advice}`;
    table.push([title, marks[status], breakable(text, column - 2)] satisfies Cell[]);
  }
  const verdict = [
    `${marks[report.status]}: ${report.diagnosis}`,
    ...(report.advice === undefined ? [] : [`→ ${report.advice}`]),
  ];
  return [...chainText(report.chain, "with-status"), "", table.toString(), "", ...verdict].join("\n");
}
