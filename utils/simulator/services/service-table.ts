/** Owns the table of simulated services: one row a service, one file a row. */
import { randomUUID } from "node:crypto";
import type { CredentialStore, RandomBytes } from "../credential-store";
import type { SimulatedService } from "../service";
import type { WebIdentityTokens } from "../web-identity";
import type { World } from "../world";
import { createDynamoDb } from "./dynamodb";
import { createEc2 } from "./ec2";
import { createS3 } from "./s3";
import { createSecretsManager } from "./secrets-manager";
import { createSqs } from "./sqs";
import { createSts } from "./sts";

export interface ServiceDependencies {
  readonly world: World;
  readonly credentials: CredentialStore;
  readonly tokens: WebIdentityTokens;
  readonly randomBytes: RandomBytes;
  readonly nowMs: number;
  /** The simulator's own origin, known once it listens. */
  readonly origin: () => string;
}

/** @returns the services by signing name */
export function createServices(dependencies: ServiceDependencies): ReadonlyMap<string, SimulatedService> {
  const { world, randomBytes, nowMs } = dependencies;
  const services = [
    createSts(dependencies),
    createEc2(world, randomBytes),
    createS3(world, nowMs, () => randomUUID().replaceAll("-", "")),
    createSecretsManager(world, nowMs),
    createDynamoDb(world, nowMs),
    createSqs(world, dependencies.origin),
  ];
  return new Map(services.map((service) => [service.name, service]));
}
