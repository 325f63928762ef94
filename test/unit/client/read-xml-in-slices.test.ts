/** Owns the proof that an answer read in slices is the one read at once, and that others have their turn meanwhile. */
import assert from "node:assert/strict";
import { NormalizedSchema } from "@smithy/core/schema";
import { type XmlLayout, XmlReader } from "../../../utils/client/read-xml";
import { models } from "./client-fixture";
import { Choices, XmlAnswers } from "./random-values";

const reader = new XmlReader();

const reservations = (count: number): string => {
  const instance = (id: number) => `<item><instanceId>i-${id}</instanceId><!-- c --><tagSet/></item>`;
  const one = (id: number) =>
    `<item><ownerId>1</ownerId><instancesSet>${instance(id).repeat(40)}</instancesSet><unknown><x/></unknown></item>`;
  const set = Array.from({ length: count }, (_, id) => one(id)).join("\n");
  return `<?xml version="1.0"?><DescribeInstancesResponse><reservationSet>${set}</reservationSet><nextToken/></DescribeInstancesResponse>`;
};

const outputOf = (service: string, operation: string): NormalizedSchema =>
  NormalizedSchema.of(models.service(service).operation(operation).output);

describe("XmlReader in slices", () => {
  const shape = outputOf("ec2", "DescribeInstances");
  const text = reservations(500);

  it("gives others a turn, many times in a long answer", async () => {
    let turns = 0;
    let reading = true;
    const turn = (): void => {
      turns++;
      if (reading) setImmediate(turn);
    };
    setImmediate(turn);
    const found = await reader.readInSlices(shape, Buffer.from(text), { rootSuffix: "Response" });
    reading = false;
    assert.deepEqual(found, reader.read(shape, text, { rootSuffix: "Response" }));
    assert.ok(turns > text.length / 131_072, `${turns} turns in ${text.length} characters`);
  });

  it("does so within a list of one long item, and between the items of a list without an element of its own", async () => {
    const cases: readonly [NormalizedSchema, string][] = [
      [
        shape,
        reservations(1).replace(/(<instancesSet>)(.*)(<\/instancesSet>)/s, (_, a, b, c) => a + b.repeat(200) + c),
      ],
      [
        outputOf("s3", "ListObjectsV2"),
        `<ListBucketResult>${"<Contents><Key>k</Key></Contents>".repeat(20_000)}</ListBucketResult>`,
      ],
    ];
    for (const [output, document] of cases) {
      let turns = 0;
      const count = setInterval(() => turns++, 0);
      let immediate = true;
      const turn = (): void => {
        turns++;
        if (immediate) setImmediate(turn);
      };
      setImmediate(turn);
      const found = await reader.readInSlices(output, Buffer.from(document), {});
      immediate = false;
      clearInterval(count);
      assert.deepEqual(found, reader.read(output, document, {}));
      assert.ok(turns > 3, `${turns} turns`);
    }
  });

  it("refuses what is cut off, wherever, and a document of another kind", async () => {
    for (let length = 10; length < text.length; length += 149_993) {
      const cut = reader.readInSlices(shape, Buffer.from(text.slice(0, length)), { rootSuffix: "Response" });
      await assert.rejects(cut, SyntaxError);
    }
    await assert.rejects(reader.readInSlices(shape, Buffer.from("<html/>"), {}), SyntaxError);
  });

  for (const service of ["ec2", "iam", "s3", "route-53", "cloudformation"]) {
    it(`reads answers of ${service} as it does at once`, async () => {
      const isQuery = models.service(service).model.protocol === "AwsQueryProtocol";
      let compared = 0;
      for (const [index, name] of models.service(service).operationNames().entries()) {
        if (index % 4 !== 0) continue;
        const output = outputOf(service, name);
        if (output.isUnitSchema()) continue;
        const xml = new XmlAnswers(new Choices(index));
        const content = xml.element(output, isQuery ? `${name}Result` : `${name}Response`);
        const body = isQuery ? `<${name}Response>${content}<ResponseMetadata/></${name}Response>` : content;
        const layout: XmlLayout = isQuery ? { resultElement: `${name}Result` } : {};
        assert.deepEqual(
          await reader.readInSlices(output, Buffer.from(body), layout),
          reader.read(output, body, layout),
          body,
        );
        compared++;
      }
      assert.ok(compared > 3, String(compared));
    });
  }
});
