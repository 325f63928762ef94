/** Owns the trial of the planner on anything: all rules together against an oracle written apart from it. */
import assert from "node:assert/strict";
import fc from "fast-check";
import { describe, it } from "mocha";
import { AdapterError } from "../../../utils/errors/adapter-error";
import { describeRoleChain } from "../../../utils/settings/describe-role-chain";
import { parseSettings } from "../../../utils/settings/parse-settings";
import { planRoleChain } from "../../../utils/settings/plan-role-chain";
import type { StsParams } from "../../../utils/types/call";
import type { Environment } from "../../../utils/types/environment";
import { Secret } from "../../../utils/types/secret";
import { GLOBAL, NAMED, TASK } from "./role-chain-fixture";

describe("planRoleChain, on anything", () => {
  const maybe = <T>(...values: T[]) => fc.constantFrom(undefined, "", ...values);
  const anything = fc.record({
    access: maybe("AKIAADAPTER"),
    secret: maybe("adapter-secret"),
    tokenFile: maybe("/adapter-token"),
    identityRole: maybe("arn:aws:iam::123456789012:role/web"),
    global: maybe(GLOBAL, TASK, "bare-name"),
    globalExternal: maybe("org:1"),
    envAccess: maybe("AKIAPOD"),
    envSecret: maybe("pod-secret"),
    envTokenFile: maybe("/pod-token"),
    envRole: maybe("arn:aws:iam::123456789012:role/irsa"),
    container: maybe("/container"),
    metadataOff: maybe("true", "false"),
    kind: fc.constantFrom("plain" as const, "STSRole" as const),
    roleName: fc.constantFrom(undefined, null, "", NAMED, TASK, "bare-name"),
    stsRole: maybe(TASK, GLOBAL, NAMED),
    external: maybe("task:1"),
    duration: fc.constantFrom(undefined, 900, 3600, 7200),
  });
  type Given = typeof anything extends fc.Arbitrary<infer T> ? T : never;

  const run = (given: Given) => {
    const auth = {
      auth_method: "aws_authentication",
      aws_access_key: given.access,
      aws_secret_key: given.secret,
      aws_web_identity: { token_file: given.tokenFile, role_arn: given.identityRole },
      aws_iam_role: given.global,
      aws_sts: { externalId: given.globalExternal },
    };
    const environment: Environment = {
      AWS_ACCESS_KEY_ID: given.envAccess,
      AWS_SECRET_ACCESS_KEY: given.envSecret,
      AWS_WEB_IDENTITY_TOKEN_FILE: given.envTokenFile,
      AWS_ROLE_ARN: given.envRole,
      AWS_CONTAINER_CREDENTIALS_RELATIVE_URI: given.container,
      AWS_EC2_METADATA_DISABLED: given.metadataOff,
    };
    const stsParams = {
      RoleArn: given.stsRole,
      ExternalId: given.external,
      DurationSeconds: given.duration,
    } as StsParams;
    const settings = parseSettings("id", JSON.parse(JSON.stringify({ authentication: auth })), environment);
    return planRoleChain(settings, environment, { kind: given.kind, stsParams, roleName: given.roleName });
  };

  /** The rules of the design, told again and otherwise: which source, which roles, or that it must be refused. */
  const oracle = (given: Given): { source: string; roles: string[] } | "refused" => {
    const adapterKeys = [given.access, given.secret].filter(Boolean).length;
    const adapterToken = [given.tokenFile, given.identityRole].filter(Boolean).length;
    if (adapterKeys === 1 || adapterToken === 1 || (adapterKeys === 2 && adapterToken === 2)) return "refused";
    const podKeyCount = [given.envAccess, given.envSecret].filter(Boolean).length;
    let source: string;
    if (adapterKeys === 2) source = "static";
    else if (adapterToken === 2) source = "webIdentity settings";
    else if (podKeyCount === 1) return "refused";
    else if (podKeyCount === 2) source = "environment";
    else if (given.envTokenFile) {
      if (!given.envRole) return "refused";
      source = "webIdentity environment";
    } else if (given.container) source = "container";
    else if (given.metadataOff === "true") return "refused";
    else source = "instanceMetadata";

    const named = given.roleName || undefined;
    const sts = given.stsRole || undefined;
    const hasParams = Boolean(given.external || given.duration);
    if (!named && !sts && (given.kind === "STSRole" || hasParams)) return "refused";
    const roles = [given.global, named, sts].filter((role): role is string => Boolean(role));
    const distinct = roles.filter((role, index) => role !== roles[index - 1]);
    const bareAt = distinct.indexOf("bare-name");
    if (bareAt > 0 || distinct.lastIndexOf("bare-name") > 0) return "refused";
    if (bareAt === 0 && source !== "instanceMetadata") return "refused";
    const last = distinct.length - 1;
    const sourceIsRole = source === "container" || source.startsWith("webIdentity");
    if ((named || sts) && (given.duration ?? 0) > 3600 && (last > 0 || sourceIsRole)) return "refused";
    return { source, roles: distinct };
  };

  const secretsOf = (value: unknown): string[] =>
    value instanceof Secret
      ? [value.reveal()]
      : typeof value === "object" && value !== null
        ? Object.values(value).flatMap(secretsOf)
        : [];

  it("plans what the rules say, or refuses; never with another's keys; never shows a secret", () => {
    fc.assert(
      fc.property(anything, (given) => {
        const expected = oracle(given);
        let chain: ReturnType<typeof run>;
        try {
          chain = run(given);
        } catch (error) {
          assert.ok(error instanceof AdapterError, String(error));
          assert.equal(expected, "refused", error.message);
          assert.doesNotMatch(error.message + error.recommendation, /-secret/);
          return;
        }
        assert.notEqual(expected, "refused");
        if (expected === "refused") return;
        const origin = chain.source.type === "webIdentity" ? ` ${chain.source.origin}` : "";
        assert.equal(`${chain.source.type}${origin}`, expected.source);
        assert.deepEqual(
          chain.steps.map(({ roleArn }) => roleArn),
          expected.roles,
        );
        const owner = { static: ["adapter-secret"], environment: ["pod-secret"] }[chain.source.type as "static"] ?? [];
        assert.deepEqual(secretsOf(chain), owner);
        const isTask = Boolean(given.roleName || given.stsRole);
        chain.steps.forEach((step, index) => {
          const own = index === chain.steps.length - 1 && isTask ? given.external : undefined;
          assert.equal(step.externalId, own || given.globalExternal || undefined);
          assert.equal(
            step.skipWhenAttached ?? false,
            index === 0 &&
              expected.source === "instanceMetadata" &&
              (step.roleArn === given.global || step.roleArn === given.roleName),
          );
        });
        assert.doesNotMatch(JSON.stringify([chain, describeRoleChain(chain)]), /-secret/);
      }),
      { numRuns: 1500 },
    );
  });
});
