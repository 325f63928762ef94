/** Owns the comparison of our XML reader with the SDK's on random answers of every operation that answers in XML. */
import assert from "node:assert/strict";
import { NormalizedSchema } from "@smithy/core/schema";
import { Protocols } from "../../../utils/client/protocols";
import { OutputReader } from "../../../utils/client/read-output";
import { OutputWriter } from "../../../utils/client/write-output";
import type { OperationModel } from "../../../utils/models/operation-model";
import type { HttpResponse } from "../../../utils/types/http";
import { models } from "./client-fixture";
import { Choices, XmlAnswers } from "./random-values";

const XML_PROTOCOLS = /^(?:AwsEc2Query|AwsQuery|AwsRestXml|S3RestXml)Protocol$/;
const SERVICES = models.services().filter((service) => XML_PROTOCOLS.test(models.service(service).model.protocol));
/** `FULL_DIFFERENTIAL=20` runs twenty rounds over every operation; without it, a sample that fits into a unit test. */
const ROUNDS = Number(process.env["FULL_DIFFERENTIAL"] ?? 0);
/** Of services with more operations than that. */
const SMALL = 80;
const SAMPLE_EVERY = 6;

function answerOf(operation: OperationModel, xml: XmlAnswers): string {
  const output = NormalizedSchema.of(operation.output);
  const payload = [...output.structIterator()].find(([, member]) => member.getMergedTraits().httpPayload);
  const head = '<?xml version="1.0" encoding="UTF-8"?>\n<!-- answer -->';
  if (payload !== undefined) return payload[1].isStructSchema() ? head + xml.element(payload[1], payload[0]) : "text";
  if (operation.service.protocol !== "AwsQueryProtocol") return head + xml.element(output, `${operation.name}Response`);
  const metadata = "<ResponseMetadata><RequestId>R</RequestId></ResponseMetadata>";
  return `${head}<${operation.name}Response>${xml.element(output, `${operation.name}Result`)}${metadata}</${operation.name}Response>`;
}

function headersOf(operation: OperationModel, choices: Choices): Record<string, string> {
  const headers: Record<string, string> = { "x-amz-request-id": "R" };
  for (const [, member] of NormalizedSchema.of(operation.output).structIterator()) {
    const { httpHeader, httpPrefixHeaders } = member.getMergedTraits();
    if (typeof httpPrefixHeaders === "string") headers[`${httpPrefixHeaders}one`] = "1";
    if (typeof httpHeader !== "string" || choices.chance(0.3)) continue;
    headers[httpHeader.toLowerCase()] = headerValue(member);
  }
  return headers;
}

function headerValue(member: NormalizedSchema): string {
  if (member.isNumericSchema()) return "7";
  if (!member.isTimestampSchema()) return "true";
  return member.getSchema() === 5 ? "2026-01-02T03:04:05Z" : "Fri, 02 Jan 2026 03:04:05 GMT";
}

describe("XML answers", () => {
  const protocols = new Protocols();
  const reader = new OutputReader(protocols);
  const writer = new OutputWriter();

  it("without an element around their one member are read as the SDK reads them", async () => {
    const operation = models.service("s3").operation("GetBucketLocation");
    const body = Buffer.from('<?xml version="1.0"?><LocationConstraint xmlns="x">eu-west-1</LocationConstraint>');
    const found = await reader.read(operation, { statusCode: 200, headers: {}, body });
    assert.deepEqual(found, { LocationConstraint: "eu-west-1" });
  });

  for (const service of SERVICES) {
    it(`of ${service} are read as the SDK reads them`, async function () {
      this.timeout(ROUNDS > 0 ? 600_000 : 20_000);
      let compared = 0;
      const operations = models.service(service).operationNames();
      for (const [index, name] of operations.entries()) {
        if (ROUNDS === 0 && operations.length > SMALL && index % SAMPLE_EVERY !== 0) continue;
        const operation = models.service(service).operation(name);
        const shape = NormalizedSchema.of(operation.output);
        if (
          shape.isUnitSchema() ||
          operation.streamingOutput !== undefined ||
          operation.eventStreamOutput !== undefined
        )
          continue;
        for (let round = 0; round < Math.max(1, ROUNDS); round++) {
          const choices = new Choices(index * 1000 + round);
          const body = Buffer.from(answerOf(operation, new XmlAnswers(choices)));
          const response = { statusCode: 200, headers: headersOf(operation, choices), body } satisfies HttpResponse;
          const expected = writer.write(shape, await protocols.deserialize(operation, response));
          const found = await reader.read(operation, response);
          assert.deepEqual(
            JSON.parse(JSON.stringify(found)),
            JSON.parse(JSON.stringify(expected)),
            `${name}, round ${round}: ${body}`,
          );
          compared++;
        }
      }
      assert.ok(compared > 4, `compared only ${compared} answers`);
    });
  }
});
