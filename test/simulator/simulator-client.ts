/** Owns how these tests call a simulator: signed by @smithy/signature-v4, sent as exact bytes over node:http. */
import assert from "node:assert/strict";
import { createHash, createHmac } from "node:crypto";
import { request as httpRequest } from "node:http";
import { SignatureV4 } from "@smithy/signature-v4";
import type { Simulator } from "../../utils/simulator/simulator";
import { userKey } from "../../utils/simulator/simulator-service-instance";

type SourceData = string | ArrayBuffer | ArrayBufferView;
const bytes = (data: SourceData): string | Uint8Array =>
  typeof data === "string" || data instanceof Uint8Array ? data : new Uint8Array(data as ArrayBuffer);

class Sha256 {
  readonly #hash;
  constructor(secret?: SourceData) {
    this.#hash = secret === undefined ? createHash("sha256") : createHmac("sha256", bytes(secret));
  }
  update(data: SourceData): void {
    this.#hash.update(bytes(data));
  }
  async digest(): Promise<Uint8Array> {
    return new Uint8Array(this.#hash.digest());
  }
  reset(): void {}
}

export interface Keys {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
}

export interface Call {
  readonly service: string;
  readonly region?: string;
  readonly method?: string;
  /** Wire form. */
  readonly path?: string;
  readonly query?: Record<string, string | string[]>;
  readonly headers?: Record<string, string>;
  readonly body?: string | Buffer;
  readonly keys?: Keys;
  readonly date?: Date;
}

/** A request as it will go over the wire; tests change what they like. */
export interface SignedCall {
  method: string;
  path: string;
  headers: Record<string, string>;
  body: string | Buffer;
}

export interface Reply {
  readonly status: number;
  readonly headers: Record<string, string>;
  readonly body: Buffer;
  readonly text: string;
}

const encode = (text: string): string =>
  encodeURIComponent(text).replace(/[!'()*]/g, (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`);

const wireQuery = (query: Record<string, string | string[]>): string => {
  const pairs = Object.entries(query).flatMap(([key, value]) =>
    [value].flat().map((one) => `${encode(key)}=${encode(one)}`),
  );
  return pairs.length === 0 ? "" : `?${pairs.join("&")}`;
};

/** Signs with the Pod user's keys unless told otherwise. */
export async function sign(simulator: Simulator, call: Call): Promise<SignedCall> {
  const { sessionToken, ...keys }: Keys = call.keys ?? userKey(simulator.world, "pod");
  const isS3 = call.service === "s3";
  const signer = new SignatureV4({
    service: call.service,
    region: call.region ?? "us-east-1",
    credentials: sessionToken === undefined ? keys : { ...keys, sessionToken },
    sha256: Sha256,
    uriEscapePath: !isS3,
    applyChecksum: isS3,
  });
  const signed = await signer.sign(
    {
      method: call.method ?? "POST",
      protocol: "http:",
      hostname: "127.0.0.1",
      port: simulator.port,
      path: call.path ?? "/",
      query: call.query ?? {},
      headers: { host: `127.0.0.1:${simulator.port}`, ...call.headers },
      body: call.body ?? "",
    },
    call.date === undefined ? {} : { signingDate: call.date },
  );
  return {
    method: signed.method,
    path: (call.path ?? "/") + wireQuery(call.query ?? {}),
    headers: { ...signed.headers },
    body: call.body ?? "",
  };
}

/** Sends exactly what it is given. */
export function send(simulator: Pick<Simulator, "port">, call: SignedCall): Promise<Reply> {
  return new Promise((resolve, reject) => {
    const request = httpRequest(
      {
        host: "127.0.0.1",
        port: simulator.port,
        method: call.method,
        path: call.path,
        headers: call.headers,
        agent: false,
      },
      (response) => {
        const chunks: Buffer[] = [];
        response.on("data", (chunk: Buffer) => chunks.push(chunk));
        response.on("error", reject);
        response.on("end", () => {
          const body = Buffer.concat(chunks);
          const headers = response.headers as Record<string, string>;
          resolve({ status: response.statusCode ?? 0, headers, body, text: body.toString("utf8") });
        });
      },
    );
    request.on("error", reject);
    if (call.body.length > 0) request.setHeader("content-length", Buffer.byteLength(call.body));
    request.end(call.body.length > 0 ? call.body : undefined);
  });
}

export const call = async (simulator: Simulator, options: Call): Promise<Reply> =>
  send(simulator, await sign(simulator, options));

/** A form of the query protocols. */
export const form = (service: "sts" | "ec2", parameters: Record<string, string>): Call => ({
  service,
  headers: { "content-type": "application/x-www-form-urlencoded" },
  body: Object.entries({ Version: service === "sts" ? "2011-06-15" : "2016-11-15", ...parameters })
    .map(([key, value]) => `${encode(key)}=${encode(value)}`)
    .join("&"),
});

const targets = { dynamodb: "DynamoDB_20120810", secretsmanager: "secretsmanager", sqs: "AmazonSQS" } as const;

/** A call of the JSON protocols. */
export const json = (service: keyof typeof targets, action: string, input: unknown): Call => ({
  service,
  headers: { "content-type": "application/x-amz-json-1.0", "x-amz-target": `${targets[service]}.${action}` },
  body: JSON.stringify(input),
});

/** The text of the first `<name>` element. */
export const element = (reply: Reply, name: string): string | undefined =>
  new RegExp(`<${name}>([^<]*)</${name}>`).exec(reply.text)?.[1];

/** Code of an error, whatever its protocol. */
export const errorCode = (reply: Reply): string | undefined =>
  reply.text.startsWith("{") ? (JSON.parse(reply.text) as { __type?: string }).__type : element(reply, "Code");

export interface AssumeOptions {
  readonly keys?: Keys;
  readonly date?: Date;
  readonly parameters?: Record<string, string>;
}

/** Keys of a role, got by AssumeRole. */
export async function assume(simulator: Simulator, role: string, options: AssumeOptions = {}): Promise<Keys> {
  const { parameters, ...more } = options;
  const RoleArn = role.startsWith("arn:") ? role : `arn:aws:iam::123456789012:role/${role}`;
  const reply = await call(simulator, {
    ...form("sts", { Action: "AssumeRole", RoleArn, RoleSessionName: "test", ...parameters }),
    ...more,
  });
  if (reply.status !== 200) throw new Error(reply.text);
  return {
    accessKeyId: element(reply, "AccessKeyId") as string,
    secretAccessKey: element(reply, "SecretAccessKey") as string,
    sessionToken: element(reply, "SessionToken") as string,
  };
}

/** What one of AWS's own clients must throw: the error's name, and its message or a part of it. */
export const refused = (promise: Promise<unknown>, name: string, message: RegExp | string) =>
  assert.rejects(promise, (error: Error) => {
    assert.equal(error.name, name, error.message);
    if (typeof message === "string") assert.equal(error.message, message);
    else assert.match(error.message, message);
    return true;
  });
