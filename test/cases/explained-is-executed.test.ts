/**
 * Owns the property that nobody is signed for but whom `explain` names: random service instances, environments and calls, two
 * instances side by side, judged by the requests that AWS saw.
 */
import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { after, before, describe, it } from "mocha";
import { runProgram } from "../../utils/cli/program";
import type { RoleRequest } from "../../utils/settings/plan-role-chain";
import { type Simulator, startSimulator } from "../../utils/simulator/simulator";
import type { World } from "../../utils/simulator/world";
import type { Environment } from "../../utils/types/environment";
import { type RedirectedNetwork, redirectNetwork } from "../support/redirected-network";
import { caseWorld } from "./case-world";
import { type Answer, type Case, openAdapter, WEB_IDENTITY_TOKEN, whoIs } from "./execute-case";

const account = "123456789012";
const arn = (name: string): string => `arn:aws:iam::${account}:role/${name}`;
const TOKEN_FILES = {
  "/irsa": WEB_IDENTITY_TOKEN,
  "/own": WEB_IDENTITY_TOKEN,
  "/pod": "podIdentityTokenOfNobody",
};

/** Everybody may become everybody: what stops a wrong identity is the adapter alone. */
function openWorld(): World {
  const world = caseWorld();
  const everything = [{ Effect: "Allow", Action: "*", Resource: "*" }] as const;
  const trust = {
    Effect: "Allow",
    Principal: { AWS: `arn:aws:iam::${account}:root` },
    Action: "sts:AssumeRole",
  } as const;
  return {
    ...world,
    users: world.users.map((user) => ({ ...user, permissions: everything })),
    roles: world.roles.map((role) => ({ ...role, permissions: everything, trust: [...role.trust, trust] })),
  };
}

