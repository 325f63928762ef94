/** Owns the trials of parseSettings: defaults, one clear error for each mistake, nothing secret in any of them. */
import assert from "node:assert/strict";
import { describe, it } from "mocha";
import { AdapterError } from "../../../utils/errors/adapter-error";
import { parseSettings } from "../../../utils/settings/parse-settings";

const authentication = (more: object = {}) => ({ auth_method: "aws_authentication", ...more });
const properties = (auth: object = {}, more: object = {}) => ({ authentication: authentication(auth), ...more });
const parse = (given: unknown, environment = {}) => parseSettings("aws one", given, environment);

function refusal(given: unknown, environment = {}): AdapterError {
  try {
    parse(given, environment);
  } catch (error) {
    assert.ok(error instanceof AdapterError, String(error));
    assert.equal(error.code, "INVALID_PROPERTIES");
    return error;
  }
  return assert.fail("accepted");
}

describe("parseSettings", () => {
  it("fills every default in from the schema", () => {
    const settings = parse(properties());
    assert.deepEqual(settings.endpoint, {
      protocol: "https",
      basePath: "",
      useFips: false,
      useDualstack: false,
      s3AddressingStyle: "auto",
    });
    assert.equal(settings.request.attemptTimeoutMs, 5000);
    assert.equal(settings.request.maxRetries, 3);
    assert.deepEqual(settings.healthcheck, { type: "intermittent", frequencyMs: 300_000 });
    assert.equal(settings.throttle.enabled, false);
    assert.equal(settings.throttle.maxInQueue, 1000);
    assert.deepEqual(settings.credentialCache, { maxChains: 10_000 });
    assert.deepEqual(settings.sts, { region: "us-east-1", url: "https://sts.us-east-1.amazonaws.com" });
    assert.equal(settings.credentialSource, undefined);
    assert.equal(settings.globalRole, undefined);
    assert.deepEqual(settings.warnings, []);
  });

  it("does not change what it was given", () => {
    const given = properties();
    const before = structuredClone(given);
    parse(given);
    assert.deepEqual(given, before);
  });

  it("takes the region from the environment when the properties have none", () => {
    assert.equal(parse(properties(), { AWS_REGION: "eu-west-1" }).endpoint.region, "eu-west-1");
    assert.equal(parse(properties(), { AWS_REGION: "eu-west-1" }).sts.url, "https://sts.eu-west-1.amazonaws.com");
    assert.equal(
      parse(properties({}, { region: "us-west-2" }), { AWS_REGION: "eu-west-1" }).endpoint.region,
      "us-west-2",
    );
  });

  it("keeps unknown properties and warns of them", () => {
    const { warnings } = parse(properties({ colour: "red" }, { shape: 1 }));
    assert.equal(warnings.length, 2);
    assert.match(warnings.join("\n"), /authentication\.colour .*\n?/);
    assert.match(warnings.join("\n"), /shape/);
  });

  it("ignores the authentication properties of other systems, whatever they hold", () => {
    const settings = parse(properties({ username: 7, password: "x", token_timeout: -1, sso: { protocol: "http" } }));
    assert.deepEqual(settings.warnings, []);
  });

  const mistakes: [string, unknown, string, RegExp][] = [
    ["no properties", null, "properties", /nothing, expected an object/],
    ["no authentication", {}, "authentication", /nothing, expected object/],
    ["no auth_method", { authentication: {} }, "authentication.auth_method", /nothing, expected aws_authentication/],
    [
      "another auth_method",
      properties({ auth_method: "no_authentication" }),
      "authentication.auth_method",
      /"no_authentication", expected aws_authentication/,
    ],
    ["a port as text", properties({}, { port: "443" }), "port", /"443", expected integer from 1 to 65535/],
    ["a port out of range", properties({}, { port: 70_000 }), "port", /70000, expected integer from 1 to 65535/],
    ["an unknown protocol", properties({}, { protocol: "ftp" }), "protocol", /"ftp", expected one of http, https/],
    [
      "a timeout below the limit",
      properties({}, { request: { attempt_timeout: 1 } }),
      "request.attempt_timeout",
      /1, expected integer from 1000/,
    ],
    ["a host with a scheme", properties({}, { host: "https://x" }), "host", /without scheme/],
    ["a region with spaces", properties({}, { region: " us-east-1" }), "region", /" us-east-1"/],
    [
      "an unknown region",
      properties({}, { region: "mars-north-1" }),
      "region",
      /"mars-north-1", expected a region of AWS/,
    ],
    [
      "half a key pair",
      properties({ aws_access_key: "AKIA" }),
      "authentication.aws_secret_key",
      /nothing, expected a value, as aws_access_key is set/,
    ],
    [
      "the other half",
      properties({ aws_secret_key: "s3cr3t" }),
      "authentication.aws_access_key",
      /as aws_secret_key is set/,
    ],
    [
      "a lone session token",
      properties({ aws_session_token: "t0k3n" }),
      "authentication.aws_access_key",
      /as aws_session_token is set/,
    ],
    [
      "spaces around the access key",
      properties({ aws_access_key: " AKIA", aws_secret_key: "s3cr3t" }),
      "authentication.aws_access_key",
      /leading or trailing spaces/,
    ],
    [
      "a line break behind the secret key",
      properties({ aws_access_key: "AKIA", aws_secret_key: "s3cr3t\n" }),
      "authentication.aws_secret_key",
      /a secret of 6 characters with leading or trailing/,
    ],
    [
      "a space inside the token",
      properties({ aws_access_key: "AKIA", aws_secret_key: "s3cr3t", aws_session_token: "t0 k3n" }),
      "authentication.aws_session_token",
      /inside/,
    ],
    [
      "keys and a web identity",
      properties({ aws_access_key: "A", aws_secret_key: "s3cr3t", aws_web_identity: { token_file: "/t" } }),
      "authentication",
      /aws_access_key and aws_secret_key and also aws_web_identity/,
    ],
    [
      "a web identity without a role",
      properties({ aws_web_identity: { token_file: "/t" } }),
      "authentication.aws_web_identity.role_arn",
      /nothing, expected the ARN/,
    ],
    [
      "token and token file",
      properties({
        aws_web_identity: { token_file: "/t", token: "t0k3n", role_arn: "arn:aws:iam::123456789012:role/r" },
      }),
      "authentication.aws_web_identity.token_file",
      /both/,
    ],
    [
      "a secret of a wrong type",
      properties({ aws_access_key: "A", aws_secret_key: 31337 }),
      "authentication.aws_secret_key",
      /a secret of type number, expected string/,
    ],
    [
      "keys and a certificate",
      properties({ aws_access_key: "A", aws_secret_key: "s3cr3t", aws_roles_anywhere: { profile_arn: "x" } }),
      "authentication",
      /aws_access_key and aws_secret_key and also aws_roles_anywhere/,
    ],
    [
      "an external id too short",
      properties({ aws_sts: { externalId: "x" } }),
      "authentication.aws_sts.externalId",
      /2 to 1224/,
    ],
    [
      "a region that is not the endpoint's",
      properties({ aws_sts: { region: "eu-west-1", endpoint: "sts.us-east-2.amazonaws.com" } }),
      "authentication.aws_sts.region",
      /us-east-2, the region of/,
    ],
    [
      "a certificate without its key",
      properties({}, { ssl: { enabled: true, cert_file: "/c" } }),
      "ssl.key_file",
      /both/,
    ],
    ["a proxy without a host", properties({}, { proxy: { enabled: true } }), "proxy.host", /host name/],
    [
      "a status that is none",
      properties({}, { request: { limit_retry_error: [503, "5xx"] } }),
      "request.limit_retry_error",
      /"5xx"/,
    ],
  ];
  for (const [name, given, property, text] of mistakes) {
    it(`refuses ${name}, naming ${property}`, () => {
      const error = refusal(given);
      assert.equal(error.detail["property"], property);
      assert.match(error.message, text);
      assert.doesNotMatch(JSON.stringify([error, error.message, error.recommendation]), /s3cr3t|t0k3n|t0 k3n|31337/);
    });
  }

  it("counts empty strings as not configured", () => {
    const settings = parse(
      properties({
        aws_access_key: "",
        aws_secret_key: "",
        aws_web_identity: { token: "" },
        aws_roles_anywhere: { profile_arn: "" },
        aembit: {},
      }),
    );
    assert.equal(settings.credentialSource, undefined);
  });

  it("keeps keys as secrets that do not print", () => {
    const settings = parse(
      properties({ aws_access_key: "AKIAEXAMPLE", aws_secret_key: "s3cr3t", aws_session_token: "t0k3n" }),
    );
    assert.ok(settings.credentialSource?.type === "static");
    assert.equal(settings.credentialSource.secretAccessKey.reveal(), "s3cr3t");
    assert.equal(settings.credentialSource.sessionToken?.reveal(), "t0k3n");
    assert.doesNotMatch(JSON.stringify(settings), /s3cr3t|t0k3n/);
  });

  const doubts: [string, object, RegExp][] = [
    ["a temporary key without token", { aws_access_key: "ASIAEXAMPLE", aws_secret_key: "s" }, /no session token/],
    [
      "a permanent key with token",
      { aws_access_key: "AKIAEXAMPLE", aws_secret_key: "s", aws_session_token: "t" },
      /AKIA/,
    ],
    [
      "a region that the global endpoint ignores",
      { aws_sts: { region: "eu-west-1", endpoint: "sts.amazonaws.com" } },
      /accepts us-east-1 only/,
    ],
  ];
  it("refuses swapped keys without showing the secret one", () => {
    const secret = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";
    const swapped = { aws_access_key: secret, aws_secret_key: "AKIAIOSFODNN7EXAMPLE" };
    assert.throws(
      () => parse(properties(swapped)),
      (error: Error) => /the two are swapped/.test(error.message) && !error.message.includes(secret),
    );
  });

  for (const [name, auth, text] of doubts) {
    it(`warns of ${name}`, () => {
      const { warnings } = parse(properties(auth));
      assert.equal(warnings.length, 1);
      assert.match(warnings[0] as string, text);
    });
  }

  it("reads request, ssl and proxy into units and words", () => {
    const settings = parse(
      properties(
        {},
        {
          request: { limit_retry_error: [429, "500-599"], global_request: { addlHeaders: { "x-a": 1 } } },
          ssl: { enabled: true, accept_invalid_cert: true, ca_file: "/ca.pem" },
          proxy: { enabled: true, host: "proxy.local", port: 3128, username: "u", password: "s3cr3t" },
          base_path: "api/",
        },
      ),
    );
    assert.deepEqual(settings.request.retriedStatuses, [
      { from: 429, to: 429 },
      { from: 500, to: 599 },
    ]);
    assert.deepEqual(settings.request.globalHeaders, { "x-a": "1" });
    assert.deepEqual(settings.tls, { caFile: "/ca.pem", certificateCheck: "accept-invalid" });
    assert.equal(settings.proxy?.host, "proxy.local");
    assert.equal(settings.proxy?.password?.reveal(), "s3cr3t");
    assert.equal(settings.endpoint.basePath, "/api");
    assert.equal(settings.sts.proxy, settings.proxy, "STS follows the proxy of the service instance");
    assert.equal(settings.sts.tls, settings.tls);
  });

  it("lets aws_sts.proxy replace the general proxy, and direct switch it off", () => {
    const general = { proxy: { enabled: true, host: "proxy.local" } };
    assert.deepEqual(parse(properties({ aws_sts: { proxy: "10.0.0.1" } }, general)).sts.proxy, {
      mode: "loadBalancer",
      host: "10.0.0.1",
    });
    assert.equal(parse(properties({ aws_sts: { proxyMode: "direct" } }, general)).sts.proxy, undefined);
  });
});
