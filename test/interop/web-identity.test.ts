/** Owns the proof, by moto with IAM enforced, that a web identity token is the begin of every chain it is promised to be. */
import { strict as assert } from "node:assert";
import { judgeByMoto } from "./judge";
import { bringOnline, type LoadedAdapter, serviceInstance } from "./platform";

const account = "123456789012";
const tokenFile = `${__dirname}/world/web-identity-token`;
const session = { RoleSessionName: "workflow-7" };
const assumed = (role: string, name: string) => `arn:aws:sts::${account}:assumed-role/${role}/${name}`;

describe("interop: web identity, judged by moto", () => {
  const moto = judgeByMoto();
  let adapters = 0;

  /** `environment` is IRSA; `settings` is aws_web_identity of the service instance. */
  function adapter(origin: "environment" | "settings", chain: "none" | "global"): Promise<LoadedAdapter> {
    const { port, url, world } = moto();
    const template = chain === "none" ? "environment" : "environment-and-global-role";
    const properties = serviceInstance(template, { port, stsEndpoint: url, globalRole: world.roles.global });
    const environment = {
      AWS_ROLE_ARN: world.roles.federated,
      AWS_ROLE_SESSION_NAME: "token-session",
      AWS_WEB_IDENTITY_TOKEN_FILE: tokenFile,
    };
    const block = { token_file: tokenFile, role_arn: world.roles.federated, session_name: "token-session" };
    const authentication = properties["authentication"] as Record<string, unknown>;
    if (origin === "settings") authentication["aws_web_identity"] = block;
    // The session of the token is opened while moto enforces nothing; with a cache of that name, the others find it.
    const given = { ...properties, credential_cache: { name: `web-identity-${origin}` } };
    adapters += 1;
    return bringOnline(`web-${adapters}`, given, origin === "environment" ? environment : {});
  }

  for (const origin of ["environment", "settings"] as const) {
    describe(`from the ${origin}`, () => {
      const identity = async (one: Promise<LoadedAdapter>, stsParams?: object, roleName: string | null = null) => {
        const loaded = await one;
        const { data, error } =
          stsParams === undefined
            ? await loaded.call("stsGetCallerIdentity", {})
            : await loaded.call("stsGetCallerIdentitySTSRole", {}, stsParams, roleName);
        assert.ok(data, JSON.stringify(error));
        return { arn: data.response?.["Arn"], steps: data.metrics?.roleChain.length };
      };

      before(async () => {
        // moto demands a signature of every STS call while it enforces; AssumeRoleWithWebIdentity has none by design.
        await moto().setEnforcement("off");
        try {
          await (await adapter(origin, "none")).answer("stsGetCallerIdentity", {});
        } finally {
          await moto().setEnforcement("on");
        }
      });

      it("none: signs as the role of the token", async () => {
        const seen = await identity(adapter(origin, "none"));
        assert.deepEqual(seen, { arn: assumed("federated", "token-session"), steps: 0 });
      });

      it("global: that role assumes the global one", async () => {
        const id = `web-${adapters + 1}`;
        const seen = await identity(adapter(origin, "global"));
        assert.deepEqual(seen, { arn: assumed("global", id), steps: 1 });
      });

      it("task: that role assumes the task's", async () => {
        const seen = await identity(adapter(origin, "none"), { RoleArn: moto().world.roles.task, ...session });
        assert.deepEqual(seen, { arn: assumed("task", "workflow-7"), steps: 1 });
      });

      it("global, then task", async () => {
        const seen = await identity(adapter(origin, "global"), { RoleArn: moto().world.roles.task, ...session });
        assert.deepEqual(seen, { arn: assumed("task", "workflow-7"), steps: 2 });
      });

      it("roleName, then stsParams", async () => {
        const { task, taskLast } = moto().world.roles;
        const seen = await identity(adapter(origin, "none"), { RoleArn: taskLast, ...session }, task);
        assert.deepEqual(seen, { arn: assumed("task-last", "workflow-7"), steps: 2 });
      });

      it("is refused a role that it may not assume", async () => {
        const loaded = await adapter(origin, "none");
        const stsParams = { RoleArn: moto().world.roles.taskLast, ...session };
        const refusal = await loaded.refusal("stsGetCallerIdentitySTSRole", {}, stsParams, null);
        assert.equal(refusal.aws?.code, "AccessDenied");
        assert.match(String(refusal.aws?.step), /step 1 of 1, AssumeRole \S+task-last/);
      });
    });
  }
});
