/** Owns calls whose endpoint rules ask for SigV4a, made by an adapter on a network that keeps the bytes and reaches nobody. */

import type { AddressInfo } from "node:net";
import { createServer } from "node:net";
import { Readable } from "node:stream";

import AwsAdapter = require("../../../adapter");

import type { SuccessEnvelope } from "../../../utils/platform/envelope";
import { redirectNetwork } from "../../support/redirected-network";
import { silentLogger } from "../../support/silent-logger";

export const accessKeyId = "ASIAMULTIREGION00000";
export const secretAccessKey = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";
export const sessionToken = "session/token+of=somebody";

const Bucket = "arn:aws:s3::123456789012:accesspoint/mfzwi23gnjvgw.mrap";
const ACCESS_POINT = "mfzwi23gnjvgw.mrap.accesspoint.s3-global.amazonaws.com";

export interface CapturedCall {
  readonly name: string;
  /** Host that was dialled, with its port. */
  readonly dialled: string;
  /** Every byte of the request, as it left. */
  readonly raw: Buffer;
}

type Methods = Record<string, (...given: unknown[]) => Promise<SuccessEnvelope>>;
type Call = readonly [name: string, host: string, service: string, make: (adapter: Methods) => Promise<unknown>];

const object = { Bucket, Key: "configurations/edge 1+a.cfg" };
const entry = { Source: "adapter", DetailType: "change", Detail: "{}", EventBusName: "default" };

export const calls: readonly Call[] = [
  ["an object, put", ACCESS_POINT, "s3", (s3) => s3["s3PutObject"]!({ ...object, Body: "hostname edge-1" })],
  ["an object, got in a range", ACCESS_POINT, "s3", (s3) => s3["s3GetObject"]!({ ...object, Range: "bytes=0-3" })],
  [
    "a list with a query",
    ACCESS_POINT,
    "s3",
    (s3) => s3["s3ListObjectsV2"]!({ Bucket, Prefix: "a b/ü+", Delimiter: "/", StartAfter: "~*'()" }),
  ],
  [
    "a stream, put with a checksum behind it",
    ACCESS_POINT,
    "s3",
    (s3) => s3["s3PutObject"]!({ ...object, Body: Readable.from([Buffer.from("host")]), ContentLength: 4 }),
  ],
  [
    "events through a global endpoint",
    "abcde.veo.endpoint.events.amazonaws.com",
    "events",
    (adapter) => adapter["awsRequest"]!("eventbridge", "PutEvents", { EndpointId: "abcde.veo", Entries: [entry] }),
  ],
];

/** What each kind of request is content with. */
function answerTo(raw: Buffer): string {
  const body = raw.includes("AWSEvents.") ? "{}" : raw.includes("list-type=2") ? "<ListBucketResult/>" : "";
  return `HTTP/1.1 200 OK\r\ncontent-length: ${body.length}\r\nconnection: close\r\n\r\n${body}`;
}

/** Framing of a request ends here: none of the calls has an answer that depends on more. */
const isWhole = (raw: Buffer): boolean => {
  const end = raw.indexOf("\r\n\r\n");
  const length = Number(/\r\ncontent-length: *(\d+)/i.exec(raw.toString("latin1"))?.[1] ?? 0);
  return end >= 0 && raw.length >= end + 4 + length;
};

/** Makes every call once, and answers what left the process. */
export async function capturedCalls(): Promise<readonly CapturedCall[]> {
  let raw = Buffer.alloc(0);
  const server = createServer((socket) => {
    raw = Buffer.alloc(0);
    socket.on("data", (chunk: Buffer) => {
      raw = Buffer.concat([raw, chunk]);
      if (isWhole(raw)) socket.end(answerTo(raw));
    });
    socket.on("error", () => undefined);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const network = await redirectNetwork((server.address() as AddressInfo).port);
  try {
    const authentication = {
      auth_method: "aws_authentication",
      aws_access_key: accessKeyId,
      aws_secret_key: secretAccessKey,
      aws_session_token: sessionToken,
    };
    const properties = { region: "eu-west-1", request: { number_retries: 0 }, authentication };
    const dependencies = { environment: {}, logger: silentLogger };
    const adapter = new AwsAdapter("aws", properties, dependencies) as unknown as Methods;
    const captured: CapturedCall[] = [];
    for (const [name, , , make] of calls) {
      await make(adapter);
      captured.push({ name, dialled: network.dialled.at(-1) ?? "", raw });
    }
    return captured;
  } finally {
    await network.close();
    server.close();
  }
}
