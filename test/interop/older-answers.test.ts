/** Owns the comparison of what we read with what botocore reads, for services whose own client is too old to judge: random answers of every operation. */
import assert from "node:assert/strict";
import { NormalizedSchema } from "@smithy/core/schema";
import { legacyServices } from "../../utils/catalog/legacy-services";
import type { OperationModel } from "../../utils/models/operation-model";
import { need, pythonWith } from "../support/needs";
import { answers, fixture, models } from "../unit/client/client-fixture";
import { JsonAnswers } from "../unit/client/random-json";
import { Choices } from "../unit/client/random-values";
import { askPython } from "./python";
import { randomInput } from "./random-input";

const ROUNDS = 3;

async function ourReading(operation: OperationModel, choices: Choices, body: string): Promise<unknown> {
  const { client, options } = fixture(answers({ statusCode: 200, headers: {}, body }));
  const input = randomInput(NormalizedSchema.of(operation.input), choices, operation.service.name);
  const { output } = await client.send(operation.service.name, operation.name, input, options());
  return JSON.parse(JSON.stringify(output));
}

describe("answers of services with an older client", () => {
  need(pythonWith("botocore"));

  for (const service of legacyServices()) {
    it(`of ${service} are read as botocore reads them`, async function () {
      this.timeout(120_000);
      const calls: { service: string; operation: string; body: string }[] = [];
      const ours: unknown[] = [];
      for (const [index, name] of models.service(service).operationNames().entries()) {
        const operation = models.service(service).operation(name);
        for (let round = 0; round < ROUNDS; round++) {
          const choices = new Choices(index * 100 + round);
          const output = NormalizedSchema.of(operation.output);
          const body = output.isUnitSchema() ? "{}" : JSON.stringify(new JsonAnswers(choices).structure(output));
          calls.push({ service, operation: name, body });
          ours.push(await ourReading(operation, choices, body));
        }
      }
      const theirs = await askPython<unknown[]>("botocore_parse.py", [], JSON.stringify(calls));
      assert.equal(theirs.length, calls.length);
      const full = theirs.filter((output) => Object.keys(output as object).length > 0);
      assert.ok(full.length > calls.length / 2, `only ${full.length} of ${calls.length} answers say something`);
      for (const [index, call] of calls.entries()) assert.deepEqual(ours[index], theirs[index], JSON.stringify(call));
    });
  }
});
