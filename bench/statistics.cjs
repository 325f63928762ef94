/** Owns the arithmetic of the table. */
"use strict";

function median(values) {
  if (values.length === 0) return Number.NaN;
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

/** The median of the ratios of each round: rounds are interleaved, so a slow minute of the machine slows both sides of one. */
function medianRatio(ours, theirs) {
  return median(ours.map((value, round) => value / theirs[round]));
}

module.exports = { median, medianRatio };
