/** Owns the canary: calls over every source and fault, each with secrets that nobody else has, and the search for them in all that is printed. */
import { randomBytes } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { inspect } from "node:util";

import AwsAdapter = require("../../adapter");

import { runProgram } from "../../utils/cli/program";
import { createLogger, logLevels } from "../../utils/logging/platform-logger";
import { defaultWorld } from "../../utils/simulator/default-world";
import { type FaultKind, faultKinds } from "../../utils/simulator/faults";
import { type Simulator, startSimulator } from "../../utils/simulator/simulator";
import {
  simulatedRoleArn,
  simulatorEnvironment,
  simulatorServiceInstance,
  userKey,
} from "../../utils/simulator/simulator-service-instance";
import type { Environment } from "../../utils/types/environment";
import type { LogLevel } from "../../utils/types/logger";
import { workloadBlock } from "../cases/roles-anywhere/world";

export const canarySources = [
  "keys",
  "keys with a global role",
  "session keys",
  "environment",
  "container",
  "pod identity",
  "instance",
  "web identity",
  "certificate",
  "keys that are wrong",
] as const;

export interface CanaryRound {
  readonly source: (typeof canarySources)[number];
  readonly level: LogLevel;
  readonly authLogging: boolean;
  readonly faults: readonly FaultKind[];
  /** Of an attempt; 2000 without it. */
  readonly attemptTimeoutMs?: number;
}

/** Faults that are over quickly. */
export const quickFaults: readonly FaultKind[] = (Object.keys(faultKinds) as FaultKind[]).filter(
  (kind) => !["silent", "slow", "hop-limit"].includes(kind),
);

const word = (bytes: number): string => randomBytes(bytes).toString("base64url");
/** With all the characters that encodings treat differently. */
const awkward = (): string => `${word(12)}/+&<"'=%${word(12)}`;

interface Setting {
  readonly properties: Record<string, unknown>;
  readonly environment: Environment;
  readonly secrets: readonly string[];
}

function settingOf(source: CanaryRound["source"], simulator: Simulator): Setting {
  const bare = (more: object) => {
    const properties = simulatorServiceInstance(simulator, { keysOf: "none" }) as { authentication: object };
    return { ...properties, authentication: { ...properties.authentication, ...more } };
  };
  const secrets = [userKey(simulator.world, "adapter").secretAccessKey];
  const inPod = (credentials: Parameters<typeof simulatorEnvironment>[1]): Setting => ({
    properties: bare({}),
    environment: simulatorEnvironment(simulator, credentials),
    secrets: [...secrets, simulator.world.containerTask.authorizationToken],
  });
  switch (source) {
    case "keys":
      return { properties: simulatorServiceInstance(simulator), environment: {}, secrets };
    case "keys with a global role":
      return { properties: simulatorServiceInstance(simulator, { globalRole: "adapter" }), environment: {}, secrets };
    case "session keys": {
      const [secret, token] = [word(30), word(200)];
      const aws_session_token = token;
      const keys = { aws_access_key: `ASIA${"X".repeat(16)}`, aws_secret_key: secret, aws_session_token };
      return { properties: bare(keys), environment: {}, secrets: [secret, token] };
    }
    case "keys that are wrong": {
      const secret = word(30);
      const { accessKeyId } = userKey(simulator.world, "adapter");
      return {
        properties: bare({ aws_access_key: accessKeyId, aws_secret_key: secret }),
        environment: {},
        secrets: [...secrets, secret],
      };
    }
    case "environment":
      return inPod("keys");
    case "container":
      return inPod("ecs");
    case "pod identity":
      return inPod("eks-pod-identity");
    case "instance":
      return inPod("instance");
    case "web identity": {
      const token = simulator.webIdentityToken({ subject: "system:serviceaccount:itential:adapter" });
      const aws_web_identity = { token, role_arn: simulatedRoleArn(simulator.world, "web-identity") };
      return { properties: bare({ aws_web_identity }), environment: {}, secrets: [token] };
    }
    case "certificate": {
      const aws_roles_anywhere = workloadBlock(simulator);
      const privateKey = String(aws_roles_anywhere["private_key"]);
      const lines = privateKey.split("\n").filter((line) => line.length > 40);
      return { properties: bare({ aws_roles_anywhere }), environment: {}, secrets: lines };
    }
  }
}

/** A text in the forms in which it may turn up; of base64 what does not depend on what stands around it. */
export function sixEncodings(secret: string): string[] {
  const base64 = [0, 1, 2].map((before) => {
    const text = Buffer.concat([Buffer.alloc(before), Buffer.from(secret)])
      .toString("base64")
      .replace(/=+$/, "");
    return text.slice(before === 0 ? 0 : before + 1, -2);
  });
  const xml = secret.replaceAll("&", "&amp;").replaceAll("<", "&lt;");
  return [
    secret,
    encodeURIComponent(secret),
    JSON.stringify(secret).slice(1, -1),
    xml,
    xml.replaceAll('"', "&quot;").replaceAll("'", "&#39;"),
    Buffer.from(secret).toString("hex"),
    ...base64,
  ];
}

