/** CreateSession as it crosses the wire, with certificates that openssl made, judged by Python's cryptography and by openssl. */
import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { type AddressInfo, createServer, type Server } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { adapter } from "../cases/roles-anywhere/world";
import { need, programs, pythonWith } from "../support/needs";

const CREDENTIALS = {
  accessKeyId: "ASIACAPTURED",
  secretAccessKey: "captured",
  sessionToken: "captured-token",
  expiration: "2099-01-01T00:00:00Z",
};

/** One line a key: how openssl makes it. */
const KEYS: Readonly<Record<string, readonly string[]>> = {
  "RSA 2048": ["genpkey", "-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048"],
  "RSA 4096": ["genpkey", "-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:4096"],
  "P-256": ["genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256"],
  "P-384": ["genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-384"],
};

interface Verdict {
  readonly algorithm: string;
  readonly scope: string;
  readonly stringToSign: string;
  readonly signature: string;
  readonly publicKey: string;
  readonly leaf: string;
  readonly chain: string;
  readonly chainLength: number;
  readonly body: Record<string, unknown>;
}

describe("interop: signatures of IAM Roles Anywhere", () => {
  let folder: string;
  let server: Server;
  let captured: Buffer;
  const file = (name: string): string => join(folder, name);
  const openssl = (...given: string[]): string =>
    execFileSync("openssl", given, { cwd: folder, encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] });

  need(pythonWith("cryptography"), programs("openssl"));
  before(async () => {
    folder = mkdtempSync(join(tmpdir(), "roles-anywhere-interop-"));
    makeAuthorities();
    server = createServer((socket) => {
      let bytes = Buffer.alloc(0);
      socket.on("data", (data: Buffer) => {
        bytes = Buffer.concat([bytes, data]);
        const end = bytes.indexOf("\r\n\r\n");
        const length = Number(/content-length: *(\d+)/i.exec(bytes.toString("latin1"))?.[1] ?? 0);
        if (end < 0 || bytes.length < end + 4 + length) return;
        captured = bytes;
        const body = JSON.stringify({ credentialSet: [{ credentials: CREDENTIALS }], subjectArn: "" });
        socket.end(
          `HTTP/1.1 201 Created\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n${body}`,
        );
      });
    }).listen(0, "127.0.0.1");
    await once(server, "listening");
  });
  after(() => {
    server?.close();
    if (folder !== undefined) rmSync(folder, { recursive: true, force: true });
  });

  function makeAuthorities(): void {
    writeFileSync(file("ca.ext"), "basicConstraints=critical,CA:TRUE\nkeyUsage=critical,keyCertSign,cRLSign\n");
    writeFileSync(file("leaf.ext"), "basicConstraints=critical,CA:FALSE\nkeyUsage=critical,digitalSignature\n");
    for (const name of ["root", "issuing"]) {
      openssl("genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256", "-out", `${name}.key`);
      openssl("req", "-new", "-key", `${name}.key`, "-subj", `/CN=Interop ${name}`, "-out", `${name}.csr`);
    }
    openssl(
      "x509",
      "-req",
      "-in",
      "root.csr",
      "-signkey",
      "root.key",
      "-days",
      "99",
      "-extfile",
      "ca.ext",
      "-out",
      "root.crt",
    );
    issue("issuing", "root", "ca.ext");
  }

  function issue(name: string, issuer: string, extensions: string): void {
    const authority = ["-CA", `${issuer}.crt`, "-CAkey", `${issuer}.key`, "-CAcreateserial"];
    openssl(
      "x509",
      "-req",
      "-in",
      `${name}.csr`,
      ...authority,
      "-days",
      "99",
      "-extfile",
      extensions,
      "-out",
      `${name}.crt`,
    );
  }

  async function createSession(block: object): Promise<Verdict> {
    const arn = (kind: string): string =>
      `arn:aws:rolesanywhere:eu-west-1:123456789012:${kind}/0f0f0f0f-1111-2222-3333-444444444444`;
    const { runtime } = adapter({
      authentication: {
        auth_method: "aws_authentication",
        aws_roles_anywhere: {
          profile_arn: arn("profile"),
          trust_anchor_arn: arn("trust-anchor"),
          role_arn: "arn:aws:iam::123456789012:role/path/workload",
          session_name: "interop@example.com",
          duration_seconds: 900,
          endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
          ...block,
        },
      },
    });
    try {
      const identity = await runtime.identity(runtime.plan({ kind: "plain" })).resolve({ timeoutMs: 20_000 });
      assert.equal(identity.accessKeyId, "ASIACAPTURED");
    } finally {
      runtime.close();
    }
    return judge(captured);
  }

  function judge(raw: Buffer): Verdict {
    const input = JSON.stringify({ raw: raw.toString("base64"), root: readFileSync(file("root.crt"), "utf8") });
    const { stdout, stderr, status } = spawnSync("python3", [join(__dirname, "verify_x509.py")], {
      input,
      encoding: "utf8",
    });
    assert.equal(status, 0, stderr);
    return JSON.parse(stdout) as Verdict;
  }

  /** The same once more by openssl: signature over the string to sign, and the path to the root. */
  function judgeByOpenssl(verdict: Verdict): void {
    writeFileSync(file("text"), verdict.stringToSign);
    writeFileSync(file("signature"), Buffer.from(verdict.signature, "hex"));
    writeFileSync(file("public.pem"), verdict.publicKey);
    writeFileSync(file("leaf.pem"), verdict.leaf);
    writeFileSync(file("chain.pem"), verdict.chain);
    assert.match(openssl("dgst", "-sha256", "-verify", "public.pem", "-signature", "signature", "text"), /Verified OK/);
    const untrusted = verdict.chainLength === 0 ? [] : ["-untrusted", "chain.pem"];
    assert.match(openssl("verify", "-x509_strict", "-CAfile", "root.crt", ...untrusted, "leaf.pem"), /leaf\.pem: OK/);
  }

  for (const [name, make] of Object.entries(KEYS)) {
    for (const issuer of ["root", "issuing"]) {
      it(`${name}, issued by the ${issuer === "root" ? "trust anchor itself" : "authority below it"}`, async () => {
        const id = `${name.replace(/\W/g, "")}-${issuer}`;
        openssl(...make, "-out", `${id}.key`);
        openssl("req", "-new", "-key", `${id}.key`, "-subj", "/CN=interop workload", "-out", `${id}.csr`);
        issue(id, issuer, "leaf.ext");
        const chain = issuer === "root" ? {} : { certificate_chain_file: file("issuing.crt") };
        const verdict = await createSession({
          certificate_file: file(`${id}.crt`),
          private_key_file: file(`${id}.key`),
          ...chain,
        });
        assert.equal(verdict.algorithm, name.startsWith("RSA") ? "AWS4-X509-RSA-SHA256" : "AWS4-X509-ECDSA-SHA256");
        assert.match(verdict.scope, /^\d{8}\/eu-west-1\/rolesanywhere\/aws4_request$/);
        assert.equal(verdict.chainLength, issuer === "root" ? 0 : 1);
        assert.deepEqual(verdict.body["durationSeconds"], 900);
        assert.equal(verdict.body["roleSessionName"], "interop@example.com");
        judgeByOpenssl(verdict);
      });
    }
  }

  it("an encrypted key, and a bundle of key, certificate and chain", async () => {
    const id = "P256-issuing";
    openssl("pkcs8", "-topk8", "-in", `${id}.key`, "-scrypt", "-passout", "pass:of the key", "-out", "encrypted.key");
    const files = { certificate_file: file(`${id}.crt`), certificate_chain_file: file("issuing.crt") };
    judgeByOpenssl(
      await createSession({ ...files, private_key_file: file("encrypted.key"), passphrase: "of the key" }),
    );
    openssl(
      "pkcs12",
      "-export",
      "-inkey",
      `${id}.key`,
      "-in",
      `${id}.crt`,
      "-certfile",
      "issuing.crt",
      "-passout",
      "pass:of the bundle",
      "-out",
      "bundle.p12",
    );
    judgeByOpenssl(await createSession({ pkcs12_file: file("bundle.p12"), passphrase: "of the bundle" }));
  });

  it("the judge refuses a request that was changed on the way", async () => {
    const raw = captured.toString("latin1");
    for (const [from, to] of [
      ["interop@example.com", "interop@example.org"],
      ["/sessions", "/session2"],
      ["x-amz-date: 2", "x-amz-date: 3"],
    ] as const) {
      const changed = raw.replace(new RegExp(from, "i"), to);
      assert.notEqual(changed, raw, from);
      assert.throws(() => judge(Buffer.from(changed, "latin1")), /InvalidSignature/);
    }
  });
});
