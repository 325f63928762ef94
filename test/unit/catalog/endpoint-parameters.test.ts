/** Owns the trial of where the parameters of endpoint rules come from. */
import assert from "node:assert/strict";
import { pathOfGetter } from "../../../utils/catalog/endpoint-parameters";

describe("pathOfGetter", () => {
  const cases: readonly (readonly [source: string, path: string | undefined])[] = [
    ["(input) => input?.Nest?.Name", "Nest.Name"],
    ["(input) => Object.keys(input?.Nests ?? {})", "keys(Nests)"],
    ["(input) => input?.Eggs?.map((obj) => obj?.Shell?.Color)", "Eggs[*].Shell.Color"],
    ["(input) => input?.Eggs?.map((obj) => [obj?.A?.N,\n obj?.B].filter((i) => i)).flat()", "Eggs[*].[A.N, B][]"],
    ["(input) => input.Nest", undefined],
    ["(input) => { return 1; }", undefined],
  ];
  for (const [source, path] of cases) it(`${source} → ${path}`, () => assert.equal(pathOfGetter(source), path));
});
