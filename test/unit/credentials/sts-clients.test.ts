/** Owns the trials of many calls on one client of STS: whatever is under way beside it, a call is sent as who it is. */
import assert from "node:assert/strict";
import fc from "fast-check";
import { describe, it } from "mocha";
import { StsCaller } from "../../../utils/credentials/sts-caller";
import { StsClients } from "../../../utils/credentials/sts-clients";
import { AdapterError } from "../../../utils/errors/adapter-error";
import type { HttpHandler, HttpRequest, HttpResponse } from "../../../utils/types/http";
import type { StsEndpoint } from "../../../utils/types/role-chain";
import { errorXml, FakeClock, FakeSecrets, identity, sessionXml, stsEndpoint } from "./fixtures";

const endpoints: readonly StsEndpoint[] = [
  stsEndpoint,
  { region: "eu-west-1", url: "https://sts.eu-west-1.amazonaws.com" },
  // One host and two regions, one region and two hosts: none of the two decides alone.
  { region: "eu-west-2", url: "https://sts.eu-west-1.amazonaws.com" },
  { region: "eu-west-1", url: "http://sts.internal.example:8080" },
];

/** How STS answers the attempts of a call, the last one for all that follow. */
const outcomes = {
  agrees: [200],
  busy: [503, 200],
  "busy twice": [503, 500, 200],
  refuses: [403],
  "stays busy": [503],
  "breaks off": [0],
} as const;

interface Planned {
  readonly endpoint: number;
  readonly identity: number;
  readonly operation: "AssumeRole" | "GetCallerIdentity" | "AssumeRoleWithWebIdentity";
  readonly outcome: keyof typeof outcomes;
  /** Turns of the event loop before the call begins, and before each answer. */
  readonly begins: number;
  readonly answers: readonly number[];
}

const planned: fc.Arbitrary<Planned> = fc.record({
  endpoint: fc.nat(endpoints.length - 1),
  identity: fc.nat(4),
  operation: fc.constantFrom("AssumeRole", "GetCallerIdentity", "AssumeRoleWithWebIdentity"),
  outcome: fc.constantFrom(...(Object.keys(outcomes) as (keyof typeof outcomes)[])),
  begins: fc.nat(3),
  answers: fc.array(fc.nat(4), { minLength: 1, maxLength: 4 }),
});

async function turns(count: number): Promise<void> {
  for (let turn = 0; turn < count; turn += 1) await new Promise(setImmediate);
}

/** One handler an endpoint; each attempt is found by the name in its body, and compared with what its call was. */
class Sts {
  readonly attempts = new Map<number, number>();
  readonly problems: string[] = [];

  constructor(
    readonly plans: readonly Planned[],
    readonly clock: FakeClock,
  ) {}

  handlerFor = (endpoint: StsEndpoint): HttpHandler => ({
    handle: (request) => this.#answer(endpoint, request),
    destroy: () => undefined,
  });

  async #answer(endpoint: StsEndpoint, request: HttpRequest): Promise<HttpResponse> {
    const { authorization = "", "x-amz-security-token": token, host } = request.headers;
    const body = String(request.body);
    const named = /role%2Fr(\d+)/.exec(body)?.[1];
    // GetCallerIdentity has no input: whose it is can be told by the key alone, which is one for each such call.
    const index = Number(named ?? /Credential=AKIACALL(\d+)\//.exec(authorization)?.[1]);
    const plan = this.plans[index];
    if (plan === undefined) throw new Error(`nobody's request: ${body}`);
    const expected = endpoints[plan.endpoint] as StsEndpoint;
    const url = `${request.protocol}//${host}`;
    const who = whoOf(plan, index);
    const credential = who && `Credential=${who.accessKeyId}/20260312/${expected.region}/sts/aws4_request`;
    if (endpoint !== expected) this.problems.push(`${index}: the handler of ${endpoint.url} ${endpoint.region}`);
    if (url !== expected.url) this.problems.push(`${index}: sent to ${url}`);
    if (!body.startsWith(`Action=${plan.operation}&`)) this.problems.push(`${index}: ${body}`);
    if (credential === undefined ? authorization !== "" : !authorization.includes(`${credential},`))
      this.problems.push(`${index}: signed ${authorization}`);
    if (token !== who?.sessionToken) this.problems.push(`${index}: with the token ${token}`);
    const attempt = this.attempts.get(index) ?? 0;
    this.attempts.set(index, attempt + 1);
    await turns(plan.answers[attempt] ?? 0);
    const statuses: readonly number[] = outcomes[plan.outcome];
    const status = statuses[Math.min(attempt, statuses.length - 1)] as number;
    if (status === 0) throw new AdapterError("TIMEOUT", { waitedFor: `call ${index}`, limitMs: 1 });
    const text =
      status === 200 ? this.#agreed(plan, index) : errorXml(status === 403 ? "AccessDenied" : "Busy", `no ${index}.`);
    return { statusCode: status, headers: {}, body: Buffer.from(text) };
  }

