/** Owns the running of one case through a whole adapter, against a simulator that answers for all of AWS. */
import assert from "node:assert/strict";

import AwsAdapter = require("../../adapter");

import { nodeFiles } from "../../utils/runtime/node-files";
import type { RoleRequest } from "../../utils/settings/plan-role-chain";
import { readServiceInstance } from "../../utils/settings/read-service-instance";
import type { RecordedRequest } from "../../utils/simulator/request-record";
import type { Simulator } from "../../utils/simulator/simulator";
import type { Environment } from "../../utils/types/environment";
import type { RedirectedNetwork } from "../support/redirected-network";
import { tokenSubject } from "./case-world";

export interface Case {
  readonly serviceInstance: unknown;
  readonly environment: Environment;
  readonly call: RoleRequest;
  /** Text of the files that the process finds, by their path. */
  readonly files: Readonly<Record<string, string>>;
}

export interface Execution {
  /** Who AWS says that it was, or the error. */
  readonly callsAs?: string;
  readonly error?: unknown;
  readonly metrics: { readonly credentialSource: string; readonly roleChain: readonly string[] };
  /** What the simulator saw, in words. */
  readonly traffic: readonly string[];
  /** All that was logged, at every level, with auth_logging on. */
  readonly log: readonly string[];
}

/** In a file, this stands for a token that AWS believes. */
export const WEB_IDENTITY_TOKEN = ["$", "{webIdentityToken}"].join("");

function filesOf(files: Case["files"], simulator: Simulator): typeof nodeFiles {
  const filled = new Map(
    Object.entries(files).map(([path, text]) => [
      path,
      text.replace(WEB_IDENTITY_TOKEN, () => simulator.webIdentityToken({ subject: tokenSubject })),
    ]),
  );
  return {
    ...nodeFiles,
    exists: (path) => filled.has(path) || nodeFiles.exists(path),
    read: (path) => (filled.has(path) ? Buffer.from(filled.get(path) as string) : nodeFiles.read(path)),
  };
}

const inWords = ({ service, action, principalArn, roleArn }: RecordedRequest): string =>
  [`${service}.${action}`, ...(roleArn === undefined ? [] : [roleArn])].join(" ") +
  (principalArn === undefined ? "" : ` by ${principalArn}`);

/** The adapter of a case. @param keep - is given every line that it logs */
export function openAdapter(one: Case, simulator: Simulator, keep: (line: string) => void): AwsAdapter {
  const { id, properties } = readServiceInstance(one.serviceInstance);
  const write = (...parts: readonly unknown[]): void => keep(parts.map(String).join(" "));
  return new AwsAdapter(id, properties, {
    environment: one.environment,
    files: filesOf(one.files, simulator),
    sharedCaches: new Map(),
    logger: { spam: write, trace: write, debug: write, info: write, warn: write, error: write, isEnabled: () => true },
  });
}

/** Calls `GetCallerIdentity` as a call asks for it. @throws the error envelope */
export function whoIs(
  adapter: AwsAdapter,
  { kind, stsParams, roleName, callProperties }: RoleRequest,
): Promise<Answer> {
  const metadata = callProperties === undefined ? {} : { callProperties };
  const methods = adapter as unknown as Record<string, (...given: readonly unknown[]) => Promise<Answer>>;
  const call =
    kind === "plain"
      ? methods["stsGetCallerIdentity"]?.({}, metadata)
      : methods["stsGetCallerIdentitySTSRole"]?.({}, stsParams, roleName, metadata);
  return call ?? assert.fail("the adapter has no such method");
}

/** Runs a `GetCallerIdentity` as the case wants it, with auth_logging on. */
export async function execute(one: Case, simulator: Simulator): Promise<Execution> {
  const { id, properties } = readServiceInstance(one.serviceInstance);
  const loud = structuredClone(properties) as { authentication: Record<string, unknown> };
  loud.authentication["auth_logging"] = true;
  const log: string[] = [];
  const adapter = openAdapter({ ...one, serviceInstance: { id, properties: loud } }, simulator, (line) =>
    log.push(line),
  );
  simulator.clearRequests();
  const outcome = await whoIs(adapter, one.call).then(
    ({ response, metrics }) => ({ callsAs: String(response["Arn"]), metrics }),
    (error: Answer) => ({ error, metrics: error.metrics }),
  );
  return { ...outcome, traffic: simulator.requests.map(inWords), log };
}

export interface Answer {
  readonly response: Readonly<Record<string, unknown>>;
  readonly metrics: Execution["metrics"];
}

/** Every value on the wire or in the case that nobody may read: in XML, JSON, forms and headers. */
const SECRETS_ON_THE_WIRE = [
  /<(?:SecretAccessKey|SessionToken)>([^<]+)</g,
  /"(?:SecretAccessKey|Token)"\s*:\s*"([^"]+)"/g,
  /WebIdentityToken=([^&\s]+)/g,
  /x-amz-security-token: (\S+)/gi,
  /x-aws-ec2-metadata-token: (\S+)/gi,
  /authorization: (?!AWS4)(\S+)/gi,
];

/** @returns the secrets of a case, as they were seen to cross the network and as its files have them */
export function secretsOf(one: Case, network: RedirectedNetwork): ReadonlySet<string> {
  const traffic = network.traffic();
  const wire = SECRETS_ON_THE_WIRE.flatMap((pattern) => [...traffic.matchAll(pattern)].map((match) => match[1] ?? ""));
  const written = JSON.stringify([one.serviceInstance, one.environment, one.files]).match(/\w+OfNobody/g) ?? [];
  return new Set([...wire, ...wire.map(decodeURIComponent), ...written]);
}

/** @throws AssertionError when a secret is readable in the log, as it is or encoded */
export function assertNothingLeaked(secrets: ReadonlySet<string>, lines: readonly string[]): void {
  const text = lines.join("\n");
  for (const secret of secrets) {
    for (const form of [secret, encodeURIComponent(secret), Buffer.from(secret).toString("base64")]) {
      const at = text.indexOf(form);
      assert.ok(at < 0, `a secret is in the log: ${text.slice(Math.max(0, at - 80), at)}…`);
    }
  }
}
