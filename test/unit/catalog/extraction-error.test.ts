/** Owns the trial of how the catalog's programs fail: with the reason alone where a package is to blame. */
import assert from "node:assert/strict";
import { ExtractionError, reportExtractionErrors } from "../../../utils/catalog/extraction-error";

describe("reportExtractionErrors", () => {
  const { error } = console;
  const { exitCode } = process;
  let printed: unknown[][];
  beforeEach(() => {
    printed = [];
    console.error = (...given: unknown[]) => void printed.push(given);
  });
  afterEach(() => {
    console.error = error;
    process.exitCode = exitCode;
  });

  it("prints the reason without a stack, and fails", () => {
    reportExtractionErrors(() => {
      throw new ExtractionError("@aws-sdk/client-birds", "it exports no client");
    });
    assert.deepEqual(printed, [["@aws-sdk/client-birds: it exports no client"]]);
    assert.equal(process.exitCode, 1);
  });

  it("lets defects of our own through, and says nothing of what works", () => {
    reportExtractionErrors(() => undefined);
    assert.throws(() => {
      reportExtractionErrors(() => {
        throw new TypeError("x is not a function");
      });
    }, TypeError);
    assert.deepEqual([printed, process.exitCode], [[], exitCode]);
  });
});
