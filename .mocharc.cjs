/** Owns how `npm test` runs: the files side by side, because a file shares nothing with another one. */
const { availableParallelism } = require("node:os");

module.exports = {
  require: ["tsx/cjs"],
  extension: ["ts"],
  spec: ["unit", "cases", "contract", "simulator"].map((folder) => `test/${folder}/**/*.test.ts`),
  timeout: 10000,
  reporter: "dot",
  parallel: true,
  // Two even on one core, as a fifth of the time is spent waiting; no more than four, each of which takes half a gigabyte.
  jobs: Math.min(4, Math.max(2, availableParallelism())),
};
