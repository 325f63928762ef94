/** Owns the judgement of SigV4a on the bytes that leave, by Python's cryptography and the public key derived there. */
import { strict as assert } from "node:assert";
import {
  accessKeyId,
  type CapturedCall,
  calls,
  capturedCalls,
  secretAccessKey,
} from "../cases/multi-region/captured-calls";
import { need, pythonWith } from "../support/needs";
import { askPython } from "./python";

interface Verdict {
  readonly valid: boolean;
  readonly host: string;
  readonly regionSet: string;
  readonly scope: string;
}

describe("interop: SigV4a on the wire, judged by Python's cryptography", () => {
  need(pythonWith("cryptography"));
  let captured: readonly CapturedCall[];
  before(async () => {
    captured = await capturedCalls();
  });

  const judge = (raws: readonly Buffer[], secret = secretAccessKey): Promise<Verdict[]> => {
    const requests = raws.map((raw, index) => ({ service: calls[index]?.[2], raw: raw.toString("base64") }));
    const given = { accessKeyId, secretAccessKey: secret, requests };
    return askPython<Verdict[]>("verify_sigv4a.py", [], JSON.stringify(given));
  };

  it("every request to a multi-region access point or a global endpoint verifies", async () => {
    const verdicts = await judge(captured.map(({ raw }) => raw));
    verdicts.forEach(({ scope, ...verdict }, index) => {
      const [name, host, service] = calls[index] as (typeof calls)[number];
      assert.deepEqual(verdict, { valid: true, host, regionSet: "*" }, name);
      assert.match(scope, new RegExp(`^\\d{8}/${service}/aws4_request$`));
    });
    assert.equal(verdicts.length, calls.length);
  });

  it("the judge refuses another secret, another host, another object", async () => {
    const raws = captured.map(({ raw }) => raw);
    for (const { valid } of await judge(raws, `${secretAccessKey}0`)) assert.equal(valid, false);
    const changed = raws.map((raw) => Buffer.from(raw.toString("latin1").replace(/(\r\nhost: )/i, "$1x"), "latin1"));
    for (const { valid } of await judge(changed)) assert.equal(valid, false);
    const moved = raws.map((raw) => Buffer.from(raw.toString("latin1").replace(/^(\w+ \/)/, "$1x"), "latin1"));
    for (const { valid } of await judge(moved)) assert.equal(valid, false);
  });
});
