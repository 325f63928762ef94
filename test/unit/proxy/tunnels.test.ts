/** Owns the cases of CONNECT: whose certificate a client sees, where a tunnel may lead, and how the authority's key is kept. */
import assert from "node:assert/strict";
import { X509Certificate } from "node:crypto";
import { once } from "node:events";
import { chmodSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import net from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import tls from "node:tls";
import { CertificateAuthority } from "../../../utils/proxy/certificate-authority";
import type { SigningProxy } from "../../../utils/proxy/signing-proxy";
import { nodeAuthorityFiles } from "../../../utils/runtime/node-authority-files";
import { systemClock } from "../../../utils/runtime/system-clock";
import { systemRandomness } from "../../../utils/runtime/system-randomness";
import { Secret } from "../../../utils/types/secret";
import { closeAll, connectTo, dummySignature, openProxy, openSimulator, statusOf, until } from "./opened-proxy";

const HOST = "s3.us-east-1.amazonaws.com";
const SECRET = "a secret of this launch";
const signed = dummySignature({ hash: "UNSIGNED-PAYLOAD" });

/** Two keys in turn, each asked for next to the other one: a dozen would be as good, and take a second to make. */
const keys: Promise<string>[] = [];
let turn = 0;
function rsaKey(modulusBits: number): Promise<string> {
  turn = 1 - turn;
  const key = keys[turn] ?? systemRandomness.rsaKey(modulusBits);
  keys[turn] = key;
  return key;
}
const parts = { ...systemRandomness, rsaKey, files: nodeAuthorityFiles, clock: systemClock };

describe("signing proxy, CONNECT", () => {
  let folder: string;
  let authority: CertificateAuthority;
  let proxy: SigningProxy;
  let guarded: SigningProxy;
  let plain: SigningProxy;
  before(async () => {
    folder = mkdtempSync(join(tmpdir(), "adapter-aws-ca-"));
    authority = await CertificateAuthority.open(folder, parts);
    const simulator = await openSimulator();
    const upstreams = new Map([["s3", new URL(simulator.url)]]);
    ({ proxy } = await openProxy({}, { upstreams, authority }));
    ({ proxy: guarded } = await openProxy({}, { upstreams, authority, secret: new Secret(SECRET) }));
    ({ proxy: plain } = await openProxy({}, { upstreams }));
  });
  after(async () => {
    await closeAll();
    rmSync(folder, { recursive: true });
  });

  async function connect(port: number, target: string, more = ""): Promise<ReturnType<typeof connectTo>> {
    const client = await connectTo(port);
    client.write(`CONNECT ${target} HTTP/1.1\r\nHost: ${target}\r\n${more}\r\n`);
    return client;
  }

  /** One request inside a tunnel, by a client that trusts the authority and nobody else. */
  async function inside(port: number, request: string, target = `${HOST}:443`, more = ""): Promise<string> {
    const { socket, answer } = await connect(port, target, more);
    assert.match(await answer((text) => text.includes("\r\n\r\n")), /^HTTP\/1\.1 200 /);
    socket.removeAllListeners("data");
    const servername = target.split(":")[0] ?? "";
    const secured = tls.connect({ socket, servername, ca: authority.own.cert, ALPNProtocols: ["h2", "http/1.1"] });
    let text = "";
    secured.on("data", (part: Buffer) => {
      text += part.toString("latin1");
    });
    secured.write(request.replace(/\r?\n/g, "\r\n"));
    await new Promise((resolve, reject) => secured.once("close", resolve).once("error", reject));
    return text;
  }

  it("signs what comes through a tunnel, for the host that it leads to", async () => {
    const answer = await inside(proxy.port, `GET / HTTP/1.1\nHost: ${HOST}\n${signed}\nConnection: close\n\n`);
    assert.match(answer, /^HTTP\/1\.1 200[\s\S]*<ListAllMyBucketsResult/);
    await until(() => proxy.figures().tunnels === 0, "the tunnel is closed");
  });

  it("serves several requests of one tunnel, and buckets as host names", async () => {
    const host = `new-bucket.${HOST}`;
    const statuses = async (...lines: string[]): Promise<(string | undefined)[]> => {
      const requests = lines.map((line) => `${line} HTTP/1.1\nHost: ${host}\n${signed}\nContent-Length: 0\n`);
      const answer = await inside(proxy.port, `${requests.join("\n")}Connection: close\n\n`, `${host}:443`);
      return [...answer.matchAll(/HTTP\/1\.1 (\d{3})/g)].map(([, status]) => status);
    };
    // One after the other: what is sent in one piece may be at AWS in any order.
    assert.deepEqual(await statuses("PUT /"), ["200"]);
    assert.deepEqual(await statuses("PUT /a%20key"), ["200"]);
    assert.deepEqual(await statuses("HEAD /a%20key", "HEAD /another", "HEAD /"), ["200", "404", "200"]);
  });

  it("refuses another host inside a tunnel than it leads to", async () => {
    const answer = await inside(
      proxy.port,
      `GET / HTTP/1.1\nHost: sts.amazonaws.com\n${signed}\nConnection: close\n\n`,
    );
    assert.match(answer, /^HTTP\/1\.1 403[\s\S]*not the host that the tunnel/);
  });

  it("refuses a tunnel inside a tunnel", async () => {
    assert.equal(await inside(proxy.port, `CONNECT ${HOST}:443 HTTP/1.1\nHost: ${HOST}:443\n\n`), "");
  });

  for (const target of [
    "evil.example:443",
    `${HOST}.evil.example:443`,
    `${HOST}:22`,
    `${HOST}.:443`,
    "127.0.0.1:443",
    "[::1]:443",
    "169.254.169.254:80",
    "ec2-1-2-3-4.us-west-2.compute.amazonaws.com:443",
    `user@${HOST}:443`,
    HOST,
  ]) {
    it(`leads nowhere: ${target}`, async () => {
      const { answer } = await connect(proxy.port, target);
      assert.match(await answer(), /^HTTP\/1\.1 (403|400) /);
    });
  }

  it("is refused without an authority, and to whom another proxy sends", async () => {
    assert.equal(statusOf(await (await connect(plain.port, `${HOST}:443`)).answer()), 403);
    assert.equal(statusOf(await (await connect(proxy.port, `${HOST}:443`, "Via: 1.1 squid\r\n")).answer()), 403);
  });

  it("asks for the secret once, at the tunnel's mouth", async () => {
    assert.match(
      await (await connect(guarded.port, `${HOST}:443`)).answer(),
      /^HTTP\/1\.1 407 [\s\S]*proxy-authenticate: Basic/,
    );
    const basic = `Proxy-Authorization: Basic ${Buffer.from(`aws:${SECRET}`).toString("base64")}\r\n`;
    const request = `GET / HTTP/1.1\nHost: ${HOST}\n${signed}\nConnection: close\n\n`;
    assert.equal(statusOf(await inside(guarded.port, request, `${HOST}:443`, basic)), 200);
  });

  it("survives a client that speaks no TLS, or leaves half way", async () => {
    const rude = await connect(proxy.port, `${HOST}:443`);
    await rude.answer((text) => text.includes("\r\n\r\n"));
    rude.write("GET / HTTP/1.1\r\n\r\n");
    await rude.answer();
    const gone = await connect(proxy.port, `${HOST}:443`);
    gone.socket.resetAndDestroy();
    assert.equal(
      statusOf(await inside(proxy.port, `GET / HTTP/1.1\nHost: ${HOST}\n${signed}\nConnection: close\n\n`)),
      200,
    );
  });

  for (const [words, options, status] of [
    ["a host that nobody named", {}, 403],
    ["no secret", { secret: new Secret(SECRET) }, 407],
  ] as const) {
    it(`closes what it refuses for ${words}, though the client never closes its side`, async () => {
      const { proxy: own } = await openProxy({}, { authority, ...options });
      const socket = net.connect({ port: own.port, host: "127.0.0.1", allowHalfOpen: true });
      socket.on("error", () => undefined);
      let text = "";
      socket.on("data", (part: Buffer) => {
        text += part.toString("latin1");
      });
      socket.write("CONNECT evil.example:443 HTTP/1.1\r\nHost: evil.example:443\r\n\r\n");
      await once(socket, "end");
      assert.equal(statusOf(text), status);
      await own.close(0);
      socket.destroy();
    });
  }

  describe("authority", () => {
    const open = (path = folder) => CertificateAuthority.open(path, parts);

    it("is made once, and its key is its owner's alone", async () => {
      assert.equal(statSync(join(folder, "ca-key.pem")).mode & 0o777, 0o600);
      assert.equal((await open()).own.cert, authority.own.cert);
      const own = new X509Certificate(authority.own.cert);
      assert.ok(own.ca && own.verify(own.publicKey));
    });

    it("is one where two starts make it at once", async () => {
      const fresh = mkdtempSync(join(tmpdir(), "adapter-aws-ca-"));
      try {
        const opened = await Promise.all([open(fresh), open(fresh)]);
        const own = readFileSync(join(fresh, "ca.pem"), "utf8");
        for (const one of opened) assert.equal(one.own.cert, own);
      } finally {
        rmSync(fresh, { recursive: true });
      }
    });

    it("makes out certificates to names and addresses, for days", () => {
      const own = new X509Certificate(authority.own.cert);
      for (const [host, name] of [
        [HOST, `DNS:${HOST}`],
        ["127.0.0.1", "IP Address:127.0.0.1"],
        ["::1", "IP Address:0:0:0:0:0:0:0:1"],
        [`${"a".repeat(63)}.${HOST}`, `DNS:${"a".repeat(63)}.${HOST}`],
      ] as const) {
        const leaf = new X509Certificate(authority.certificateFor(host).cert);
        assert.equal(leaf.subjectAltName, name);
        assert.ok(leaf.checkIssued(own) && leaf.verify(own.publicKey) && !leaf.ca);
        assert.ok(Date.parse(leaf.validTo) - Date.now() < 8 * 86_400_000);
      }
      assert.equal(authority.certificateFor(HOST), authority.certificateFor(HOST));
    });

    for (const byte of [0x00, 0x7f, 0x80, 0xff]) {
      it(`makes out certificates that can be read whatever number they draw: ${byte}`, async () => {
        const drawn = { ...parts, randomBytes: (size: number) => Buffer.alloc(size, byte) };
        const own = await CertificateAuthority.open(join(folder, `drawn-${byte}`), drawn);
        for (const pem of [own.own.cert, own.certificateFor(HOST).cert]) {
          assert.match(new X509Certificate(pem).serialNumber, /^[4-7][0-9A-F]{31}$/);
        }
      });
    }

    it("is not used when others may read its key, or when a part of it is missing or another's", async () => {
      const key = join(folder, "ca-key.pem");
      const before = readFileSync(key);
      try {
        chmodSync(key, 0o644);
        await assert.rejects(open(), /chmod 600/);
        chmodSync(key, 0o600);
        writeFileSync(key, authority.certificateFor(HOST).key);
        await assert.rejects(open(), /no authority with its key/);
        rmSync(key);
        await assert.rejects(open(), /one of ca.pem and ca-key.pem alone/);
      } finally {
        writeFileSync(key, before, { mode: 0o600 });
      }
      await open();
    });

    it("is made anew when it is about to expire", async () => {
      const later = { ...systemClock, now: () => Date.now() + 726 * 86_400_000 };
      const renewed = await CertificateAuthority.open(folder, { ...parts, clock: later });
      assert.notEqual(renewed.own.cert, authority.own.cert);
    });
  });
});
