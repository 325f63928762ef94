/** Owns the trial of waiters read from the code of a client. */
import assert from "node:assert/strict";
import { readWaiter } from "../../../utils/catalog/waiter-source";

/** A waiter in the form of the packages, with the checks of one test in it. */
const source = (success: string, failure = ""): string => `
const checkState = async (client, input) => {
    let reason;
    try {
        let result = await client.send(new CountBirdsCommand(input));
        reason = result;
        ${success}
    }
    catch (exception) {
        reason = exception;
        ${failure}
    }
    return { state: WaiterState.RETRY, reason };
};
export const waitForBirds = async (params, input) => {
    const serviceDefaults = { minDelay: 2, maxDelay: 60 };
    return createWaiter({ ...serviceDefaults, ...params }, input, checkState);
};`;

const check = (compute: string, compare: string): string => `try {
  const returnComparator = () => { ${compute} };
  ${compare}
} catch (e) { }`;

const returned = (state: string): string => `{ return { state: WaiterState.${state}, reason }; }`;
const allEqual = (state: string): string =>
  `let allStringEq_8 = (returnComparator().length > 0);
  for (let element_7 of returnComparator()) { allStringEq_8 = allStringEq_8 && (element_7 == "here"); }
  if (allStringEq_8) ${returned(state)}`;
const isTrue = `if (returnComparator() == true) ${returned("FAILURE")}`;
const path = (compute: string, compare = isTrue): string | undefined => {
  const matcher = readWaiter("Birds", source(check(compute, compare))).waiter?.acceptors[0]?.matcher;
  return matcher !== undefined && "output" in matcher ? matcher.output.path : undefined;
};

describe("readWaiter", () => {
  it("reads delays, operation and every kind of acceptor in order", () => {
    const any = `for (let anyStringEq_7 of returnComparator()) { if (anyStringEq_7 == "gone") ${returned("FAILURE")} }`;
    const text = source(
      [
        check(
          "let flat_1 = [].concat(...result.Nests); let projection_3 = flat_1.map((element_2) => { return element_2.State; }); return projection_3;",
          allEqual("SUCCESS"),
        ),
        check("return result.Flock.State;", `if (returnComparator() === "lost") ${returned("FAILURE")}`),
        check("let flat_1 = [].concat(...result.Nests); return flat_1;", any),
        `return { state: WaiterState.SUCCESS, reason };`,
      ].join("\n"),
      `if (exception.name === "NoSuchBird") ${returned("RETRY")} return { state: WaiterState.FAILURE, reason };`,
    );
    assert.deepEqual(readWaiter("Birds", text), {
      name: "Birds",
      operation: "CountBirds",
      waiter: {
        minDelaySeconds: 2,
        maxDelaySeconds: 60,
        acceptors: [
          {
            state: "success",
            matcher: { output: { path: "Nests[].State", expected: "here", comparator: "allStringEquals" } },
          },
          {
            state: "failure",
            matcher: { output: { path: "Flock.State", expected: "lost", comparator: "stringEquals" } },
          },
          {
            state: "failure",
            matcher: { output: { path: "Nests[]", expected: "gone", comparator: "anyStringEquals" } },
          },
          { state: "success", matcher: { success: true } },
          { state: "retry", matcher: { errorType: "NoSuchBird" } },
          { state: "failure", matcher: { success: false } },
        ],
      },
    });
  });

  it("reads lengths", () => assert.equal(path("return (result.Nests.length > 0);"), "length(Nests) > `0`"));

  it("reads filters, negation and functions", () => {
    const compute = `let filterRes_2 = result.Nests.filter((element_1) => {
      return (!((element_1.Eggs.length == 1) && (element_1.Laid == element_1.Wanted)));
    }); return (filterRes_2.length == 0);`;
    assert.equal(path(compute), "length(Nests[?!(length(Eggs) == `1` && Laid == Wanted)]) == `0`");
  });

  it("reads lists of computed values", () => {
    const compute = `let flat_1 = [].concat(...result.Nests);
      let projection_3 = flat_1.map((element_2) => {
        let result_6 = []; result_6.push((element_2.Eggs.length >= element_2.Least)); element_2 = result_6; return element_2;
      });
      let flat_7 = [].concat(...projection_3); return flat_7.includes(false);`;
    assert.equal(path(compute), "contains(Nests[].[length(Eggs) >= Least][], `false`)");
  });

  it("keeps the grouping of or within and", () => {
    const compute = `return ((result.A == "x" || result.B == "y") && (result.C == "z"));`;
    assert.equal(path(compute), "(A == 'x' || B == 'y') && C == 'z'");
  });

  it("tells when it does not know the form, rather than leave an acceptor out", () => {
    const text = source(check("return result.Nests.reduce((a, b) => a + b);", isTrue));
    assert.equal(readWaiter("Birds", text).waiter, undefined);
    assert.equal(readWaiter("Birds", source("", `if (exception.code > 4) ${returned("RETRY")}`)).waiter, undefined);
  });
});