/** Operations whose input holds a secret, with the place for it; the simulator knows some of them, the others it refuses. */
const operations: readonly [service: string, operation: string, input: (secret: string) => object][] = [
  ["secrets-manager", "PutSecretValue", (SecretString) => ({ SecretId: "login", SecretString })],
  [
    "secrets-manager",
    "CreateSecret",
    (secret) => ({ Name: word(6), SecretBinary: { base64: Buffer.from(secret).toString("base64") } }),
  ],
  ["secrets-manager", "PutSecretValue", (SecretString) => ({ SecretId: "login", SecretString, Unknown: SecretString })],
  ["secrets-manager", "PutSecretValue", (secret) => ({ SecretId: "login", SecretString: [secret] })],
  ["secrets-manager", "GetSecretValue", () => ({ SecretId: "login" })],
  ["iam", "CreateLoginProfile", (Password) => ({ UserName: "someone", Password })],
  ["iam", "ChangePassword", (secret) => ({ OldPassword: secret, NewPassword: `${secret}2` })],
  [
    "sts",
    "AssumeRoleWithWebIdentity",
    (WebIdentityToken) => ({
      RoleArn: "arn:aws:iam::123456789012:role/web-identity",
      RoleSessionName: "wf",
      WebIdentityToken,
    }),
  ],
];

/** @returns how many calls were made, and every secret that was found, with what stands before it */
export async function canaryRound(
  round: CanaryRound,
): Promise<{ readonly calls: number; readonly found: readonly string[] }> {
  const world = defaultWorld();
  const keySecret = word(30);
  const stored = awkward();
  const simulator = await startSimulator({
    world: {
      ...world,
      users: world.users.map((user) => ({
        ...user,
        accessKeys: user.accessKeys.map((key) => ({ ...key, secretAccessKey: `${keySecret}${user.name}` })),
      })),
      containerTask: { ...world.containerTask, authorizationToken: word(24) },
      secrets: [{ name: "login", accountId: "123456789012", region: "us-east-1", secretString: stored }],
    },
  });
  const folder = mkdtempSync(join(tmpdir(), "adapter-aws-canary-"));
  const written: unknown[] = [];
  const secrets = [stored, keySecret];
  let calls = 0;
  try {
    const setting = settingOf(round.source, simulator);
    secrets.push(...setting.secrets);
    const write = (message: string) => void written.push(message);
    const sink = Object.fromEntries(logLevels.map((level) => [level, write]));
    const logger = createLogger("canary", { ...sink, level: round.level });
    const given = setting.properties as { authentication: object };
    const properties = {
      ...given,
      authentication: { ...given.authentication, auth_logging: round.authLogging },
      request: { number_retries: 1, attempt_timeout: round.attemptTimeoutMs ?? 2000 },
    };
    const adapter = new AwsAdapter("canary", properties, { environment: setting.environment, logger, random: () => 0 });
    for (const event of ["ONLINE", "OFFLINE", "DEGRADED", "FIXED"]) adapter.on(event, write);
    if (round.faults.includes("hop-limit")) simulator.faults.set("imds", { kind: "hop-limit", times: 2 });
    await adapter.connect();
    simulator.faults.clear();
    // It remembers for a while that there is no metadata; what comes next is to be tried with credentials.
    if (round.faults.includes("hop-limit")) adapter.refreshProperties(properties);
    const task = { RoleArn: simulatedRoleArn(simulator.world, "task-writer"), RoleSessionName: "wf" };
    const call = async ([service, operation, input]: (typeof operations)[number]) => {
      const secret = awkward();
      const token = word(40);
      secrets.push(secret);
      calls += 1;
      const metadata = { addlHeaders: { "x-api-key": token }, auth_logging: round.authLogging };
      secrets.push(token);
      const answer = adapter.awsRequestSTSRole(service, operation, input(secret), task, null, metadata) as Promise<{
        metrics: unknown;
      }>;
      await answer.then(
        ({ metrics }) => written.push(metrics),
        (reason) => written.push(reason, (reason as Error).stack, (reason as Error).cause),
      );
    };
    for (const operation of operations) await call(operation);
    for (const kind of round.faults) {
      for (const service of ["secretsmanager", "sts"]) {
        simulator.faults.set(service, { kind, times: 2 });
        await call(operations[0] as (typeof operations)[number]);
        simulator.faults.clear();
      }
    }
    written.push(await adapter.iapTroubleshootAdapter({}, false));
    const config = join(folder, "instance.json");
    const page = join(folder, "page.html");
    writeFileSync(config, JSON.stringify(properties));
    const terminal = {
      environment: setting.environment,
      width: 100,
      result: write as (value: unknown) => void,
      help: write,
      say: write,
      fail: () => {},
      redraw: async (text: string) => write(text),
      interrupted: async () => {},
    };
    const verbose = logLevels.indexOf(round.level) < logLevels.indexOf("info") ? ["--verbose"] : [];
    await runProgram(["troubleshoot", "--config", config, "--html", page, ...verbose], terminal);
    const given2 = ["--sts-params", JSON.stringify(task), "--params", '{"SecretId":"login"}'];
    await runProgram(
      ["call", "secretsManagerGetSecretValueSTSRole", "--config", config, ...given2, ...verbose],
      terminal,
    );
    written.push(readFileSync(page, "utf8"));
  } finally {
    await simulator.close();
    rmSync(folder, { recursive: true });
  }
  return { calls, found: foundSecrets(written, secrets) };
}

/** @returns what stands before each secret that is found in what was written, in any of its encodings */
export function foundSecrets(written: readonly unknown[], secrets: readonly string[]): string[] {
  const text = written
    .flatMap((entry) => [
      typeof entry === "string" ? entry : JSON.stringify(entry),
      typeof entry === "string" ? "" : inspect(entry, { depth: 12, showHidden: true }),
    ])
    .join("\n");
  return [...new Set(secrets)].flatMap((secret) =>
    sixEncodings(secret).flatMap((form) => {
      const at = text.indexOf(form);
      return at === -1 ? [] : [`…${text.slice(Math.max(0, at - 200), at)}<here>`];
    }),
  );
}