  #agreed({ operation }: Planned, index: number): string {
    if (operation !== "GetCallerIdentity") return sessionXml(operation, `R${index}`, this.clock.now() + 3_600_000);
    return `<GetCallerIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><GetCallerIdentityResult><Arn>ASIAR${index}</Arn></GetCallerIdentityResult></GetCallerIdentityResponse>`;
  }
}

function whoOf(plan: Planned, index: number) {
  if (plan.operation === "AssumeRoleWithWebIdentity") return undefined;
  return identity(plan.operation === "GetCallerIdentity" ? `call${index}` : `base${plan.identity}`);
}

/** @returns the name in the answer */
function called(caller: StsCaller, plan: Planned, index: number): Promise<string | undefined> {
  const RoleArn = `arn:aws:iam::123456789012:role/r${index}`;
  const who = whoOf(plan, index);
  const call = {
    endpoint: endpoints[plan.endpoint] as StsEndpoint,
    ...(who === undefined ? {} : { identity: who }),
    operation: plan.operation,
    failure: "ASSUME_ROLE_FAILED" as const,
    words: `step ${index}.`,
    roleArn: RoleArn,
    request: undefined,
  };
  const RoleSessionName = "s1";
  switch (plan.operation) {
    case "GetCallerIdentity":
      return caller.call({
        ...call,
        send: async (sender, sts) => (await sender.send(new sts.GetCallerIdentityCommand({}))).Arn,
      });
    case "AssumeRoleWithWebIdentity": {
      const input = { RoleArn, RoleSessionName, WebIdentityToken: "token" };
      return caller.call({
        ...call,
        send: async (sender, sts) =>
          (await sender.send(new sts.AssumeRoleWithWebIdentityCommand(input))).Credentials?.AccessKeyId,
      });
    }
    default:
      return caller.call({
        ...call,
        send: async (sender, sts) => {
          const output = await sender.send(new sts.AssumeRoleCommand({ RoleArn, RoleSessionName }));
          return output.Credentials?.AccessKeyId;
        },
      });
  }
}

