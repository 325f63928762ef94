/** Owns how an adapter, or its pod, is pointed at a simulator. */
import type { Environment } from "../types/environment";
import { podIdentityPath } from "./container-credentials";
import type { Simulator } from "./simulator";
import { type AccessKey, roleArn, type World } from "./world";

/** @throws Error when the world has no such user with a key */
export function userKey(world: World, name: string): AccessKey {
  const key = world.users.find((user) => user.name === name)?.accessKeys[0];
  if (key === undefined) throw new Error(`The simulated world has no user ${name} with an access key.`);
  return key;
}

/** @throws Error when the world has no such role */
export function simulatedRoleArn(world: World, name: string): string {
  const role = world.roles.find((one) => one.name === name);
  if (role === undefined) throw new Error(`The simulated world has no role ${name}.`);
  return roleArn(role);
}

export interface ServiceInstanceOptions {
  /** The user whose keys become `aws_access_key` and `aws_secret_key`; `none` leaves them to the environment. Default `adapter`. */
  readonly keysOf?: string | "none";
  /** Name of the role that becomes `aws_iam_role`. */
  readonly globalRole?: string;
  /** `aws_sts.externalId`. */
  readonly externalId?: string;
}

/** The `properties` of a service instance whose every request goes to `simulator`. */
export function simulatorServiceInstance(
  simulator: Simulator,
  options: ServiceInstanceOptions = {},
): Record<string, unknown> {
  const { world, port, url } = simulator;
  const keysOf = options.keysOf ?? "adapter";
  const key = keysOf === "none" ? undefined : userKey(world, keysOf);
  const tls = url.startsWith("https:");
  return {
    host: "127.0.0.1",
    port,
    protocol: tls ? "https" : "http",
    region: world.regions[0],
    authentication: {
      auth_method: "aws_authentication",
      ...(key === undefined ? {} : { aws_access_key: key.accessKeyId, aws_secret_key: key.secretAccessKey }),
      ...(options.globalRole === undefined ? {} : { aws_iam_role: simulatedRoleArn(world, options.globalRole) }),
      aws_sts: {
        region: world.regions[0],
        endpoint: `127.0.0.1:${port}`,
        sslEnable: tls,
        ...(options.externalId === undefined ? {} : { externalId: options.externalId }),
      },
    },
    healthcheck: { type: "startup" },
  };
}

/** Where a pod of the simulated world has its credentials from. */
export type PodCredentials = "keys" | "ecs" | "eks-pod-identity" | "instance";

/** The environment variables of a pod in the simulated world; the Pod user's keys unless told otherwise. */
export function simulatorEnvironment(simulator: Simulator, credentials: PodCredentials = "keys"): Environment {
  const { world, url } = simulator;
  const common = { AWS_REGION: world.regions[0], AWS_EC2_METADATA_SERVICE_ENDPOINT: url };
  switch (credentials) {
    case "keys": {
      const key = userKey(world, "pod");
      return { ...common, AWS_ACCESS_KEY_ID: key.accessKeyId, AWS_SECRET_ACCESS_KEY: key.secretAccessKey };
    }
    case "ecs":
      return { ...common, AWS_CONTAINER_CREDENTIALS_FULL_URI: `${url}${world.containerTask.relativeUri}` };
    case "eks-pod-identity":
      return {
        ...common,
        AWS_CONTAINER_CREDENTIALS_FULL_URI: `${url}${podIdentityPath}`,
        AWS_CONTAINER_AUTHORIZATION_TOKEN: world.containerTask.authorizationToken,
      };
    case "instance":
      return common;
  }
}
