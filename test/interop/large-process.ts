/** Owns the processes of the large tests: a server that makes up what it answers, and a client that measures itself. */
import { createHash } from "node:crypto";
import { createReadStream, openSync, writeSync } from "node:fs";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { join } from "node:path";
import { monitorEventLoopDelay } from "node:perf_hooks";
import { crc32 } from "node:zlib";

import { EventStreamCodec } from "@smithy/core/event-streams";

import AwsAdapter = require("../../adapter");

const MIB = 1024 * 1024;
const PAGE = 1000;
const [task = "", sizeText = "0", portText = "", folder = ""] = process.argv.slice(2);
const size = Number(sizeText);

/** A body that is different in each piece, made up as it is needed. */
const piece = (index: number): Buffer => Buffer.alloc(MIB, `piece ${index} `);

function* instances(from: number, to: number): Generator<string> {
  for (let index = from; index < to; index++) {
    yield `<item><reservationId>r-${index}</reservationId><instancesSet><item><instanceId>i-${index}</instanceId><instanceState><code>16</code><name>running</name></instanceState><privateIpAddress>10.0.0.1</privateIpAddress><launchTime>2026-01-02T03:04:05.000Z</launchTime><tagSet><item><key>Name</key><value>host ${index}</value></item></tagSet></item></instancesSet></item>`;
  }
}

function answerPage(body: string, response: ServerResponse): void {
  const from = Number(new URLSearchParams(body).get("NextToken") ?? 0);
  const to = Math.min(size, from + PAGE);
  const token = to < size ? `<nextToken>${to}</nextToken>` : "";
  const items = [...instances(from, to)].join("");
  response.end(
    `<DescribeInstancesResponse><reservationSet>${items}</reservationSet>${token}</DescribeInstancesResponse>`,
  );
}

/** What a process that keeps as many objects stalls by itself, for its garbage collector and its neighbours. */
async function keepInstances(): Promise<unknown[]> {
  const kept: unknown[] = [];
  for (let index = 0; index < size; index++) {
    const Tags = [{ Key: "Name", Value: `host ${index}` }];
    const State = { Code: 16, Name: `running ${index}`.slice(0, 7) };
    const times = { LaunchTime: new Date(1.7e12 + index).toISOString(), PrivateIpAddress: `10.0.0.${index}` };
    kept.push({ ReservationId: `r-${index}`, Instances: [{ InstanceId: `i-${index}`, State, ...times, Tags }] });
    if (index % 150 === 149) await new Promise((resolve) => setImmediate(resolve));
  }
  return kept;
}

/** Takes an upload apart as it comes, and keeps nothing of it but its checksum and its length. */
async function takeObject(request: IncomingMessage, response: ServerResponse): Promise<void> {
  let received = 0;
  for await (const part of request) received += (part as Buffer).length;
  const isWhole = received === Number(request.headers["content-length"]) && received > size * MIB;
  response.writeHead(isWhole ? 200 : 400, { etag: '"e"' }).end();
}

async function giveObject(response: ServerResponse): Promise<void> {
  let checksum = 0;
  for (let index = 0; index < size; index++) checksum = crc32(piece(index), checksum);
  const digest = Buffer.alloc(4);
  digest.writeUInt32BE(checksum);
  response.writeHead(200, { "content-length": size * MIB, "x-amz-checksum-crc32": digest.toString("base64") });
  for (let index = 0; index < size; index++) {
    if (!response.write(piece(index))) await new Promise((resolve) => response.once("drain", resolve));
  }
  response.end();
}

/** Sixteen events for each megabyte. */
async function giveEvents(response: ServerResponse): Promise<void> {
  const codec = new EventStreamCodec(
    (bytes) => Buffer.from(bytes as Uint8Array).toString(),
    (text) => Buffer.from(text),
  );
  const headers = {
    ":message-type": { type: "string", value: "event" },
    ":event-type": { type: "string", value: "sessionUpdate" },
  } as const;
  const message = piece(0).toString("latin1", 0, MIB / 16);
  for (let index = 0; index < size * 16; index++) {
    const body = Buffer.from(JSON.stringify({ sessionResults: [{ message, timestamp: index }] }));
    if (!response.write(codec.encode({ headers, body })))
      await new Promise((resolve) => response.once("drain", resolve));
  }
  response.end();
}

