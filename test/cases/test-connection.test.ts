/** Owns the running of the case folders of Test Connection: a service instance and a call in; a connection or an error out. */
import assert from "node:assert/strict";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readServiceInstance } from "../../utils/settings/read-service-instance";
import { defaultWorld } from "../../utils/simulator/default-world";
import { issueCertificate } from "../../utils/simulator/issue-certificate";
import { profileArn, trustAnchorArn } from "../../utils/simulator/roles-anywhere";
import { type Simulator, startSimulator } from "../../utils/simulator/simulator";
import { type PodCredentials, simulatorEnvironment, userKey } from "../../utils/simulator/simulator-service-instance";
import { Connection } from "./s3-connection/world";

interface Connected {
  readonly connected: true;
  readonly region: string;
  /** How `credentialSource` begins. */
  readonly source: string;
  /** Roles assumed on the way. */
  readonly steps: number;
  readonly bucket?: {
    readonly name: string;
    readonly reachable: boolean;
    readonly region?: string;
    readonly problem?: string;
  };
}

interface Refused {
  readonly icode: string;
  /** What the error says, in the words of whoever refused. */
  readonly says: string;
  /** What the recommendation names. */
  readonly advice?: string;
}

const DAY_MS = 86_400_000;
const casesFolder = join(__dirname, "test-connection");

describe("Test Connection, case by case", () => {
  let simulator: Simulator;
  /** What the placeholders of the cases stand for: what only a running simulator knows. */
  let values: Record<string, string | number>;
  const folder = mkdtempSync(join(tmpdir(), "test-connection-"));

  before(async () => {
    const world = defaultWorld();
    const [profile] = world.rolesAnywhereProfiles ?? [];
    const [anchor] = world.trustAnchors ?? [];
    assert.ok(profile !== undefined && anchor !== undefined);
    const noNames = { ...profile, id: "no-names", acceptsRoleSessionName: false };
    simulator = await startSimulator({ world: { ...world, rolesAnywhereProfiles: [profile, noNames] } });
    const tokenFile = join(folder, "token");
    const [provider] = world.oidcProviders;
    const subject = "system:serviceaccount:itential:adapter";
    writeFileSync(tokenFile, simulator.webIdentityToken({ subject, audience: provider?.clientIds[0] as string }));
    const workload = simulator.workloadCertificate("router-automation");
    const stranger = issueCertificate({ commonName: "stranger" });
    const past = { notBeforeMs: Date.now() - 9 * DAY_MS, notAfterMs: Date.now() - DAY_MS };
    const expired = issueCertificate({ commonName: "expired", ...past });
    const authority = issueCertificate({ commonName: "expired authority", authority: "ca", issuer: stranger, ...past });
    const orphan = issueCertificate({ commonName: "orphan", issuer: authority });
    values = {
      port: simulator.port,
      url: simulator.url,
      profile: profileArn(profile),
      "trust anchor": trustAnchorArn(anchor),
      "token file": tokenFile,
      certificate: workload.certificate,
      "private key": workload.privateKey,
      chain: workload.chain,
      "stranger certificate": stranger.pem,
      "stranger key": stranger.keyPem,
      "expired certificate": expired.pem,
      "expired key": expired.keyPem,
      "expired intermediate": authority.pem,
      "orphan certificate": orphan.pem,
      "orphan key": orphan.keyPem,
    };
    for (const name of ["adapter", "nobody"]) {
      const key = userKey(world, name);
      values[`${name} key id`] = key.accessKeyId;
      values[`${name} secret`] = key.secretAccessKey;
    }
  });
  after(async () => {
    rmSync(folder, { recursive: true });
    await simulator.close();
  });

  const read = <T>(name: string, file: string): T =>
    JSON.parse(readFileSync(join(casesFolder, name, `${file}.json`), "utf8"), (_, value: unknown) => {
      if (typeof value !== "string") return value;
      const whole = /^\{([^{}]+)\}$/.exec(value)?.[1];
      if (whole !== undefined && whole in values) return values[whole];
      return value.replace("{port}", String(values["port"]));
    }) as T;

  for (const { name } of readdirSync(casesFolder, { withFileTypes: true })) {
    it(name.replaceAll("-", " "), async () => {
      const { properties } = readServiceInstance(read(name, "service-instance"));
      const call = read<{ params: object; environment: PodCredentials | "none" }>(name, "call");
      const environment = call.environment === "none" ? {} : simulatorEnvironment(simulator, call.environment);
      const connection = new Connection(properties, { environment });
      const expected = read<Connected | Refused>(name, "expected");
      if ("connected" in expected) {
        const found = await connection.response<Record<string, unknown>>("iapTestConnection", call.params);
        assert.equal(found["connected"], true);
        assert.equal(found["region"], expected.region);
        assert.equal(found["buckets"], 2);
        assert.ok(String(found["credentialSource"]).startsWith(expected.source), String(found["credentialSource"]));
        assert.equal((found["roleChain"] as unknown[]).length, expected.steps);
        const { problem, ...bucket } = (found["bucket"] ?? {}) as NonNullable<Connected["bucket"]>;
        const { problem: words, ...wanted } = expected.bucket ?? {};
        assert.deepEqual(bucket, wanted);
        assert.ok(words === undefined ? problem === undefined : problem?.includes(words), problem);
        return;
      }
      const error = (await connection.refusal("iapTestConnection", call.params)).toEnvelope();
      assert.equal(error.icode, expected.icode, JSON.stringify(error));
      assert.ok(error.IAPerror.displayString.includes(expected.says), error.IAPerror.displayString);
      assert.ok(error.IAPerror.recommendation.includes(expected.advice ?? ""), error.IAPerror.recommendation);
      for (const [value, secret] of Object.entries(values)) {
        // Of PEM its first line of content.
        const text = String(secret).split("\n")[1] ?? String(secret);
        if (/secret|key$/.test(value)) assert.ok(!JSON.stringify(error).includes(text), `${value} in the error`);
      }
    });
  }
});
