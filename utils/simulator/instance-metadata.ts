/**
 * Owns the simulated instance metadata service.
 * https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/instancedata-data-retrieval.html
 */
import type { Answer } from "./answer";
import type { RandomBytes } from "./credential-store";
import type { RoleSessions } from "./role-sessions";
import type { WireRequest } from "./wire-request";
import type { MetadataInstance, World } from "./world";

const tokenHeader = "x-aws-ec2-metadata-token";
const ttlHeader = "x-aws-ec2-metadata-token-ttl-seconds";
const credentialsPath = "/latest/meta-data/iam/security-credentials";
const maxTokens = 256;

const page = (status: number, title: string): Answer => ({
  status,
  headers: { "content-type": "text/html" },
  body: `<?xml version="1.0" encoding="iso-8859-1"?>\n<html><head><title>${status} - ${title}</title></head><body><h1>${status} - ${title}</h1></body></html>`,
});
const text = (body: string): Answer => ({ status: 200, headers: { "content-type": "text/plain" }, body });
const json = (body: unknown): Answer => text(JSON.stringify(body, null, 2));
const iso = (ms: number): string => `${new Date(ms).toISOString().slice(0, 19)}Z`;

/** The name of what was asked for, for the record of requests. */
export function metadataAction(request: WireRequest): string {
  const path = request.rawPath.replace(/\/+$/, "");
  if (path === "/latest/api/token") return "Token";
  if (path === credentialsPath) return "ListRole";
  if (path.startsWith(`${credentialsPath}/`)) return "Credentials";
  return path === "/latest/meta-data/iam/info" ? "IamInfo" : "Document";
}

export class InstanceMetadata {
  readonly #tokens = new Map<string, number>();
  readonly #instance: MetadataInstance;

  constructor(
    private readonly world: World,
    private readonly sessions: RoleSessions,
    private readonly randomBytes: RandomBytes,
  ) {
    this.#instance = world.metadataInstance;
  }

  answer(request: WireRequest, nowMs: number): Answer {
    const path = request.rawPath.replace(/\/+$/, "");
    if (path === "/latest/api/token") return this.#token(request, nowMs);
    if (request.method !== "GET") return page(405, "Method Not Allowed");
    const token = request.headers.get(tokenHeader);
    const authorized =
      token === undefined ? this.#instance.httpTokens === "optional" : (this.#tokens.get(token) ?? 0) > nowMs;
    if (!authorized) return page(401, "Unauthorized");
    return this.#document(path, nowMs) ?? page(404, "Not Found");
  }

  #token(request: WireRequest, nowMs: number): Answer {
    if (request.method !== "PUT") return page(405, "Method Not Allowed");
    if (request.headers.has("x-forwarded-for")) return page(403, "Forbidden");
    const ttl = request.headers.get(ttlHeader);
    const seconds = Number(ttl);
    if (ttl === undefined || !Number.isInteger(seconds) || seconds < 1 || seconds > 21600)
      return page(400, "Bad Request");
    const token = `AQAE${this.randomBytes(39).toString("base64url")}==`;
    this.#tokens.set(token, nowMs + seconds * 1000);
    if (this.#tokens.size > maxTokens) this.#tokens.delete(this.#tokens.keys().next().value as string);
    return { ...text(token), headers: { "content-type": "text/plain", [ttlHeader]: ttl } };
  }

  #document(path: string, nowMs: number): Answer | undefined {
    const { accountId, instanceId, roleName } = this.#instance;
    const region = this.world.regions[0] as string;
    switch (path) {
      case "/latest/meta-data/instance-id":
        return text(instanceId);
      case "/latest/meta-data/placement/region":
        return text(region);
      case "/latest/meta-data/placement/availability-zone":
        return text(`${region}a`);
      case "/latest/dynamic/instance-identity/document":
        return json({ accountId, instanceId, region, availabilityZone: `${region}a`, version: "2017-09-30" });
    }
    if (roleName === undefined) return undefined;
    if (path === "/latest/meta-data/iam/info") {
      return json({
        Code: "Success",
        LastUpdated: iso(nowMs),
        InstanceProfileArn: `arn:aws:iam::${accountId}:instance-profile/${roleName}`,
        InstanceProfileId: "AIPASIMULATEDPROFILE0",
      });
    }
    if (path === credentialsPath) return text(roleName);
    if (path !== `${credentialsPath}/${roleName}`) return undefined;
    const key = this.sessions.current(
      { accountId, roleName, service: "ec2.amazonaws.com", sessionName: instanceId },
      nowMs,
    );
    if (key === undefined) {
      return json({
        Code: "AssumeRoleUnauthorizedAccess",
        Message: "EC2 cannot assume the role",
        LastUpdated: iso(nowMs),
      });
    }
    return json({
      Code: "Success",
      LastUpdated: iso(nowMs),
      Type: "AWS-HMAC",
      AccessKeyId: key.accessKeyId,
      SecretAccessKey: key.secretAccessKey,
      Token: key.sessionToken,
      Expiration: iso(key.expirationMs),
    });
  }
}
