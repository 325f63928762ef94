/** Owns an STS that is quick and believes everything: it counts sessions, and tells whose keys a request came with. */
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

export interface CannedSts {
  readonly port: number;
  /** Requests since the last `clear`, by action. */
  counts(): Readonly<Record<string, number>>;
  clear(): void;
  /** Leaves the next AssumeRole without an answer. */
  holdNext(): void;
  /** How many were left so. */
  held(): number;
  close(): Promise<void>;
}

const LIVES_MS = 3_600_000;
const sessionOf = (arn: string, name: string): string =>
  `${arn.replace(":iam:", ":sts:").replace(":role/", ":assumed-role/")}/${name}`;

export async function startCannedSts(): Promise<CannedSts> {
  const arns = new Map<string, string>();
  const counts: Record<string, number> = {};
  let holds = 0;
  let held = 0;
  const answer = (body: string, authorization: string): string => {
    const given = new URLSearchParams(body);
    const action = given.get("Action") ?? "";
    counts[action] = (counts[action] ?? 0) + 1;
    const inside = action === "AssumeRole" ? assume(given) : identity(authorization);
    return `<${action}Response xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><${action}Result>${inside}</${action}Result><ResponseMetadata><RequestId>canned</RequestId></ResponseMetadata></${action}Response>`;
  };
  const assume = (given: URLSearchParams): string => {
    const arn = sessionOf(given.get("RoleArn") ?? "", given.get("RoleSessionName") ?? "");
    const accessKeyId = `ASIA${randomBytes(8).toString("hex").toUpperCase()}`;
    arns.set(accessKeyId, arn);
    const ends = new Date(Date.now() + LIVES_MS).toISOString();
    return `<Credentials><AccessKeyId>${accessKeyId}</AccessKeyId><SecretAccessKey>${randomBytes(30).toString("base64")}</SecretAccessKey><SessionToken>${randomBytes(400).toString("base64")}</SessionToken><Expiration>${ends}</Expiration></Credentials><AssumedRoleUser><Arn>${arn}</Arn><AssumedRoleId>AROA:canned</AssumedRoleId></AssumedRoleUser>`;
  };
  const identity = (authorization: string): string => {
    const accessKeyId = /Credential=([^/]+)\//.exec(authorization)?.[1] ?? "";
    return `<Arn>${arns.get(accessKeyId) ?? "nobody"}</Arn><UserId>canned</UserId><Account>123456789012</Account>`;
  };

  const server = createServer((request, response) => {
    let body = "";
    request.on("data", (part: Buffer) => {
      body += part.toString();
    });
    request.on("end", () => {
      if (holds > 0 && body.includes("Action=AssumeRole")) {
        holds -= 1;
        held += 1;
        return;
      }
      response.writeHead(200, { "content-type": "text/xml" }).end(answer(body, request.headers.authorization ?? ""));
    });
  });
  server.keepAliveTimeout = 60_000;
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    port: (server.address() as AddressInfo).port,
    counts: () => counts,
    clear: () => {
      for (const action of Object.keys(counts)) delete counts[action];
    },
    holdNext: () => {
      holds += 1;
    },
    held: () => held,
    close: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}

/** The `properties` of a service instance whose every request goes there. */
export const cannedProperties = (port: number, more: Record<string, unknown> = {}): Record<string, unknown> => ({
  ...{ host: "127.0.0.1", port, protocol: "http", region: "us-east-1", healthcheck: { type: "none" } },
  ...more,
  authentication: {
    ...{ auth_method: "aws_authentication", aws_access_key: "AKIDEXAMPLE", aws_secret_key: "not-a-real-secret" },
    aws_sts: { region: "us-east-1", endpoint: `127.0.0.1:${port}`, sslEnable: false },
    ...(more["authentication"] as object | undefined),
  },
});

/** ARNs of so many roles. */
export const roleArns = (count: number): readonly string[] =>
  Array.from({ length: count }, (_, n) => `arn:aws:iam::123456789012:role/task-${n}`);
