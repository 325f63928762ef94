/** Owns the cases of our own issuer: keys on disk, tokens, documents; node's crypto judges the signatures. */
import assert from "node:assert/strict";
import { createPublicKey, type JsonWebKey, verify } from "node:crypto";
import {
  chmodSync,
  chownSync,
  lchownSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, it } from "mocha";
import { issueToken } from "../../../../utils/credentials/oidc/issue-token";
import { issuerDocuments } from "../../../../utils/credentials/oidc/issuer-documents";
import { type IssuerAlgorithm, privateValues } from "../../../../utils/credentials/oidc/issuer-key";
import { KeyStore } from "../../../../utils/credentials/oidc/key-store";
import { nodeFiles } from "../../../../utils/runtime/node-files";
import { nodePrivateFiles } from "../../../../utils/runtime/node-private-files";
import { skipFor } from "../../../support/needs";
import { FakeClock, FakeSecrets, failure, START_MS } from "../fixtures";

const decoded = (part: string | undefined) =>
  JSON.parse(Buffer.from(part ?? "", "base64url").toString()) as Record<string, unknown>;

describe("an issuer of our own", () => {
  let root: string;
  let folder: string;
  let clock: FakeClock;
  let secrets: FakeSecrets;
  let store: KeyStore;
  let randoms: number;

  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), "adapter-aws-issuer-"));
    folder = join(root, "keys");
    clock = new FakeClock();
    secrets = new FakeSecrets();
    store = new KeyStore(folder, { files: nodeFiles, privateFiles: nodePrivateFiles, clock });
    randoms = 0;
  });
  afterEach(() => rmSync(root, { recursive: true }));

  const random = (): number => {
    randoms += 1;
    return (randoms * 0.137) % 1;
  };
  const issuer = () => ({
    url: "https://issuer.example/aws",
    subject: "itential",
    audience: "sts.amazonaws.com",
    keyFolder: folder,
    lifetimeSeconds: 300,
  });
  const issue = (offsetMs = 0) =>
    issueToken(issuer(), { files: nodeFiles, clock, random, secrets }, offsetMs, "the source");
  const kidOf = async (): Promise<unknown> => decoded((await issue()).split(".")[0])["kid"];

  function isAccepted(token: string): boolean {
    const { jwks } = issuerDocuments(issuer().url, store.keys());
    const [head, body, signature] = token.split(".");
    const { kid, alg } = decoded(head);
    const key = jwks.keys.find((one) => one.kid === kid && one.alg === alg);
    if (key === undefined) return false;
    const publicKey = createPublicKey({ key: key as JsonWebKey, format: "jwk" });
    return verify(
      "sha256",
      Buffer.from(`${head}.${body}`),
      { key: publicKey, dsaEncoding: "ieee-p1363" },
      Buffer.from(signature ?? "", "base64url"),
    );
  }

  for (const alg of ["ES256", "RS256"] as const satisfies readonly IssuerAlgorithm[]) {
    it(`makes a key for ${alg} that nobody else may read, and tokens that its published part verifies`, async () => {
      const kid = await store.rotate(alg);
      assert.equal(statSync(folder).mode & 0o777, 0o700);
      assert.deepEqual(readdirSync(folder), [`${kid}.jwk.json`]);
      assert.equal(statSync(join(folder, `${kid}.jwk.json`)).mode & 0o777, 0o600);
      const token = await issue();
      const [head, claims] = token.split(".").slice(0, 2).map(decoded);
      assert.deepEqual(head, { alg, kid, typ: "JWT" });
      const seconds = START_MS / 1000;
      assert.deepEqual(
        { ...claims, jti: "" },
        {
          iss: "https://issuer.example/aws",
          sub: "itential",
          aud: "sts.amazonaws.com",
          jti: "",
          iat: seconds,
          nbf: seconds - 60,
          exp: seconds + 300,
        },
      );
      assert.match(String(claims?.["jti"]), /^[0-9a-f]{24}$/);
      assert.ok(isAccepted(token));
      const [, , signature] = token.split(".");
      const forged = Buffer.from(JSON.stringify({ ...claims, sub: "somebody else" })).toString("base64url");
      assert.ok(!isAccepted([token.split(".")[0], forged, signature].join(".")));
    });
  }

  it("makes no two tokens alike, and by the verifier's clock where that is known", async () => {
    await store.rotate("ES256");
    const claims = (token: string) => decoded(token.split(".")[1]);
    assert.notEqual(claims(await issue())["jti"], claims(await issue())["jti"]);
    assert.equal(claims(await issue(3_600_000))["iat"], START_MS / 1000 + 3600);
  });

  it("rotates: the new key is published at once, signs an hour later, and the old one is accepted until it is retired", async () => {
    const first = await store.rotate("ES256");
    clock.advance(86_400_000);
    const second = await store.rotate("RS256");
    const published = () => issuerDocuments(issuer().url, store.keys()).jwks.keys.map(({ kid }) => kid);
    assert.deepEqual(published().sort(), [first, second].sort());
    assert.deepEqual(
      store.list().map(({ kid, state }) => [kid, state]),
      [
        [second, "waits"],
        [first, "signs"],
      ],
    );
    assert.equal(await kidOf(), first);
    const old = await issue();
    await assert.rejects(store.retire(first), /the only key that signs/);
    clock.advance(3_600_000);
    assert.equal(await kidOf(), second);
    assert.deepEqual(
      store.list().map(({ state }) => state),
      ["signs", "published"],
    );
    assert.ok(isAccepted(old));
    await store.retire(first);
    assert.ok(!isAccepted(old));
    assert.deepEqual(published(), [second]);
    await assert.rejects(store.retire(first), /the kid of a key/);
  });

  it("retires a key whatever its files are called", async () => {
    const first = await store.rotate("ES256");
    const second = await store.rotate("ES256", 0);
    writeFileSync(join(folder, "copy.jwk.json"), readFileSync(join(folder, `${first}.jwk.json`)), { mode: 0o600 });
    renameSync(join(folder, `${first}.jwk.json`), join(folder, "old.jwk.json"));
    await store.retire(first);
    assert.deepEqual(readdirSync(folder), [`${second}.jwk.json`]);
    assert.deepEqual(
      store.list().map(({ kid }) => kid),
      [second],
    );
  });

  it("signs at once by a key that is wanted at once", async () => {
    await store.rotate("ES256");
    clock.advance(1000);
    const now = await store.rotate("ES256", 0);
    clock.advance(1000);
    await store.rotate("ES256", 60);
    assert.equal(await kidOf(), now);
  });

  it("publishes no private part of any key, and masks every one", async () => {
    await store.rotate("ES256");
    await store.rotate("RS256");
    const values = store.keys().flatMap(privateValues);
    assert.equal(values.length, 1 + 6);
    const text = JSON.stringify(issuerDocuments(issuer().url, store.keys()));
    for (const value of values) assert.ok(!text.includes(value));
    await issue();
    for (const value of values) assert.ok(secrets.values.includes(value));
  });

  it("names in discovery the algorithms of its keys and no other", async () => {
    await store.rotate("ES256");
    const { discovery } = issuerDocuments(issuer().url, store.keys());
    assert.deepEqual(discovery["id_token_signing_alg_values_supported"], ["ES256"]);
    assert.equal(discovery["issuer"], issuer().url);
    assert.equal(discovery["jwks_uri"], `${issuer().url}/.well-known/jwks.json`);
  });

  it("does not publish what AWS would not read", async () => {
    await store.rotate("ES256");
    const [key] = store.keys();
    assert.ok(key);
    assert.throws(() => issuerDocuments(issuer().url, []), /found no key/);
    assert.throws(() => issuerDocuments(issuer().url, Array(101).fill(key)), /101 keys of type EC.*100 at most/);
  });

  it("does not sign with a key that others may read, nor without one, nor with another file", async () => {
    assert.match((await failure(issue(), "CREDENTIAL_SOURCE_FAILED")).message, /keys does not exist/);
    const kid = await store.rotate("ES256");
    const file = join(folder, `${kid}.jwk.json`);
    for (const mode of [0o604, 0o620, 0o644, 0o666]) {
      chmodSync(file, mode);
      const error = await failure(issue(), "CREDENTIAL_SOURCE_FAILED");
      assert.match(error.message, new RegExp(`${kid}.*mode 0${mode.toString(8)}`));
      assert.match(error.recommendation, /0600/);
    }
    for (const mode of [0o400, 0o440, 0o600]) {
      chmodSync(file, mode);
      await issue();
    }
    chmodSync(file, 0o600);
    const text = readFileSync(file, "utf8");
    for (const other of ["", "no JSON", "null", "[]", '{"kid":"a"}', text.replace('"ES256"', '"HS256"')]) {
      writeFileSync(file, other);
      const error = await failure(issue(), "CREDENTIAL_SOURCE_FAILED");
      assert.match(error.message, /holds no signing key/);
    }
    writeFileSync(file, text.replace(/"d": "..../, '"d": "AAAA'));
    const broken = await failure(issue(), "CREDENTIAL_SOURCE_FAILED");
    assert.match(broken.message, new RegExp(`${kid}.*does not sign`));
    rmSync(file);
    assert.match((await failure(issue(), "CREDENTIAL_SOURCE_FAILED")).message, /holds no signing key/);
    await store.rotate("ES256", 60);
    assert.match(
      (await failure(issue(), "CREDENTIAL_SOURCE_FAILED")).message,
      /no key signs before 2026-03-12T10:01:00/,
    );
  });

  it("does not sign from a folder that others may write into, or with what somebody else owns", async () => {
    const kid = await store.rotate("ES256");
    for (const mode of [0o720, 0o702, 0o770, 0o777]) {
      chmodSync(folder, mode);
      const error = await failure(issue(), "CREDENTIAL_SOURCE_FAILED");
      assert.match(error.message, new RegExp(`may write into the key folder ${folder} .mode 0${mode.toString(8)}`));
      assert.match(error.recommendation, /key_folder, or --keys.*0700/);
      assert.throws(() => store.keys(), /may write into/);
    }
    for (const mode of [0o500, 0o700, 0o750, 0o755, 0o1777]) {
      chmodSync(folder, mode);
      await issue();
    }
    const file = join(folder, `${kid}.jwk.json`);
    for (const [foreign, said] of [
      [folder, `key folder ${folder}`],
      [file, `key file ${file}`],
    ] as const) {
      const files = { ...nodeFiles, isOurs: (path: string) => path !== foreign };
      const error = await failure(
        issueToken(issuer(), { files, clock, random, secrets }, 0, "the source"),
        "CREDENTIAL_SOURCE_FAILED",
      );
      assert.ok(error.message.includes(`the ${said} belongs to another user`), error.message);
    }
  });

  it("signs from folders as Kubernetes mounts them: links into a folder of the version", async () => {
    const kid = await store.rotate("ES256");
    const mount = join(root, "mount");
    mkdirSync(mount);
    renameSync(folder, join(mount, "..2026"));
    symlinkSync("..2026", join(mount, "..data"));
    symlinkSync(join("..data", `${kid}.jwk.json`), join(mount, `${kid}.jwk.json`));
    chmodSync(mount, 0o1777);
    folder = mount;
    assert.equal(await kidOf(), kid);
  });

  it("knows the files of this user and of root, links too", () => {
    const file = join(root, "file");
    const link = join(root, "link");
    writeFileSync(file, "");
    symlinkSync(file, link);
    assert.ok(nodeFiles.isOurs(file) && nodeFiles.isOurs(link) && nodeFiles.isOurs("/"));
  });

  it("tells the files of others from them, links too", function () {
    const isRoot = process.getuid?.() === 0;
    skipFor(this, isRoot ? undefined : "only root may give a file away, and these tests run as somebody else");
    const file = join(root, "file");
    const link = join(root, "link");
    writeFileSync(file, "");
    symlinkSync(file, link);
    lchownSync(link, 12_345, 12_345);
    assert.deepEqual([nodeFiles.isOurs(file), nodeFiles.isOurs(link)], [true, false]);
    lchownSync(link, 0, 0);
    chownSync(file, 12_345, 12_345);
    assert.deepEqual([nodeFiles.isOurs(file), nodeFiles.isOurs(link)], [false, false]);
  });
});
