/** Owns the trials of where STS is, and of the way there: partitions, endpoints, proxies, load balancers. */
import assert from "node:assert/strict";
import { describe, it } from "mocha";
import { parseProxy } from "../../../utils/settings/parse-proxy";
import { stsAddress } from "../../../utils/settings/sts-endpoint";

const plain = { scheme: "https", useFips: false, useDualstack: false } as const;

describe("stsAddress", () => {
  const published: [string, string][] = [
    ["us-east-1", "https://sts.us-east-1.amazonaws.com"],
    ["mx-central-1", "https://sts.mx-central-1.amazonaws.com"],
    ["cn-north-1", "https://sts.cn-north-1.amazonaws.com.cn"],
    ["us-gov-west-1", "https://sts.us-gov-west-1.amazonaws.com"],
    ["eusc-de-east-1", "https://sts.eusc-de-east-1.amazonaws.eu"],
    ["us-iso-east-1", "https://sts.us-iso-east-1.c2s.ic.gov"],
    ["us-isob-east-1", "https://sts.us-isob-east-1.sc2s.sgov.gov"],
    ["eu-isoe-west-1", "https://sts.eu-isoe-west-1.cloud.adc-e.uk"],
    ["us-isof-south-1", "https://sts.us-isof-south-1.csp.hci.ic.gov"],
  ];
  for (const [region, url] of published) {
    it(`finds STS of ${region}`, () => assert.deepEqual(stsAddress({ ...plain, stsRegion: region }), { region, url }));
  }

  it("knows the global host, FIPS and dual stack", () => {
    assert.deepEqual(stsAddress({ ...plain, stsRegion: "aws-global" }), {
      region: "us-east-1",
      url: "https://sts.amazonaws.com",
    });
    const url = (more: object) => stsAddress({ ...plain, ...more }).url;
    assert.equal(url({ region: "us-west-2", useFips: true }), "https://sts-fips.us-west-2.amazonaws.com");
    assert.equal(url({ region: "us-gov-east-1", useFips: true }), "https://sts.us-gov-east-1.amazonaws.com");
    assert.equal(url({ region: "us-west-2", useDualstack: true }), "https://sts.us-west-2.api.aws");
    assert.equal(url({ region: "us-west-2", useFips: true, useDualstack: true }), "https://sts-fips.us-west-2.api.aws");
  });

  it("takes the region of aws_sts, then that of the endpoint, then the general one, then us-east-1", () => {
    const region = (more: object) => stsAddress({ ...plain, ...more }).region;
    assert.equal(region({ stsRegion: "eu-west-1", region: "us-west-2" }), "eu-west-1");
    assert.equal(region({ endpoint: "sts.eu-west-1.amazonaws.com", region: "us-west-2" }), "eu-west-1");
    assert.equal(region({ endpoint: "vpce-1.sts.internal", region: "us-west-2" }), "us-west-2");
    assert.equal(region({}), "us-east-1");
    assert.equal(region({ endpoint: "sts.amazonaws.com", region: "us-west-2" }), "us-east-1");
  });

  const endpoints: [string, "http" | "https", string][] = [
    ["sts.internal", "https", "https://sts.internal"],
    ["https://sts.internal", "https", "https://sts.internal"],
    ["https://sts.internal/", "https", "https://sts.internal"],
    ["sts.internal:8443", "https", "https://sts.internal:8443"],
    ["sts.internal", "http", "http://sts.internal"],
    ["https://sts.internal:8080", "http", "http://sts.internal:8080"],
    ["http://127.0.0.1:5000", "https", "http://127.0.0.1:5000"],
    ["fd00::1", "https", "https://[fd00::1]"],
    ["[fd00::1]:8443", "https", "https://[fd00::1]:8443"],
  ];
  for (const [endpoint, scheme, url] of endpoints) {
    it(`reads ${endpoint} with ${scheme}`, () => assert.equal(stsAddress({ ...plain, endpoint, scheme }).url, url));
  }

  for (const endpoint of ["https://sts.internal/path", "a b", "ftp://sts", "user@sts", "http://"]) {
    it(`refuses ${endpoint}`, () =>
      assert.throws(() => stsAddress({ ...plain, endpoint }), { code: "INVALID_PROPERTIES" }));
  }

  it("refuses a region that is none", () => {
    assert.throws(() => stsAddress({ ...plain, stsRegion: "us-east" }), /a region of AWS/);
    assert.throws(() => stsAddress({ ...plain, stsRegion: "aws-cn-global" }), /a region of AWS/);
  });
});

describe("parseProxy", () => {
  const parse = (text: string, mode?: "forward" | "loadBalancer") => {
    const { password, ...rest } = parseProxy(text, mode, "authentication.aws_sts.proxy") as unknown as Record<
      string,
      unknown
    >;
    return { ...rest, ...(password === undefined ? {} : { password: (password as { reveal(): string }).reveal() }) };
  };
  const cases: [string, "forward" | "loadBalancer" | undefined, object][] = [
    ["http://proxy.local:3128", undefined, { mode: "forward", protocol: "http", host: "proxy.local", port: 3128 }],
    ["http://proxy.local:80", undefined, { mode: "forward", protocol: "http", host: "proxy.local", port: 80 }],
    ["https://proxy.local", undefined, { mode: "forward", protocol: "https", host: "proxy.local", port: 443 }],
    [
      "socks5://u%40x:p%3Aw@10.0.0.1",
      undefined,
      { mode: "forward", protocol: "socks5", host: "10.0.0.1", port: 1080, username: "u@x", password: "p:w" },
    ],
    [
      "http://u:p@w@proxy:1",
      undefined,
      { mode: "forward", protocol: "http", host: "proxy", port: 1, username: "u", password: "p@w" },
    ],
    [
      "http://:pw@proxy:1",
      undefined,
      { mode: "forward", protocol: "http", host: "proxy", port: 1, username: "", password: "pw" },
    ],
    ["http://[fd00::1]:3128", undefined, { mode: "forward", protocol: "http", host: "fd00::1", port: 3128 }],
    ["proxy.local:3128", "forward", { mode: "forward", protocol: "http", host: "proxy.local", port: 3128 }],
    ["10.0.0.1", undefined, { mode: "loadBalancer", host: "10.0.0.1" }],
    ["lb.local:8443", undefined, { mode: "loadBalancer", host: "lb.local", port: 8443 }],
    ["fd00::1", undefined, { mode: "loadBalancer", host: "fd00::1" }],
    ["[fd00::1]:443", undefined, { mode: "loadBalancer", host: "fd00::1", port: 443 }],
    ["https://lb.local", "loadBalancer", { mode: "loadBalancer", host: "lb.local" }],
  ];
  for (const [text, mode, expected] of cases) {
    it(`reads ${text}${mode === undefined ? "" : ` as ${mode}`}`, () => assert.deepEqual(parse(text, mode), expected));
  }

  for (const text of [
    "ftp://proxy",
    "http://",
    "lb.local/path",
    "lb local",
    "http://proxy:99999",
    "http://proxy:0",
    "user:hunter2@lb.local",
    "http://user:hunter2%@proxy",
    "http://user:hunter2%zz@proxy",
    "http://user:hunter2#x@proxy",
    "http://user:hunter2/x@proxy",
  ]) {
    it(`refuses ${text}, without showing a password`, () => {
      assert.throws(
        () => parse(text),
        (error: { code: string; message: string }) => {
          assert.equal(error.code, "INVALID_PROPERTIES");
          assert.doesNotMatch(error.message, /hunter2/);
          return true;
        },
      );
    });
  }
});
