/** Owns the proof that TLS verifies what it should, with the operator's files, and says which file is wrong. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import type { TLSSocket } from "node:tls";
import { AdapterError } from "../../../utils/errors/adapter-error";
import { Secret } from "../../../utils/types/secret";
import type { TlsSettings } from "../../../utils/types/tls";
import { failure } from "./failure";
import { buffered, closeAll, handlerWith, httpServer, httpsServer, rawServer, request, tlsFile } from "./servers";

const trusting: TlsSettings = { certificateCheck: "verify", caFile: tlsFile("ca.pem") };
const secure = (port: number, hostname = "127.0.0.1") => request(port, { protocol: "https:", hostname });

describe("TLS", () => {
  afterEach(closeAll);

  it("refuses a certificate of an unknown authority, before anything is sent", async () => {
    let requests = 0;
    const server = await httpsServer((_, answer) => {
      requests += 1;
      answer.end();
    });
    const error = await failure(handlerWith().handle(secure(server.port), buffered));
    assert.equal(error.code, "TLS_FAILED");
    assert.match(error.message, /127\.0\.0\.1:\d+ failed: .*issuer is unknown/);
    assert.deepEqual([error.detail["phase"], error.detail["stage"]], ["before-request", "tls"]);
    assert.equal(requests, 0);
  });

  it("accepts it with ca_file, on one socket for requests in turn", async () => {
    const server = await httpsServer((_, answer) => answer.end("ok"));
    const handler = handlerWith({ tls: trusting });
    for (const hostname of ["127.0.0.1", "127.0.0.1", "127.0.0.1"]) {
      assert.equal((await handler.handle(secure(server.port, hostname), buffered)).statusCode, 200);
    }
    assert.equal(server.connections(), 1);
    const named = await handler.handle(secure(server.port, "localhost"), buffered);
    assert.equal(named.statusCode, 200);
  });

  it("accepts anything with accept_invalid_cert only", async () => {
    const server = await httpsServer((_, answer) => answer.end("ok"), "endpoint");
    const careless = handlerWith({ tls: { certificateCheck: "accept-invalid" } });
    assert.equal((await careless.handle(secure(server.port), buffered)).statusCode, 200);
  });

  it("refuses a certificate made out to another name", async () => {
    const server = await httpsServer((_, answer) => answer.end("ok"), "endpoint");
    const error = await failure(handlerWith({ tls: trusting }).handle(secure(server.port), buffered));
    assert.equal(error.code, "TLS_FAILED");
    assert.match(error.message, /altnames/);
    assert.match(error.recommendation, /made out to 127\.0\.0\.1/);
  });

  it("says so when the other side does not speak TLS, or is silent", async () => {
    const plain = await httpServer((_, answer) => answer.end());
    const error = await failure(handlerWith().handle(secure(plain.port), buffered));
    assert.equal(error.code, "TLS_FAILED");
    assert.match(error.message, /does not speak TLS/);
    const silent = await rawServer(() => undefined);
    const late = await failure(handlerWith().handle(secure(silent.port), { ...buffered, timeoutMs: 400 }));
    assert.match(late.message, /\(TLS handshake\) did not answer within 400 ms/);
    assert.equal(late.detail["phase"], "before-request");
    const closing = await rawServer((socket) => socket.destroy());
    const closed = await failure(handlerWith().handle(secure(closing.port), buffered));
    assert.deepEqual([closed.code, closed.detail["phase"]], ["CONNECTION_FAILED", "before-request"]);
  });

  it("shows a client certificate, its key under a passphrase", async () => {
    const more = { requestCert: true, rejectUnauthorized: true, ca: readFileSync(tlsFile("ca.pem")) };
    const server = await httpsServer(
      (incoming, answer) => answer.end(String((incoming.socket as TLSSocket).getPeerCertificate().subject.CN)),
      "server",
      more,
    );
    const tls: TlsSettings = {
      ...trusting,
      certFile: tlsFile("client.pem"),
      keyFile: tlsFile("client-key-encrypted.pem"),
      passphrase: new Secret("test-only"),
      ciphers: "ECDHE-ECDSA-AES128-GCM-SHA256",
      secureProtocol: "TLSv1_2_method",
      ecdhCurve: "prime256v1",
    };
    const { body } = await handlerWith({ tls }).handle(secure(server.port), buffered);
    assert.equal(String(body), "adapter-aws test only client");
  });

  it("names the property whose file or value is unusable, when the handler is made", () => {
    const key = tlsFile("client-key-encrypted.pem");
    const cert = tlsFile("client.pem");
    const cases: Array<[string, Partial<TlsSettings>]> = [
      ["ssl.ca_file", { caFile: "/no/such/file.pem" }],
      ["ssl.cert_file", { certFile: tlsFile("README.md") }],
      ["ssl.key_file", { keyFile: key, passphrase: new Secret("wrong-passphrase") }],
      ["ssl.key_file", { certFile: cert, keyFile: tlsFile("server-key.pem") }],
      ["ssl.ciphers", { ciphers: "NO-SUCH-CIPHER" }],
      ["ssl.secure_protocol", { secureProtocol: "NO_SUCH_method" }],
      ["ssl.ecdhCurve", { ecdhCurve: "no-such-curve" }],
    ];
    for (const [property, tls] of cases) {
      assert.throws(
        () => handlerWith({ tls: { certificateCheck: "verify", ...tls } }),
        (error) => {
          assert.ok(error instanceof AdapterError);
          assert.equal(error.code, "INVALID_PROPERTIES");
          assert.equal(error.detail["property"], property);
          assert.doesNotMatch(error.message, /wrong-passphrase/);
          return true;
        },
        property,
      );
    }
  });
});
