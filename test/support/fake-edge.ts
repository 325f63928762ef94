/** Owns an Edge API for trials: strict about its contract, and it believes nobody whose attestation STS does not confirm. */
import { createServer, type IncomingMessage, request, type Server } from "node:http";
import type { AddressInfo } from "node:net";

export const CLIENT_ID = "aembit:stack:tenant:identity:aws_role:0b3b2b9c-0000-4000-8000-000000000000";

export interface FakeEdge {
  readonly url: string;
  /** ARNs that STS told, in order, with the path they were told for. */
  readonly attested: { readonly path: string; readonly arn: string }[];
  readonly requests: { readonly path: string; readonly headers: IncomingMessage["headers"]; readonly body: string }[];
  /** Answers these before anything else, first come first served. */
  readonly failures: { readonly status: number; readonly body: unknown; readonly headers?: Record<string, string> }[];
  /** What `/edge/v1/credentials` answers, and with which status. */
  credentials: { status?: number; credentialType: string; expiresAt: string | null; data: object };
  /** Decides instead of `credentials`, by who STS says attested. */
  afterAttestation?: (arn: string) => Promise<FakeEdge["credentials"]>;
  /** Seconds that a token lives. */
  expiresIn: number;
  close(): Promise<void>;
}

const HEADERS = ["Authorization", "Content-Type", "X-Amz-Date", "X-Amz-Security-Token"];
const known = (given: object, names: readonly string[]): boolean =>
  Object.keys(given).every((name) => names.includes(name));

/** @param stsPort - of the simulator or the moto server that stands for AWS's STS, on 127.0.0.1 */
export async function startFakeEdge(stsPort: number): Promise<FakeEdge> {
  let issued = 0;
  const tokens = new Set<string>();
  const edge: Omit<FakeEdge, "url" | "close"> = {
    attested: [],
    requests: [],
    failures: [],
    credentials: { credentialType: "Unknown", expiresAt: null, data: {} },
    expiresIn: 3600,
  };

  const decide = async (incoming: IncomingMessage, text: string): Promise<{ status: number; body: unknown }> => {
    const body = JSON.parse(text) as Record<string, never>;
    const failed = (status: number, message: string) => ({ status, body: { success: false, message, id: 12345 } });
    if (incoming.url === "/edge/v1/auth") {
      if (incoming.headers.authorization !== undefined) return failed(401, "no bearer belongs here");
      if (!known(body, ["clientId", "client"]) || body["clientId"] !== CLIENT_ID) return failed(400, "malformed");
      const arn = await replayed(body["client"], stsPort);
      if (arn === undefined) return failed(401, "Unauthorized");
      edge.attested.push({ path: incoming.url, arn });
      issued += 1;
      tokens.add(`edge-token-${issued}`);
      return {
        status: 200,
        body: { accessToken: `edge-token-${issued}`, tokenType: "Bearer", expiresIn: edge.expiresIn },
      };
    }
    if (incoming.url !== "/edge/v1/credentials") return failed(404, "no such path");
    if (!tokens.has(String(incoming.headers.authorization).replace("Bearer ", ""))) return failed(401, "bad token");
    const names = ["client", "server", "credentialType", "connectionMetadata", "certSigningRequest"];
    if (!known(body, names) || !known(body["server"] ?? {}, ["transportProtocol", "host", "port"])) {
      return failed(400, "malformed");
    }
    const arn = await replayed(body["client"], stsPort);
    if (arn === undefined) return failed(401, "Unauthorized");
    edge.attested.push({ path: incoming.url, arn });
    const { status = 200, ...answer } = (await edge.afterAttestation?.(arn)) ?? edge.credentials;
    return { status, body: answer };
  };

  const server: Server = createServer((incoming, outgoing) => {
    const chunks: Buffer[] = [];
    incoming.on("data", (chunk: Buffer) => chunks.push(chunk));
    incoming.on("end", async () => {
      const text = Buffer.concat(chunks).toString();
      edge.requests.push({ path: incoming.url ?? "", headers: incoming.headers, body: text });
      const answer = edge.failures.shift() ?? (await decide(incoming, text));
      const headers = "headers" in answer ? (answer.headers as Record<string, string>) : {};
      outgoing.writeHead(answer.status, { "content-type": "application/json", "x-request-id": "edge-1", ...headers });
      outgoing.end(JSON.stringify(answer.body));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const close = () =>
    new Promise<void>((resolve) => {
      server.closeAllConnections();
      server.close(() => resolve());
    });
  return Object.assign(edge, { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, close });
}

/** Sends the attested request itself: only the four headers are the client's, host and body are known. */
async function replayed(client: unknown, stsPort: number): Promise<string | undefined> {
  const { aws, ...others } = client as {
    aws: { stsGetCallerIdentity: { headers: Record<string, string>; region: string } };
  };
  if (Object.keys(others).length > 0 || !known(aws, ["stsGetCallerIdentity"])) return undefined;
  const { headers, region, ...surplus } = aws.stsGetCallerIdentity;
  if (Object.keys(surplus).length > 0 || !known(headers, HEADERS)) return undefined;
  const host = `sts.${region}.amazonaws.com${region.startsWith("cn-") ? ".cn" : ""}`;
  const body = "Action=GetCallerIdentity&Version=2011-06-15";
  const answer = await new Promise<string>((resolve, reject) => {
    const sent = request(
      {
        host: "127.0.0.1",
        port: stsPort,
        method: "POST",
        path: "/",
        headers: { ...headers, Host: host, "Content-Length": body.length },
      },
      (response) => {
        let text = "";
        response.on("data", (chunk) => {
          text += String(chunk);
        });
        response.on("end", () => resolve(response.statusCode === 200 ? text : ""));
      },
    );
    sent.on("error", reject);
    sent.end(body);
  });
  return /<Arn>(.*?)<\/Arn>/.exec(answer)?.[1];
}
