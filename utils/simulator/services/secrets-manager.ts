/** Owns the simulated Secrets Manager. https://docs.aws.amazon.com/secretsmanager/latest/apireference/ */
import { randomUUID } from "node:crypto";
import type { SignedCallContext, SimulatedService } from "../service";
import { ServiceFault } from "../service-fault";
import type { World } from "../world";
import {
  defineJsonService,
  type JsonAction,
  type JsonInput,
  jsonAnswer,
  numberOf,
  requiredText,
  textOf,
} from "./json-service";

interface Secret {
  readonly arn: string;
  readonly name: string;
  readonly createdSeconds: number;
  readonly versions: Map<string, { readonly value: JsonInput; readonly createdSeconds: number }>;
  current: string;
  previous?: string;
}

const invalid = (text: string): ServiceFault => new ServiceFault("ValidationException", text, 400);
const notFound = (): ServiceFault =>
  new ServiceFault("ResourceNotFoundException", "Secrets Manager can't find the specified secret.", 400);

const secretValue = (input: JsonInput): JsonInput =>
  Object.fromEntries(
    ["SecretString", "SecretBinary"].filter((name) => name in input).map((name) => [name, input[name]]),
  );

/** Secrets of all accounts and regions, each region for itself. */
class SecretStore {
  readonly #secrets = new Map<string, Secret>();

  constructor(world: World, nowMs: number) {
    for (const { accountId, region, name, secretString } of world.secrets) {
      this.add(accountId, region, name, { SecretString: secretString }, randomUUID(), nowMs);
    }
  }

  add(accountId: string, region: string, name: string, value: JsonInput, version: string, nowMs: number): Secret {
    const arn = `arn:aws:secretsmanager:${region}:${accountId}:secret:${name}-${randomUUID().slice(0, 6)}`;
    const createdSeconds = nowMs / 1000;
    const versions = new Map([[version, { value, createdSeconds }]]);
    const secret: Secret = { arn, name, createdSeconds, versions, current: version };
    this.#secrets.set(`${accountId}/${region}/${name}`, secret);
    return secret;
  }

  find(idOrArn: string, { caller, region }: SignedCallContext): Secret | undefined {
    return this.all(caller.accountId, region).find((secret) => secret.name === idOrArn || secret.arn === idOrArn);
  }

  all(accountId: string, region: string): readonly Secret[] {
    const prefix = `${accountId}/${region}/`;
    return [...this.#secrets].filter(([key]) => key.startsWith(prefix)).map(([, secret]) => secret);
  }
}

/** @returns the simulated Secrets Manager */
export function createSecretsManager(world: World, nowMs: number): SimulatedService {
  const store = new SecretStore(world, nowMs);
  const answer = (context: SignedCallContext, output: unknown) => jsonAnswer(context, "1.1", output);
  const resources: NonNullable<JsonAction["resources"]> = (input, context) => {
    const id = textOf(input, "SecretId") ?? textOf(input, "Name") ?? "*";
    const arn = `arn:aws:secretsmanager:${context.region}:${context.caller.accountId}:secret:${id}`;
    return [store.find(id, context)?.arn ?? arn];
  };
  const find = (input: JsonInput, context: SignedCallContext): Secret => {
    const secret = store.find(requiredText(input, "SecretId", invalid), context);
    if (secret === undefined) throw notFound();
    return secret;
  };

  return defineJsonService({
    name: "secretsmanager",
    version: "1.1",
    actions: {
      CreateSecret: {
        permission: "secretsmanager:CreateSecret",
        resources,
        run(input, context) {
          const name = requiredText(input, "Name", invalid);
          if (store.find(name, context) !== undefined) {
            const text = `The operation failed because the secret ${name} already exists.`;
            throw new ServiceFault("ResourceExistsException", text, 400);
          }
          const version = textOf(input, "ClientRequestToken") ?? randomUUID();
          const secret = store.add(
            context.caller.accountId,
            context.region,
            name,
            secretValue(input),
            version,
            context.nowMs,
          );
          return answer(context, { ARN: secret.arn, Name: name, VersionId: version });
        },
      },
      GetSecretValue: {
        permission: "secretsmanager:GetSecretValue",
        resources,
        run(input, context) {
          const secret = find(input, context);
          const stage = textOf(input, "VersionStage") ?? "AWSCURRENT";
          const staged =
            stage === "AWSCURRENT" ? secret.current : stage === "AWSPREVIOUS" ? secret.previous : undefined;
          const id = textOf(input, "VersionId") ?? staged;
          const version = id === undefined ? undefined : secret.versions.get(id);
          if (version === undefined) {
            const text = `Secrets Manager can't find the specified secret value for ${textOf(input, "VersionId") === undefined ? "staging label" : "VersionId"}: ${textOf(input, "VersionId") ?? stage}`;
            throw new ServiceFault("ResourceNotFoundException", text, 400);
          }
          return answer(context, {
            ARN: secret.arn,
            Name: secret.name,
            VersionId: id,
            ...version.value,
            VersionStages: id === secret.current ? ["AWSCURRENT"] : id === secret.previous ? ["AWSPREVIOUS"] : [],
            CreatedDate: version.createdSeconds,
          });
        },
      },
      PutSecretValue: {
        permission: "secretsmanager:PutSecretValue",
        resources,
        run(input, context) {
          const secret = find(input, context);
          const id = textOf(input, "ClientRequestToken") ?? randomUUID();
          if (!secret.versions.has(id)) {
            secret.versions.set(id, { value: secretValue(input), createdSeconds: context.nowMs / 1000 });
            secret.previous = secret.current;
            secret.current = id;
          }
          return answer(context, { ARN: secret.arn, Name: secret.name, VersionId: id, VersionStages: ["AWSCURRENT"] });
        },
      },
      ListSecrets: {
        permission: "secretsmanager:ListSecrets",
        run(input, context) {
          const all = store.all(context.caller.accountId, context.region);
          const start = Number(textOf(input, "NextToken") ?? 0);
          const end = start + (numberOf(input, "MaxResults") ?? 100);
          const SecretList = all
            .slice(start, end)
            .map((secret) => ({ ARN: secret.arn, Name: secret.name, CreatedDate: secret.createdSeconds }));
          return answer(context, { SecretList, ...(end < all.length ? { NextToken: String(end) } : {}) });
        },
      },
    },
  });
}