const perhaps = <T>(value: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> =>
  fc.option(value, { nil: undefined, freq: 2 });
const roleArn = fc.constantFrom("adapter", "named", "task", "app-role", "irsa").map(arn);
const sessionName = fc.constantFrom("one", "two", "three@example.com");

const authentication = fc.record({
  keys: fc.constantFrom("pair", "pair", "none", "none", "none", "half"),
  webIdentity: fc.constantFrom("none", "none", "none", "none", "given"),
  globalRole: perhaps(fc.oneof({ weight: 5, arbitrary: roleArn }, fc.constant("app-role"))),
});
const environment = fc.record({
  keys: fc.constantFrom("none", "none", "none", "none", "permanent", "temporary", "half"),
  webIdentity: fc.constantFrom("none", "none", "none", "none", "given", "given", "half"),
  container: fc.constantFrom("none", "relative", "full"),
  metadata: fc.constantFrom("on", "on", "on", "on", "on", "disabled"),
});
const call = fc.record({
  kind: fc.constantFrom("plain" as const, "STSRole" as const),
  roleName: perhaps(fc.oneof({ weight: 5, arbitrary: roleArn }, fc.constant("app-role"))),
  stsRole: perhaps(roleArn),
  sessionName: perhaps(sessionName),
  durationSeconds: perhaps(fc.constantFrom(900, 3600)),
});
const instance = fc.record({ authentication, environment, calls: fc.array(call, { minLength: 1, maxLength: 3 }) });
type Instance = typeof instance extends fc.Arbitrary<infer T> ? T : never;

function serviceInstance({ keys, webIdentity, globalRole = "" }: Instance["authentication"], id: string): unknown {
  const authenticationBlock = {
    auth_method: "aws_authentication",
    aws_access_key: keys === "none" ? "" : "AKIAADAPTEREXAMPLE01",
    aws_secret_key: keys === "pair" ? "adapterSecretKeyOfNobody" : "",
    aws_iam_role: globalRole,
    ...(webIdentity === "given" ? { aws_web_identity: { token_file: "/own", role_arn: arn("federated") } } : {}),
  };
  return { id, type: "AwsAdapter", properties: { region: "us-east-1", authentication: authenticationBlock } };
}

function variables({ keys, webIdentity, container, metadata }: Instance["environment"]): Environment {
  const podKeys = {
    AWS_ACCESS_KEY_ID: keys === "temporary" ? "ASIAPODEXAMPLE000001" : "AKIAPODEXAMPLE000001",
    ...(keys === "half" ? {} : { AWS_SECRET_ACCESS_KEY: "podSecretKeyOfNobody" }),
    ...(keys === "temporary" ? { AWS_SESSION_TOKEN: "podSessionTokenOfNobody" } : {}),
  };
  return {
    ...(keys === "none" ? {} : podKeys),
    ...(webIdentity === "none" ? {} : { AWS_WEB_IDENTITY_TOKEN_FILE: "/irsa" }),
    ...(webIdentity === "given" ? { AWS_ROLE_ARN: arn("irsa") } : {}),
    ...(container === "relative" ? { AWS_CONTAINER_CREDENTIALS_RELATIVE_URI: "/v2/credentials/0e2f" } : {}),
    ...(container === "full"
      ? {
          AWS_CONTAINER_CREDENTIALS_FULL_URI: "http://169.254.170.23/v1/credentials",
          AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE: "/pod",
        }
      : {}),
    ...(metadata === "disabled" ? { AWS_EC2_METADATA_DISABLED: "true" } : {}),
  };
}

function roleRequest({ kind, roleName, ...params }: Instance["calls"][number]): RoleRequest {
  if (kind === "plain") return { kind };
  const stsParams = {
    ...(params.stsRole === undefined ? {} : { RoleArn: params.stsRole }),
    ...(params.sessionName === undefined ? {} : { RoleSessionName: params.sessionName }),
    ...(params.durationSeconds === undefined ? {} : { DurationSeconds: params.durationSeconds }),
  };
  return { kind, roleName: roleName ?? null, stsParams: Object.keys(stsParams).length === 0 ? null : stsParams };
}

interface Explained {
  readonly source: { readonly identity: string };
  readonly steps: readonly { readonly action: string; readonly roleSessionName: string }[];
}

/** What the command line says, or undefined when it refuses. */
async function explain({
  serviceInstance: document,
  environment: variables,
  call: one,
}: Case): Promise<Explained | undefined> {
  const folder = mkdtempSync(join(tmpdir(), "adapter-aws-"));
  try {
    const config = join(folder, "service-instance.json");
    writeFileSync(config, JSON.stringify(document));
    let outcome: Explained | undefined;
    const given = [
      ...["explain", one.kind === "plain" ? "stsGetCallerIdentity" : "stsGetCallerIdentitySTSRole", "--config", config],
      ...(one.stsParams ? ["--sts-params", JSON.stringify(one.stsParams)] : []),
      ...(one.roleName ? ["--role-name", one.roleName] : []),
    ];
    await runProgram(given, {
      environment: variables,
      result: (value) => {
        outcome = value as Explained;
      },
      say: () => {},
      help: () => {},
      width: 80,
      fail: () => {},
      redraw: async () => {},
      interrupted: () => Promise.resolve(),
    });
    return outcome;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Who the words of a source stand for, in the world of the cases. */
function principalOf(identity: string, keyIdOfPod: string | undefined, id: string): string {
  const assumed = (role: string, session: string) => `arn:aws:sts::${account}:assumed-role/${role}/${session}`;
  if (identity.startsWith("Adapter Role (aws_access_key)")) return `arn:aws:iam::${account}:user/adapter`;
  if (identity.startsWith("Adapter Role (aws_web_identity")) return assumed("federated", id);
  if (identity.startsWith("Pod Role (environment)")) {
    assert.ok(keyIdOfPod);
    return `arn:aws:iam::${account}:user/pod`;
  }
  if (identity.startsWith("Pod Role (web identity")) return assumed("irsa", id);
  if (identity.includes("169.254.170.23")) return assumed("task-role", "eks-pod");
  if (identity.includes("169.254.170.2")) return assumed("task-role", "ecs-task");
  assert.match(identity, /^instance role/);
  return assumed("app-role", "i-0123456789abcdef0");
}

/** The signer of the call, and every AssumeRole on the way there as `role by principal`. */
function promised(
  plan: Explained,
  one: Case,
  id: string,
): { readonly signer: string; readonly edges: readonly string[] } {
  let signer = principalOf(plan.source.identity, one.environment["AWS_ACCESS_KEY_ID"], id);
  const edges: string[] = [];
  for (const { action, roleSessionName } of plan.steps) {
    const role = /^AssumeRole (\S+) /.exec(action)?.[1] ?? assert.fail(action);
    const name = role.split("/").at(-1) as string;
    const isAttached = action.includes("no call if attached") && name === "app-role";
    if (isAttached) continue;
    edges.push(`${role} by ${signer}`);
    signer = `arn:aws:sts::${account}:assumed-role/${name}/${roleSessionName}`;
  }
  return { signer, edges };
}

describe("who signs is who explain says", function () {
  this.timeout(120_000);
  let simulator: Simulator;
  let network: RedirectedNetwork;
  before(async () => {
    simulator = await startSimulator({ world: openWorld() });
    network = await redirectNetwork(simulator.port);
  });
  after(async () => {
    await network.close();
    await simulator.close();
  });

  it("for any settings, environments and arguments, with instances and calls side by side", async () => {
    let executed = 0;
    let refused = 0;
    const judge = async (instances: readonly Instance[]): Promise<void> => {
      simulator.clearRequests();
      const edges = new Set<string>();
      const signers: string[] = [];
      const work = instances.flatMap((one, index) => {
        const id = `instance-${index}`;
        const common = {
          serviceInstance: serviceInstance(one.authentication, id),
          environment: variables(one.environment),
          files: TOKEN_FILES,
        };
        const cases = one.calls.map((given): Case => ({ ...common, call: roleRequest(given) }));
        const adapter = openAdapter(cases[0] as Case, simulator, () => {});
        return cases.map(async (which) => {
          const [plan, answer] = await Promise.all([
            explain(which),
            whoIs(adapter, which.call).then(
              ({ response }) => String(response["Arn"]),
              (error: Answer) => error,
            ),
          ]);
          if (plan === undefined) {
            assert.equal(typeof answer, "object", `explain refuses, and the call was made as ${String(answer)}`);
            refused += 1;
            return;
          }
          const { signer, edges: steps } = promised(plan, which, id);
          // A call of an instance whose own chain is impossible is refused, although the call alone could be planned.
          if (typeof answer === "object") {
            assert.equal(await explain({ ...which, call: { kind: "plain" } }), undefined, JSON.stringify(answer));
            refused += 1;
            return;
          }
          assert.equal(answer, signer);
          signers.push(signer);
          for (const step of steps) edges.add(step);
          executed += 1;
        });
      });
      await Promise.all(work);
      const seen = simulator.requests;
      const assumed = seen.filter(({ action }) => action === "AssumeRole");
      const walked = assumed.map(({ roleArn: role, principalArn }) => `${role} by ${principalArn}`);
      assert.deepEqual([...new Set(walked)].sort(), [...edges].sort());
      const calls = seen.filter(({ action }) => action === "GetCallerIdentity");
      assert.deepEqual(calls.map(({ principalArn }) => principalArn).sort(), signers.sort());
    };
    const parameters = { numRuns: 60, endOnFailure: true };
    await fc.assert(fc.asyncProperty(fc.array(instance, { minLength: 1, maxLength: 2 }), judge), parameters);
    assert.ok(executed > 60 && refused > 10, `${executed} executed, ${refused} refused`);
  });
});
