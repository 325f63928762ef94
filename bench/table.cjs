/** Owns the printed table and the targets below it. */
"use strict";

const blank = "-";
const number = (value, digits = 0) =>
  value === undefined || Number.isNaN(value)
    ? blank
    : value.toFixed(digits).replace(/\B(?=(\d{3})+$)/g, digits === 0 ? "," : "");

/** @param columns - `{ title: [upper, lower], cell(row) }`, the first one aligned to the left */
function renderTable(columns, rows) {
  const cells = rows.map((row) => columns.map((column) => column.cell(row)));
  const lines = [columns.map((column) => column.title[0]), columns.map((column) => column.title[1]), ...cells];
  const widths = columns.map((_, index) => Math.max(...lines.map((line) => line[index].length)));
  const text = lines.map((line) =>
    line
      .map((cell, index) => (index === 0 ? cell.padEnd(widths[index]) : cell.padStart(widths[index])))
      .join("  ")
      .trimEnd(),
  );
  text.splice(2, 0, "-".repeat(widths.reduce((sum, width) => sum + width + 2, -2)));
  return text.join("\n");
}

const columnsOf = (cells) => [
  { title: ["", "contender"], cell: (row) => row.name },
  ...cells.map(({ key, label }) => ({ title: ["ours ÷ it", label], cell: (row) => number(row.speed[key]?.ratio, 2) })),
  ...cells.map(({ key, label }) => ({
    title: ["calls/s", label],
    cell: (row) => number(row.speed[key]?.callsPerSecond),
  })),
  ...cells.map(({ key, label }) => ({ title: ["CPU µs", label], cell: (row) => number(row.speed[key]?.cpuUs) })),
  { title: ["AssumeRole", "per 1,000"], cell: (row) => (row.hasRole ? number(row.assumeRolePerThousand) : blank) },
  { title: ["first", "answer ms"], cell: (row) => number(row.firstAnswerMs) },
  { title: ["MB", "first"], cell: (row) => number(row.firstMegabytes) },
  { title: ["MB", "1,000"], cell: (row) => number(row.laterMegabytes) },
];

function renderTargets(targets) {
  return targets
    .map(({ text, found, met, digits }) => `${met ? "met    " : "NOT MET"}  ${text}: ${number(found, digits)}`)
    .join("\n");
}

module.exports = { columnsOf, renderTable, renderTargets };