function serve(): void {
  const server = createServer((request, response) => {
    if (request.headers.expect !== undefined) response.writeContinue();
    if (String(request.headers["x-amz-target"]).endsWith(".StartLiveTail")) {
      void giveEvents(response);
      return;
    }
    if (request.method === "PUT") void takeObject(request, response);
    else if (request.method === "GET") void giveObject(response);
    else {
      const parts: Buffer[] = [];
      request.on("data", (part: Buffer) => parts.push(part));
      request.on("end", () => answerPage(Buffer.concat(parts).toString(), response));
    }
  });
  server.listen(0, "127.0.0.1", () => process.send?.((server.address() as { port: number }).port));
}

async function digestOf(path: string): Promise<string> {
  const hash = createHash("sha256");
  for await (const part of createReadStream(path)) hash.update(part as Buffer);
  return hash.digest("hex");
}

async function measure(): Promise<void> {
  const silent = () => {};
  const levels = ["spam", "trace", "debug", "info", "warn", "error"].map((level) => [level, silent]);
  (globalThis as { log?: unknown }).log = Object.fromEntries(levels);
  const adapter = new AwsAdapter("large", {
    ...{ host: "127.0.0.1", port: Number(portText), protocol: "http", region: "eu-west-1" },
    s3: { addressing_style: "path" },
    authentication: { auth_method: "aws_authentication", aws_access_key: "AKIDEXAMPLE", aws_secret_key: "secret" },
    file_access: { root: folder },
    healthcheck: { type: "none" },
    request: { attempt_timeout: 120_000 },
  });
  const call = async (service: string, operation: string, params: object, metadata: object = {}) =>
    ((await adapter.awsRequest(service, operation, params, metadata)) as { response: Record<string, unknown> })
      .response;
  let peak = 0;
  const watch = setInterval(() => {
    peak = Math.max(peak, process.memoryUsage.rss());
  }, 20);
  let items = 0;
  let same = true;
  const object = { Bucket: "bucket", Key: "large" };
  if (task === "object") {
    const file = openSync(join(folder, "up"), "w");
    for (let index = 0; index < size; index++) writeSync(file, piece(index));
    await call("s3", "PutObject", { ...object, Body: { file: "up" } });
    await call("s3", "GetObject", object, { saveTo: "down" });
    same = (await digestOf(join(folder, "up"))) === (await digestOf(join(folder, "down")));
  }
  if (task === "events") {
    const input = { logGroupIdentifiers: ["arn:aws:logs:eu-west-1:123456789012:log-group:g"] };
    const { responseStream } = await call("cloudwatch-logs", "StartLiveTail", input, { saveTo: "events" });
    items = (responseStream as { events: number }).events;
  }
  // The first call loads and compiles; what is asked here is what many pages cost.
  if (task === "pages") await call("ec2", "DescribeInstances", {}, { paginate: 5000 });
  const delay = monitorEventLoopDelay({ resolution: 5 });
  delay.enable();
  if (task === "pages") {
    const { Reservations } = await call("ec2", "DescribeInstances", {}, { paginate: true });
    items = (Reservations as unknown[]).length;
  }
  if (task === "bare") items = (await keepInstances()).length;
  delay.disable();
  clearInterval(watch);
  process.send?.({ peakRssMib: Math.round(peak / MIB), longestStallMs: Math.round(delay.max / 1e6), items, same }, () =>
    process.exit(),
  );
}

if (task === "server") serve();
else
  measure().catch((error: unknown) => {
    console.error(error);
    process.exit(1);
  });
