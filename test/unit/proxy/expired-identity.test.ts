/** Owns the cases of an identity that ends while it is in use: it is renewed, and nobody is signed as anybody else. */
import assert from "node:assert/strict";
import { simulatedRoleArn, simulatorServiceInstance } from "../../../utils/simulator/simulator-service-instance";
import {
  ask,
  closeAll,
  dummySignature,
  openProxy,
  openSimulator,
  openUpstream,
  SELECTOR,
  statusOf,
} from "./opened-proxy";

const error = (code: string, more = "") => {
  const body = `<Error><Code>${code}</Code><Message>no</Message></Error>`;
  return `HTTP/1.1 400 Bad Request\r\n${more}Content-Length: ${body.length}\r\n\r\n${body}`;
};
const OK = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
const tokenOf = (request: string): string => /x-amz-security-token: (\S+)/.exec(request)?.[1] ?? "none";

describe("signing proxy, identities that end", () => {
  afterEach(closeAll);

  /** A service that no longer accepts the first session it sees. */
  async function proxied() {
    const simulator = await openSimulator();
    const tokens: string[] = [];
    const upstream = await openUpstream((socket, received) => {
      const last = received.slice(received.lastIndexOf("HTTP/1.1\r\n"));
      if (!/\r\n\r\n(body)?$/.test(last) || (/content-length: 4/.test(last) && !last.endsWith("body"))) return;
      tokens.push(tokenOf(last));
      socket.write(tokenOf(last) === tokens[0] ? error("ExpiredToken") : OK);
    });
    const role = simulatedRoleArn(simulator.world, "task-reader");
    const { authentication } = simulatorServiceInstance(simulator) as { authentication: object };
    const opened = await openProxy({ authentication }, { upstreams: new Map([["s3", upstream.url]]) }, [
      { name: "role", access_key_id_selector: SELECTOR, role_arn: role },
    ]);
    return { ...opened, tokens, port: opened.proxy.port };
  }

  it("are renewed, and the request is sent once more, where nothing of it is lost", async () => {
    const { port, tokens, proxy } = await proxied();
    assert.equal(
      statusOf(await ask(port, `GET /b/k HTTP/1.1\r\n${dummySignature({ hash: "UNSIGNED-PAYLOAD" })}`)),
      200,
    );
    const held = `PUT /b/k HTTP/1.1\r\n${dummySignature()}\r\nContent-Length: 4`;
    assert.equal(statusOf(await ask(port, held, "body")), 200);
    assert.equal(tokens.length, 3);
    assert.equal(new Set(tokens).size, 2);
    assert.equal(proxy.figures().sentAgain, 1);
  });

  it("are renewed, and a client whose body is gone is asked for it again", async () => {
    const { port, tokens } = await proxied();
    const lines = `PUT /b/k HTTP/1.1\r\n${dummySignature({ hash: "UNSIGNED-PAYLOAD" })}\r\nContent-Length: 4`;
    assert.match(await ask(port, lines, "body"), /^HTTP\/1\.1 503 [\s\S]*<Code>ServiceUnavailable/);
    assert.equal(statusOf(await ask(port, lines, "body")), 200);
    assert.equal(new Set(tokens).size, 2);
  });

  it("that cannot be renewed stay the service's own answer", async () => {
    const upstream = await openUpstream((socket) => void socket.write(error("ExpiredToken")));
    const { proxy } = await openProxy({}, { upstreams: new Map([["s3", upstream.url]]) });
    const answer = await ask(proxy.port, `GET /b/k HTTP/1.1\r\n${dummySignature({ hash: "UNSIGNED-PAYLOAD" })}`);
    assert.match(answer, /^HTTP\/1\.1 400 Bad Request\r\n[\s\S]*ExpiredToken/);
    assert.equal(upstream.received[0]?.match(/GET/g)?.length, 1);
  });

  it("are dated by the service's clock once it has told that ours is wrong", async () => {
    const ahead = Date.now() + 3_600_000;
    const dates: string[] = [];
    const upstream = await openUpstream((socket, received) => {
      dates.push([...received.matchAll(/x-amz-date: (\S+)/g)].at(-1)?.[1] ?? "");
      socket.write(
        dates.length === 1 ? error("RequestTimeTooSkewed", `Date: ${new Date(ahead).toUTCString()}\r\n`) : OK,
      );
    });
    const { proxy } = await openProxy({}, { upstreams: new Map([["s3", upstream.url]]) });
    assert.equal(
      statusOf(await ask(proxy.port, `GET /b/k HTTP/1.1\r\n${dummySignature({ hash: "UNSIGNED-PAYLOAD" })}`)),
      200,
    );
    assert.ok((dates[1] ?? "") > (dates[0] ?? "") && dates.length === 2, dates.join());
  });

  it("nobody can become are 403 with what STS said, and no secret", async () => {
    const simulator = await openSimulator();
    const { authentication } = simulatorServiceInstance(simulator, { keysOf: "nobody" }) as { authentication: object };
    const role = simulatedRoleArn(simulator.world, "task-reader");
    const { proxy } = await openProxy({ authentication }, { upstreams: new Map([["s3", new URL(simulator.url)]]) }, [
      { name: "role", access_key_id_selector: SELECTOR, role_arn: role },
    ]);
    const answer = await ask(proxy.port, `GET /b/k HTTP/1.1\r\n${dummySignature({ hash: "UNSIGNED-PAYLOAD" })}`);
    assert.match(answer, /^HTTP\/1\.1 403 [\s\S]*<Code>AccessDenied<\/Code><Message>AssumeRole failed/);
  });
});