describe("StsClients", () => {
  it("sends each of many calls at once as its own identity to its own endpoint, and gives it its own answer", async function () {
    this.timeout(60_000);
    await fc.assert(
      fc.asyncProperty(fc.array(planned, { minLength: 1, maxLength: 24 }), async (plans) => {
        const clock = new FakeClock();
        const sts = new Sts(plans, clock);
        const caller = new StsCaller({
          httpHandlerFor: sts.handlerFor,
          clock: Object.assign(clock, { sleep: () => turns(1), monotonic: () => 0 }),
          random: () => 0,
          secrets: new FakeSecrets(),
          userAgent: "adapter-aws/1",
          timeoutMs: 5000,
        });
        const answers = plans.map(async (plan, index) => {
          await turns(plan.begins);
          return called(caller, plan, index);
        });
        for (const [index, settled] of (await Promise.allSettled(answers)).entries()) {
          const { outcome } = plans[index] as Planned;
          const statuses: readonly number[] = outcomes[outcome];
          assert.equal(sts.attempts.get(index), outcome === "stays busy" ? 3 : statuses.length, `${index}: ${outcome}`);
          if (settled.status === "fulfilled") {
            assert.equal(settled.value, `ASIAR${index}`);
            assert.equal(statuses.at(-1), 200);
            continue;
          }
          assert.ok(settled.reason instanceof AdapterError, String(settled.reason));
          assert.notEqual(statuses.at(-1), 200, settled.reason.message);
          assert.match(
            settled.reason.message,
            outcome === "breaks off" ? new RegExp(`call ${index}\\b`) : new RegExp(`no ${index}\\.`),
          );
          assert.equal(settled.reason.step, `step ${index}.`);
        }
        assert.deepEqual(sts.problems, []);
      }),
      { numRuns: 40 },
    );
  });

  const ROLE = { RoleArn: "arn:aws:iam::123456789012:role/task", RoleSessionName: "s1" };

  it("sends an input again, but not while it is under way: whose it is could not be told", async () => {
    const seen: string[] = [];
    const clients = new StsClients<string>(async (_, attempt) => {
      seen.push(attempt);
      await turns(2);
      return { statusCode: 200, headers: {}, body: Buffer.from(sessionXml("AssumeRole", attempt, Date.now())) };
    });
    const { AssumeRoleCommand } = await import("@aws-sdk/client-sts");
    const command = new AssumeRoleCommand({ ...ROLE });
    const first = clients.sender(stsEndpoint, "FIRST").send(command);
    await assert.rejects(clients.sender(stsEndpoint, "SECOND").send(command), /twice at once/);
    assert.equal((await first).Credentials?.AccessKeyId, "ASIAFIRST");
    const third = await clients.sender(stsEndpoint, "THIRD").send(command);
    assert.equal(third.Credentials?.AccessKeyId, "ASIATHIRD");
    assert.deepEqual(seen, ["FIRST", "THIRD"]);
  });

  it("goes on with what is under way when it is closed, and makes a client anew for what comes after", async () => {
    const clients = new StsClients<string>(async (_, attempt) => {
      await turns(2);
      return { statusCode: 200, headers: {}, body: Buffer.from(sessionXml("AssumeRole", attempt, Date.now())) };
    });
    const { AssumeRoleCommand } = await import("@aws-sdk/client-sts");
    const under = clients.sender(stsEndpoint, "UNDERWAY").send(new AssumeRoleCommand({ ...ROLE }));
    clients.close();
    const after = clients.sender(stsEndpoint, "AFTER").send(new AssumeRoleCommand({ ...ROLE }));
    assert.equal((await under).Credentials?.AccessKeyId, "ASIAUNDERWAY");
    assert.equal((await after).Credentials?.AccessKeyId, "ASIAAFTER");
  });

  it("sends nothing of an input that could not be written, with those beside it and after it", async () => {
    const bodies: string[] = [];
    const clients = new StsClients<string>(async (request, attempt) => {
      bodies.push(String(request.body));
      return { statusCode: 200, headers: {}, body: Buffer.from(sessionXml("AssumeRole", attempt, Date.now())) };
    });
    const { AssumeRoleCommand } = await import("@aws-sdk/client-sts");
    const send = (name: string, input: object) =>
      clients.sender(stsEndpoint, name).send(new AssumeRoleCommand({ ...ROLE, ...input }));
    await send("FIRST", {});
    const unwritten = [{ toString: () => assert.fail("cannot be text") } as unknown as string, "\ud800"];
    const all = unwritten.flatMap((Policy) => [
      assert.rejects(send("BROKEN", { ExternalId: "of-another", Policy }), /cannot be text|URI malformed/),
      send("BESIDE", {}),
    ]);
    await Promise.all(all);
    await send("AFTER", {});
    assert.equal(bodies.length, 4);
    for (const body of bodies)
      assert.match(body, /^Action=AssumeRole&Version=2011-06-15&RoleArn=[^&]+&RoleSessionName=s1$/);
  });

  it("keeps a bounded number of clients, and sends to each endpoint all the same", async () => {
    const hosts: string[] = [];
    const clients = new StsClients<string>(async (request, attempt) => {
      hosts.push(request.hostname);
      return { statusCode: 200, headers: {}, body: Buffer.from(sessionXml("AssumeRole", attempt, Date.now())) };
    });
    const { AssumeRoleCommand } = await import("@aws-sdk/client-sts");
    const expected = Array.from({ length: 40 }, (_, index) => `sts${index % 20}.example`);
    for (const host of expected) {
      const sender = clients.sender({ region: "eu-west-1", url: `https://${host}` }, host);
      assert.equal((await sender.send(new AssumeRoleCommand({ ...ROLE }))).Credentials?.AccessKeyId, `ASIA${host}`);
    }
    assert.deepEqual(hosts, expected);
  });
});
