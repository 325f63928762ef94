/** Owns the arithmetic of the table. */
"use strict";

function median(values) {
  if (values.length === 0) return Number.NaN;
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

/** Between which two values the middle half of them lies. */
function middleHalf(values) {
  const sorted = [...values].sort((a, b) => a - b);
  const quarter = sorted.length >> 2;
  return [sorted[quarter], sorted[sorted.length - 1 - quarter]];
}

/** The median of the ratios of each round: rounds are interleaved, so a slow minute of the machine slows both sides of one. */
function medianRatio(ours, theirs) {
  return median(ours.map((value, round) => value / theirs[round]));
}

module.exports = { median, medianRatio, middleHalf };
