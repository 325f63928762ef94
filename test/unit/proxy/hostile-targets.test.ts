/** Owns the trial of the proxy against those who mean it no good, or have bad luck: hosts that are none of its business. */
import assert from "node:assert/strict";
import { between, signed } from "./hostile-party";
import { ask, closeAll, connectTo, dummySignature, openProxy } from "./opened-proxy";

describe("signing proxy, hostile: targets", () => {
  afterEach(closeAll);

  const signedFor = (host: string, target: string, method = "GET") =>
    `${method} ${target} HTTP/1.1\r\nHost: ${host}\r\n${signed}\r\nConnection: close\r\n\r\n`;
  const cases: Readonly<Record<string, readonly [host: string, target: string]>> = {
    "a foreign host in absolute form": ["evil.example", "http://evil.example/b"],
    "a name that only begins as AWS's": ["s3.amazonaws.com.evil.example", "http://s3.amazonaws.com.evil.example/b"],
    "a name that only ends as AWS's": ["evilamazonaws.com", "http://evilamazonaws.com/b"],
    "a customer's instance": ["ec2-1-2-3-4.compute-1.amazonaws.com", "http://ec2-1-2-3-4.compute-1.amazonaws.com/"],
    "a customer's load balancer": ["lb-1.us-east-1.elb.amazonaws.com", "http://lb-1.us-east-1.elb.amazonaws.com/"],
    "a customer's other load balancer": [
      "nlb-1.elb.us-east-1.amazonaws.com",
      "http://nlb-1.elb.us-east-1.amazonaws.com/",
    ],
    "a customer's database": ["db.x1.us-east-1.rds.amazonaws.com", "http://db.x1.us-east-1.rds.amazonaws.com/"],
    "a customer's private service": [
      "vpce-1.vpce-svc-2.us-east-1.vpce.amazonaws.com",
      "http://vpce-1.vpce-svc-2.us-east-1.vpce.amazonaws.com/",
    ],
    "another port of AWS": ["s3.amazonaws.com:8080", "http://s3.amazonaws.com:8080/b"],
    "the metadata service": ["169.254.169.254", "http://169.254.169.254/latest/meta-data/"],
    "this machine by address": ["127.0.0.1:22", "http://127.0.0.1:22/"],
    "this machine by IPv6": ["[::1]:80", "http://[::1]:80/"],
    "a mapped IPv6 address": ["[::ffff:169.254.169.254]", "http://[::ffff:169.254.169.254]/"],
    "a user in front of the host": ["s3.amazonaws.com", "http://s3.amazonaws.com@evil.example/"],
    "a Host header that is not the target": ["s3.amazonaws.com", "http://sts.amazonaws.com/"],
    "a Host header of AWS in origin form": ["s3.amazonaws.com", "/b"],
    "a rebound name": ["evil.example", "/b"],
    "a target without form": ["s3.amazonaws.com", "s3.amazonaws.com/b"],
    "another scheme": ["s3.amazonaws.com", "ftp://s3.amazonaws.com/b"],
    "an asterisk": ["s3.amazonaws.com", "*"],
  };
  for (const [name, [host, target]] of Object.entries(cases)) {
    it(`are refused: ${name}`, async () => {
      const { port, upstream } = await between();
      const { write, answer } = await connectTo(port);
      write(signedFor(host, target, target === "*" ? "OPTIONS" : "GET"));
      assert.match(await answer(), /^HTTP\/1\.1 (403|400)/);
      assert.deepEqual(upstream.received, []);
    });
  }

  it("are taken from the service's rules, or refused with what would help", async () => {
    const { port } = await between();
    const asked = (service: string, region: string) =>
      ask(port, `GET / HTTP/1.1\r\n${dummySignature({ service }).replace("us-east-1", region)}`);
    assert.match(await asked("kinesis", "us-east-1"), /400[\s\S]*no entity folder[\s\S]*--upstream kinesis=URL/);
    assert.match(await asked("ec2", "evil"), /400[\s\S]*not the name of an AWS region/);
  });

  for (const header of [
    "X-Forwarded-For: 1.2.3.4",
    "Forwarded: for=1.2.3.4",
    "Via: 1.1 squid",
    "Origin: https://evil.example",
    "Sec-Fetch-Site: cross-site",
  ]) {
    it(`are not looked at for who comes with ${header.split(":")[0]}`, async () => {
      const { send, upstream } = await between();
      assert.match(await send(`GET /b HTTP/1.1\r\n${signed}\r\n${header}`), /^HTTP\/1\.1 403[\s\S]*not served/);
      assert.deepEqual(upstream.received, []);
    });
  }

  it("are not the proxy itself, by a loop", async () => {
    const inner = await between();
    const outer = await openProxy({}, { upstreams: new Map([["s3", new URL(inner.proxy.url)]]) });
    assert.match(
      await ask(outer.proxy.port, `GET /b HTTP/1.1\r\n${signed}`),
      /^HTTP\/1\.1 403[\s\S]*another proxy \(via\)/,
    );
  });
});
