/** Owns the proof that no secret reaches a log entry, an error or an event, at any level, whatever happens to a call. */
import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { inspect } from "node:util";

import AwsAdapter = require("../../../adapter");

import { defaultWorld } from "../../../utils/simulator/default-world";
import type { FaultKind } from "../../../utils/simulator/faults";
import { type Simulator, startSimulator } from "../../../utils/simulator/simulator";
import { simulatedRoleArn, simulatorServiceInstance } from "../../../utils/simulator/simulator-service-instance";
import type { Logger, LogLevel } from "../../../utils/types/logger";

const levels: readonly LogLevel[] = ["spam", "trace", "debug", "info", "warn", "error"];
const canary = (): string => `${randomBytes(12).toString("base64url")}/+&<"${randomBytes(12).toString("base64")}`;

/** A text in the forms in which it may turn up. */
const encodings = (secret: string): string[] => [
  secret,
  encodeURIComponent(secret),
  JSON.stringify(secret).slice(1, -1),
  secret.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll('"', "&quot;"),
  Buffer.from(secret).toString("base64").slice(0, -4),
  Buffer.from(secret).toString("hex"),
];

describe("canary", () => {
  let simulator: Simulator;
  const keySecret = randomBytes(30).toString("base64");
  const stored = canary();
  before(async () => {
    const world = defaultWorld();
    simulator = await startSimulator({
      world: {
        ...world,
        users: world.users.map((user) => ({
          ...user,
          accessKeys: user.accessKeys.map((key) => ({ ...key, secretAccessKey: keySecret })),
        })),
        secrets: [{ name: "login", accountId: "123456789012", region: "us-east-1", secretString: stored }],
      },
    });
  });
  after(() => simulator.close());

  for (const level of levels) {
    for (const authLogging of [true, false]) {
      it(`level ${level}, auth_logging ${authLogging ? "on" : "off"}`, async () => {
        const written: unknown[] = [];
        const write = (message: string) => void written.push(message);
        const logger = {
          ...Object.fromEntries(
            levels.map((name) => [name, levels.indexOf(name) >= levels.indexOf(level) ? write : () => {}]),
          ),
          isEnabled: (name: LogLevel) => levels.indexOf(name) >= levels.indexOf(level),
        } as unknown as Logger;
        const properties = simulatorServiceInstance(simulator, { globalRole: "adapter" }) as { authentication: object };
        const authentication = { ...properties.authentication, auth_logging: authLogging };
        const request = { number_retries: 1, attempt_timeout: 1000 };
        const adapter = new AwsAdapter(
          "aws-1",
          { ...properties, authentication, request },
          { environment: {}, logger },
        );
        for (const event of ["ONLINE", "OFFLINE", "DEGRADED", "FIXED"])
          adapter.on(event, (about) => written.push(about));
        await adapter.connect();

        const reader = { RoleArn: simulatedRoleArn(simulator.world, "task-reader"), RoleSessionName: "wf" };
        const writer = { RoleArn: simulatedRoleArn(simulator.world, "task-writer"), RoleSessionName: "wf" };
        const sent = canary();
        const secrets = [keySecret, stored, sent];
        const keep = (reason: unknown) => void written.push(reason);
        const call = async (operation: string, params: object, sts: object, metadata?: object) => {
          const answer = adapter.awsRequestSTSRole(
            "secrets-manager",
            operation,
            params,
            sts,
            null,
            metadata,
          ) as Promise<{
            response: Record<string, string>;
          }>;
          await answer.catch(keep);
        };
        await call("GetSecretValue", { SecretId: "login" }, reader);
        await call("PutSecretValue", { SecretId: "login2", SecretString: sent }, writer);
        await call("PutSecretValue", { SecretId: "login", SecretString: sent, Unknown: sent }, writer);
        await call("PutSecretValue", { SecretId: "login", SecretString: [sent] }, writer);
        await call("GetSecretValue", { SecretId: "none" }, reader, { addlHeaders: { "x-api-key": sent } });
        const session = (await (
          adapter.awsRequest("sts", "AssumeRole", reader) as Promise<{
            response: { Credentials: { SecretAccessKey: string; SessionToken: string } };
          }>
        ).catch(keep)) as undefined | { response: { Credentials: { SecretAccessKey: string; SessionToken: string } } };
        assert.ok(session, inspect(written.at(-1)));
        secrets.push(session.response.Credentials.SecretAccessKey, session.response.Credentials.SessionToken);
        for (const kind of ["503", "throttle", "expired-token", "skewed-clock"] satisfies FaultKind[]) {
          simulator.faults.set("secretsmanager", { kind, times: 2 });
          await call("PutSecretValue", { SecretId: "login", SecretString: sent }, writer);
          simulator.faults.clear();
        }

        const text = written
          .flatMap((entry) => [
            inspect(entry, { depth: 12, showHidden: true }),
            typeof entry === "string" ? entry : JSON.stringify(entry),
          ])
          .join("\n");
        for (const secret of secrets) {
          for (const form of encodings(secret)) {
            const at = text.indexOf(form);
            assert.equal(at, -1, `found at ${text.slice(Math.max(0, at - 300), Math.max(0, at))}`);
          }
        }
        if (level === "debug" && authLogging) assert.match(text, /FULL_BODY/);
      });
    }
  }
});
