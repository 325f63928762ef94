/** Tampers with every part of a CreateSession and expects the simulated Roles Anywhere to refuse it. */
import assert from "node:assert/strict";
import { createPrivateKey, X509Certificate } from "node:crypto";
import { signX509, type X509Identity } from "../../utils/signing/sign-x509";
import { defaultWorld } from "../../utils/simulator/default-world";
import { type Issued, issueCertificate } from "../../utils/simulator/issue-certificate";
import { profileArn, trustAnchorArn } from "../../utils/simulator/roles-anywhere";
import { type Simulator, startSimulator } from "../../utils/simulator/simulator";
import { simulatedRoleArn } from "../../utils/simulator/simulator-service-instance";
import type { RolesAnywhereProfile, TrustAnchor } from "../../utils/simulator/world";
import type { HttpRequest } from "../../utils/types/http";
import { rsaKey } from "../support/rsa-key";

const DAY_MS = 86_400_000;
const startMs = Date.UTC(2026, 5, 15, 12);

describe("simulator: IAM Roles Anywhere", () => {
  let simulator: Simulator;
  let nowMs = startMs;
  const valid = { notBeforeMs: startMs - DAY_MS, notAfterMs: startMs + DAY_MS };
  const root = issueCertificate({ commonName: "root", authority: "ca", ...valid, notAfterMs: startMs + 9 * DAY_MS });
  const issuing = issueCertificate({ commonName: "issuing", authority: "ca", issuer: root, ...valid });
  const leaf = issueCertificate({ commonName: "leaf", issuer: issuing, ...valid, notAfterMs: startMs + 5 * DAY_MS });

  before(async () => {
    const world = defaultWorld();
    const trustAnchors = world.trustAnchors?.map((anchor) => ({ ...anchor, certificates: [root.pem] })) ?? [];
    simulator = await startSimulator({ world: { ...world, trustAnchors }, clock: { now: () => nowMs } });
  });
  after(() => simulator.close());
  beforeEach(() => {
    nowMs = startMs;
  });

  const signer = (issued: Issued, chain: readonly Issued[] = [issuing]): X509Identity => ({
    certificate: issued.certificate.raw,
    serialNumber: BigInt(`0x${issued.certificate.serialNumber}`).toString(),
    privateKey: issued.privateKey,
    chain: chain.map(({ certificate }) => certificate.raw),
  });
  const body = (more: object = {}): object => ({
    profileArn: profileArn(simulator.world.rolesAnywhereProfiles?.[0] as RolesAnywhereProfile),
    trustAnchorArn: trustAnchorArn(simulator.world.trustAnchors?.[0] as TrustAnchor),
    roleArn: simulatedRoleArn(simulator.world, "workload"),
    roleSessionName: "session",
    ...more,
  });

  interface Sent {
    readonly status: number;
    readonly code: string | null;
    readonly text: string;
  }

  async function send(
    given: { readonly as?: X509Identity; readonly body?: object; readonly dateMs?: number },
    change: (request: HttpRequest) => void = () => undefined,
  ): Promise<Sent> {
    const request: HttpRequest = {
      method: "POST",
      protocol: "http:",
      hostname: "127.0.0.1",
      port: simulator.port,
      path: "/sessions",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(given.body ?? body()),
    };
    signX509(request, given.as ?? signer(leaf), {
      service: "rolesanywhere",
      region: "us-east-1",
      dateMs: given.dateMs ?? nowMs,
    });
    change(request);
    const { host: _, ...headers } = request.headers;
    const response = await fetch(simulator.url + request.path, { method: "POST", headers, body: String(request.body) });
    return { status: response.status, code: response.headers.get("x-amzn-errortype"), text: await response.text() };
  }

  it("opens a session that lives as long as request, profile and role allow", async () => {
    for (const [asked, lived] of [
      [900, 900],
      [3600, 3600],
      [43_200, 3600],
      [undefined, 3600],
    ]) {
      const { status, text } = await send({ body: body({ durationSeconds: asked }) });
      assert.equal(status, 201, text);
      const [set] = JSON.parse(text).credentialSet;
      assert.equal(set.assumedRoleUser.arn, "arn:aws:sts::123456789012:assumed-role/workload/session");
      assert.equal(set.sourceIdentity, "leaf");
      assert.equal(Date.parse(set.credentials.expiration) - nowMs, (lived as number) * 1000);
    }
  });

  const other = issuing.certificate.raw.toString("base64");
  const tampered: [name: string, part: string, from: string | RegExp, to: string, words: RegExp][] = [
    ["the body", "body", '"session"', '"another"', /Invalid signature/],
    ["the date", "x-amz-date", "0000Z", "0001Z", /Invalid signature/],
    ["a signed header", "content-type", "json", "xml", /Invalid signature/],
    ["the certificate", "x-amz-x509", /.*/, other, /Invalid signature/],
    ["the chain", "x-amz-x509-chain", /.*/, root.certificate.raw.toString("base64"), /Invalid signature/],
    ["the serial number", "authorization", /Credential=\d/, "Credential=9", /serial number/],
    ["the algorithm", "authorization", "ECDSA", "RSA", /algorithm/],
    ["the signature", "authorization", /..$/, "zz", /Missing Authentication Token/],
    ["the service of the scope", "authorization", "/rolesanywhere/", "/sts/", /scope/],
    ["the region of the scope", "authorization", "/us-east-1/", "/us-east-2/", /Invalid signature/],
    ["the list of signed headers", "authorization", ";x-amz-x509-chain", "", /must be signed/],
  ];
  for (const [name, part, from, to, words] of tampered) {
    it(`refuses a request when ${name} was changed after signing`, async () => {
      const { status, code, text } = await send({}, (request) => {
        const before = String(part === "body" ? request.body : request.headers[part]);
        const after = before.replace(from, to);
        assert.notEqual(after, before, "the test changed nothing");
        if (part === "body") request.body = after;
        else request.headers[part] = after;
      });
      assert.deepEqual([status, code], [403, "AccessDeniedException"]);
      assert.match(text, words);
    });
  }

  it("refuses dates more than five minutes off, and says which way", async () => {
    assert.equal((await send({ dateMs: startMs - 299_000 })).status, 201);
    assert.equal((await send({ dateMs: startMs + 299_000 })).status, 201);
    assert.match((await send({ dateMs: startMs - 301_000 })).text, /Signature expired/);
    assert.match((await send({ dateMs: startMs + 301_000 })).text, /Signature not yet current/);
  });

  it("believes only an unbroken chain of valid certificates to the trust anchor", async () => {
    const stranger = issueCertificate({ commonName: "issuing", authority: "ca", ...valid });
    const untrusted = {
      code: "AccessDeniedException",
      status: 403,
      text: '{"message":"Untrusted signing certificate"}',
    };
    assert.deepEqual(await send({ as: signer(leaf, []) }), untrusted);
    assert.deepEqual(await send({ as: signer(leaf, [stranger]) }), untrusted);
    assert.deepEqual(
      await send({ as: signer(issueCertificate({ commonName: "leaf", issuer: stranger, ...valid })) }),
      untrusted,
    );
    const belowLeaf = issueCertificate({ commonName: "below", issuer: leaf, ...valid });
    assert.deepEqual(await send({ as: signer(belowLeaf, [leaf, issuing]) }), untrusted, "an end entity issues nothing");
    assert.deepEqual(await send({ as: signer(issuing, []) }), untrusted, "an authority is no workload");
    const direct = issueCertificate({ commonName: "direct", issuer: root, key: rsaKey(), ...valid });
    assert.equal((await send({ as: signer(direct, []) })).status, 201);
    assert.equal(
      (await send({ as: signer(direct, [stranger, issuing]) })).status,
      201,
      "others in the chain do no harm",
    );
    nowMs = startMs + 2 * DAY_MS;
    assert.deepEqual(await send({}), untrusted, "the intermediate is over");
    nowMs = startMs - 2 * DAY_MS;
    assert.deepEqual(await send({}), untrusted, "nothing is valid yet");
  });

  const invalid: [name: string, change: object, words: RegExp][] = [
    ["a session name of one letter", { roleSessionName: "x" }, /'roleSessionName'.*length greater than or equal to 2/],
    [
      "a session name too long",
      { roleSessionName: "x".repeat(65) },
      /'roleSessionName'.*length less than or equal to 64/,
    ],
    ["a session name with a space", { roleSessionName: "my session" }, /'roleSessionName'.*pattern/],
    ["a session too short", { durationSeconds: 899 }, /'durationSeconds'.*greater than or equal to 900/],
    ["a session too long", { durationSeconds: 43_201 }, /'durationSeconds'.*less than or equal to 43200/],
    ["no profile", { profileArn: undefined }, /Value null at 'profileArn'.*not be null/],
    ["a malformed trust anchor", { trustAnchorArn: "arn:aws:iam::1:role/x" }, /'trustAnchorArn'.*pattern/],
  ];
  for (const [name, change, words] of invalid) {
    it(`refuses ${name} as ValidationException`, async () => {
      const { status, code, text } = await send({ body: body(change) });
      assert.deepEqual([status, code], [400, "ValidationException"]);
      assert.match(JSON.parse(text).message, words);
    });
  }

  it("hands out certificates of its own authority, with their chain", async () => {
    const { certificate, privateKey, chain } = simulator.workloadCertificate("somebody");
    const issued = new X509Certificate(certificate);
    assert.equal(issued.subject, "CN=somebody");
    assert.ok(issued.checkPrivateKey(createPrivateKey(privateKey)));
    assert.ok(issued.verify(new X509Certificate(chain).publicKey));
  });
});
