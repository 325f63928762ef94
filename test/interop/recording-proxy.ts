/** Owns a reverse proxy that passes every byte on and writes down who signed what: it sees the wire, not our code. */
import { once } from "node:events";
import { createServer, type IncomingMessage, request as sendRequest } from "node:http";
import type { AddressInfo } from "node:net";

/** One request as it crossed the wire. */
export interface RecordedCall {
  readonly method: string;
  /** Path and query, undecoded. */
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
  /** From the Authorization header; empty when unsigned. */
  readonly accessKeyId: string;
  readonly service: string;
  /** `Action` of query protocols, the part after the dot of `x-amz-target`, else empty. */
  readonly action: string;
  /** `RoleArn` of an AssumeRole, else empty. */
  readonly roleArn: string;
}

export interface RecordingProxy {
  readonly port: number;
  readonly calls: readonly RecordedCall[];
  /** How many calls had that action. */
  count(action: string): number;
  clear(): void;
  close(): Promise<void>;
}

async function readAll(stream: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

function describe(incoming: IncomingMessage, body: Buffer): RecordedCall {
  const headers = Object.fromEntries(
    Object.entries(incoming.headers).map(([name, value]) => [
      name,
      Array.isArray(value) ? value.join(",") : `${value}`,
    ]),
  );
  const [, accessKeyId = "", service = ""] =
    /Credential=([^/,]+)\/\d{8}\/[^/]*\/([^/]+)\//.exec(headers["authorization"] ?? "") ?? [];
  const isForm = headers["content-type"]?.startsWith("application/x-www-form-urlencoded") ?? false;
  const form = new URLSearchParams(isForm ? body.toString("utf8") : "");
  return {
    method: incoming.method ?? "",
    url: incoming.url ?? "",
    headers,
    body,
    accessKeyId,
    service,
    action: form.get("Action") ?? headers["x-amz-target"]?.split(".").pop() ?? "",
    roleArn: form.get("RoleArn") ?? "",
  };
}

/** @param targetPort - port on 127.0.0.1 that the requests are passed on to, Host header untouched */
export async function startRecordingProxy(targetPort: number): Promise<RecordingProxy> {
  const calls: RecordedCall[] = [];
  const server = createServer(async (incoming, outgoing) => {
    const body = await readAll(incoming);
    calls.push(describe(incoming, body));
    const onward = sendRequest(
      {
        host: "127.0.0.1",
        port: targetPort,
        method: incoming.method,
        path: incoming.url,
        headers: incoming.rawHeaders,
      },
      (answer) => {
        outgoing.writeHead(answer.statusCode ?? 502, answer.rawHeaders);
        answer.pipe(outgoing);
      },
    );
    onward.on("error", (error) => outgoing.destroy(error));
    onward.end(body);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    port: (server.address() as AddressInfo).port,
    calls,
    count: (action) => calls.filter((call) => call.action === action).length,
    clear: () => {
      calls.length = 0;
    },
    close: async () => {
      server.close();
      server.closeAllConnections();
      await once(server, "close");
    },
  };
}
