/** Owns the trials of the Edge client: what it keeps, what it repeats, what it tells. */
import assert from "node:assert/strict";
import { beforeEach, describe, it } from "mocha";
import { EdgeClient } from "../../../utils/edge/edge-client";
import { signedCallerIdentity } from "../../../utils/edge/signed-caller-identity";
import type { EdgeEndpoint } from "../../../utils/types/role-chain";
import { FakeClock, FakeHttpHandler, FakeSecrets, failure, type ScriptedAnswer } from "../credentials/fixtures";

const endpoint: EdgeEndpoint = { url: "https://tenant.ec.example.com", region: "us-east-1", clientId: "client" };
const wanted = { credentialType: "ApiKey" as const, server: { host: "api.example.com", port: 443 } };
const token = (name: string, expiresIn = 3600): ScriptedAnswer => ({
  body: JSON.stringify({ accessToken: name, tokenType: "Bearer", expiresIn }),
});
const key = { body: JSON.stringify({ credentialType: "ApiKey", expiresAt: null, data: { apiKey: "k-of-nobody" } }) };

describe("EdgeClient", () => {
  let clock: FakeClock;
  let handler: FakeHttpHandler;
  let secrets: FakeSecrets;
  let script: ScriptedAnswer[];
  let client: EdgeClient;
  let attestations: number;

  const attestor = {
    key: "somebody",
    attest: async () => {
      attestations += 1;
      return signedCallerIdentity({ accessKeyId: "AKIDEXAMPLE", secretAccessKey: "s" }, "us-east-1", clock.now());
    },
  };
  const paths = (): string[] => handler.requests.map(({ url }) => url.split("/").at(-1) as string);

  beforeEach(() => {
    clock = new FakeClock();
    secrets = new FakeSecrets();
    script = [];
    attestations = 0;
    handler = new FakeHttpHandler(clock, () => script.shift() ?? assert.fail("nothing more was expected"));
    const shared = { clock, random: () => 0.5, secrets, userAgent: "test", timeoutMs: 20_000 };
    client = new EdgeClient({ ...shared, httpHandlerFor: () => handler });
  });

  it("keeps a token until a minute before its end", async () => {
    script.push(token("first", 600), token("second"));
    assert.equal((await client.authenticate(endpoint, attestor)).accessToken, "first");
    clock.advance(539_000);
    assert.equal((await client.authenticate(endpoint, attestor)).accessToken, "first");
    clock.advance(1000);
    assert.equal((await client.authenticate(endpoint, attestor)).accessToken, "second");
  });

  it("asks once for a hundred at a time, and not for another identity, client, tenant or resource set", async () => {
    for (const name of ["a", "b", "c", "d", "e"]) script.push(token(name));
    await Promise.all(Array.from({ length: 100 }, () => client.authenticate(endpoint, attestor)));
    assert.equal(handler.requests.length, 1);
    await client.authenticate(endpoint, { ...attestor, key: "another" });
    await client.authenticate({ ...endpoint, clientId: "another" }, attestor);
    await client.authenticate({ ...endpoint, url: "https://another.ec.example.com" }, attestor);
    await client.authenticate({ ...endpoint, resourceSetId: "another" }, attestor);
    assert.equal(handler.requests.length, 5);
  });

  for (const [what, passing] of [
    ["429", { status: 429 }],
    ["503", { status: 503 }],
    ["the network", { fails: "refused" }],
  ] as const) {
    it(`repeats after ${what}, attested anew, within 200 to 2000 ms`, async () => {
      script.push(passing, passing, token("third"));
      assert.equal((await client.authenticate(endpoint, attestor)).accessToken, "third");
      assert.equal(attestations, 3);
      assert.equal(clock.slept.length, 2);
      for (const ms of clock.slept) assert.ok(ms >= 200 && ms <= 2000, String(ms));
    });
  }

  it("gives up after three attempts, and repeats no refusal", async () => {
    script.push({ status: 500 }, { status: 500 }, { status: 500, body: '{"success":false,"message":"Oops","id":7}' });
    const error = await failure(client.authenticate(endpoint, attestor), "EDGE_API_FAILED");
    assert.match(error.message, /auth: HTTP 500, Oops, id 7/);
    script.push({ status: 400, body: "<html>", headers: { "x-request-id": "r-1" } });
    const refused = await failure(client.authenticate(endpoint, attestor), "EDGE_API_FAILED");
    assert.match(refused.message, /HTTP 400, without an explanation, request r-1/);
    assert.equal(handler.requests.length, 4);
  });

  it("gets another token once when the kept one is refused", async () => {
    script.push(token("old"), { status: 401 }, token("new"), key);
    assert.deepEqual((await client.credentials(endpoint, attestor, wanted)).data, { apiKey: "k-of-nobody" });
    assert.deepEqual(paths(), ["auth", "credentials", "auth", "credentials"]);
    assert.equal(handler.requests[3]?.headers["authorization"], "Bearer new");
    assert.ok(secrets.values.includes("k-of-nobody") && secrets.values.includes("new"));
    script.push({ status: 401 }, token("newer"), { status: 401 });
    assert.equal((await failure(client.credentials(endpoint, attestor, wanted), "EDGE_API_FAILED")).statusCode, 401);
  });

  it("lets a session of AWS be a secret until its end, and whatever else it got for ever", async () => {
    const expiresAt = new Date(clock.now() + 900_000).toISOString();
    const session = { awsAccessKeyId: "ASIA", awsSecretAccessKey: "s-of-session", awsSessionToken: "t-of-session" };
    script.push(token("t"));
    script.push({ body: JSON.stringify({ credentialType: "AwsStsFederation", expiresAt, data: session }) });
    script.push({ body: JSON.stringify({ credentialType: "UsernamePassword", expiresAt, data: { password: "pw" } }) });
    await client.credentials(endpoint, attestor, { ...wanted, credentialType: "AwsStsFederation" });
    await client.credentials(endpoint, attestor, { ...wanted, credentialType: "UsernamePassword" });
    const end = new Date(expiresAt);
    assert.deepEqual(
      ["s-of-session", "t-of-session", "pw"].map((value) => secrets.ends.get(value)),
      [end, end, undefined],
    );
    assert.deepEqual([secrets.ends.has("pw"), secrets.ends.has("ASIA")], [true, false]);
  });

  for (const [what, body] of [
    ["no JSON", "<html>"],
    ["no token", "{}"],
    ["no lifetime", '{"accessToken":"t"}'],
  ]) {
    it(`takes an answer with ${what} for a failure`, async () => {
      script.push({ body: body as string });
      await failure(client.authenticate(endpoint, attestor), "EDGE_API_FAILED");
    });
  }
});
