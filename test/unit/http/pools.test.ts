/** Owns the proof that a kept connection is used for its own host, port and server name, and for nobody else's. */
import assert from "node:assert/strict";
import type { TLSSocket } from "node:tls";
import { TlsPool } from "../../../utils/http/tls-pool";
import { failure } from "./failure";
import { buffered, closeAll, handlerWith, httpServer, httpsServer, request, tlsFile } from "./servers";

const tls = { certificateCheck: "accept-invalid", caFile: tlsFile("ca.pem") } as const;

describe("Kept connections", () => {
  afterEach(closeAll);

  it("lead to the host and port that a request names, however requests take turns", async () => {
    const servers = [];
    for (const name of ["first", "second", "third"]) servers.push(await httpServer((_, answer) => answer.end(name)));
    const [first, second, third] = servers.map(({ port }) => port) as [number, number, number];
    const handler = handlerWith();
    const answers = async (ports: readonly number[]): Promise<string[]> => {
      const all = await Promise.all(ports.map((port) => handler.handle(request(port), buffered)));
      return all.map(({ body }) => String(body));
    };
    for (let turn = 0; turn < 3; turn += 1) {
      assert.deepEqual(await answers([first, second, first, third]), ["first", "second", "first", "third"]);
      assert.deepEqual(await answers([third]), ["third"]);
    }
    assert.deepEqual(
      servers.map((server) => server.connections()),
      [2, 1, 1],
    );
  });

  it("with TLS are told apart by server name", async () => {
    const names: unknown[] = [];
    const server = await httpsServer((incoming, answer) => {
      names.push((incoming.socket as TLSSocket & { servername?: unknown }).servername);
      answer.end();
    });
    const handler = handlerWith({
      tls,
      proxy: { mode: "loadBalancer", host: "127.0.0.1", port: server.port },
    });
    const ask = (hostname: string) => handler.handle(request(server.port, { protocol: "https:", hostname }), buffered);
    for (const hostname of ["one.example", "two.example", "one.example", "two.example"]) await ask(hostname);
    assert.deepEqual(names, ["one.example", "two.example", "one.example", "two.example"]);
    assert.equal(server.connections(), 2);
  });

  it("behind a load balancer are verified for the address that is asked for, not for the one that was before", async () => {
    const server = await httpsServer((_, answer) => answer.end());
    const handler = handlerWith({
      tls: { certificateCheck: "verify", caFile: tlsFile("ca.pem") },
      proxy: { mode: "loadBalancer", host: "localhost", port: server.port },
    });
    const ask = (hostname: string) => handler.handle(request(server.port, { protocol: "https:", hostname }), buffered);
    await ask("127.0.0.1");
    for (let time = 0; time < 2; time += 1) assert.equal((await failure(ask("127.0.0.2"))).code, "TLS_FAILED");
    await ask("127.0.0.1");
  });

  it("have the name that Node gives them", () => {
    const pool = new TlsPool(4, { rejectUnauthorized: false });
    const plain = Object.getPrototypeOf(TlsPool.prototype) as TlsPool;
    for (const host of ["a", "b"]) {
      for (const port of [1, 2]) {
        for (const servername of ["", "c"]) {
          const options = { host, port, servername };
          for (let time = 0; time < 2; time += 1) {
            assert.equal(pool.getName(options), plain.getName.call(pool, options));
          }
        }
      }
    }
  });
});
