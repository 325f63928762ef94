/**
 * Owns the simulated container credential endpoints: ECS by its relative path, EKS Pod Identity by its token.
 * https://docs.aws.amazon.com/sdkref/latest/guide/feature-container-credentials.html
 */
import type { Answer } from "./answer";
import type { RoleSessions } from "./role-sessions";
import type { WireRequest } from "./wire-request";
import { roleArn, type World } from "./world";

/** Where EKS Pod Identity's agent listens. */
export const podIdentityPath = "/v1/credentials";

const fault = (status: number, code: string, message: string): Answer => ({
  status,
  headers: { "content-type": "application/json" },
  body: JSON.stringify({ code, message }),
});

export class ContainerCredentials {
  constructor(
    private readonly world: World,
    private readonly sessions: RoleSessions,
  ) {}

  /** Whether a request's path is one of the two endpoints. */
  serves(request: WireRequest): boolean {
    return request.rawPath === podIdentityPath || request.rawPath.startsWith("/v2/credentials/");
  }

  answer(request: WireRequest, nowMs: number): Answer {
    const task = this.world.containerTask;
    if (request.method !== "GET") return fault(405, "MethodNotAllowed", "Only GET is supported");
    const isPod = request.rawPath === podIdentityPath;
    if (!isPod && request.rawPath !== task.relativeUri) {
      return fault(400, "InvalidIdInRequest", "CredentialsV2Request: Credentials not found");
    }
    if (isPod && request.headers.get("authorization") !== task.authorizationToken) {
      return fault(400, "AccessDeniedException", "Service account token cannot be empty or is not valid");
    }
    const service = isPod ? "pods.eks.amazonaws.com" : "ecs-tasks.amazonaws.com";
    const key = this.sessions.current({ ...task, service, sessionName: isPod ? "eks-pod" : "ecs-task" }, nowMs);
    if (key === undefined)
      return fault(500, "InternalServerError", `${service} cannot assume the role ${task.roleName}`);
    const document = {
      RoleArn: roleArn({ accountId: task.accountId, name: task.roleName }),
      AccessKeyId: key.accessKeyId,
      SecretAccessKey: key.secretAccessKey,
      Token: key.sessionToken,
      Expiration: `${new Date(key.expirationMs).toISOString().slice(0, 19)}Z`,
    };
    return { status: 200, headers: { "content-type": "application/json" }, body: JSON.stringify(document) };
  }
}
