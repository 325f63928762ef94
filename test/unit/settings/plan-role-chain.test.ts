/** Owns the trials of the planner: the rules one by one. */
import assert from "node:assert/strict";
import { describe, it } from "mocha";
import type { RoleRequest } from "../../../utils/settings/plan-role-chain";
import type { StsParams } from "../../../utils/types/call";
import type { Environment } from "../../../utils/types/environment";
import { GLOBAL, keys, NAMED, plan, podKeys, refusal, TASK, task } from "./role-chain-fixture";

describe("planRoleChain", () => {
  it("makes a step complete: session name of the adapter, an hour, the external id, the STS of the settings", () => {
    const { steps } = plan({ ...keys, aws_sts: { externalId: "org:1" } }, {}, task({ RoleArn: TASK }));
    assert.deepEqual(steps, [
      {
        origin: "stsParams",
        roleArn: TASK,
        roleSessionName: "my-adapter",
        durationSeconds: 3600,
        externalId: "org:1",
        sts: { region: "us-east-1", url: "https://sts.us-east-1.amazonaws.com" },
      },
    ]);
  });

  it("takes every parameter of the task, and its external id instead of the global one on its own step only", () => {
    const params: StsParams = {
      RoleArn: TASK,
      RoleSessionName: "jane",
      ExternalId: "task:1",
      DurationSeconds: 900,
      Policy: '{"Version":"2012-10-17","Statement":[]}',
      PolicyArns: ["arn:aws:iam::aws:policy/A", { arn: "arn:aws:iam::aws:policy/B" }],
      Tags: [{ Key: "team", Value: "" }],
      TransitiveTagKeys: ["team"],
      SourceIdentity: "jane",
      SerialNumber: "arn:aws:iam::123456789012:mfa/jane",
      TokenCode: "123456",
    };
    const { steps } = plan({ ...keys, aws_iam_role: GLOBAL, aws_sts: { externalId: "org:1" } }, {}, task(params));
    assert.equal(steps[0]?.externalId, "org:1");
    assert.equal(steps[0]?.roleSessionName, "my-adapter");
    assert.deepEqual(
      { ...steps[1], sts: undefined, tokenCode: steps[1]?.tokenCode?.reveal() },
      {
        origin: "stsParams",
        roleArn: TASK,
        roleSessionName: "jane",
        durationSeconds: 900,
        externalId: "task:1",
        policy: params.Policy,
        policyArns: ["arn:aws:iam::aws:policy/A", "arn:aws:iam::aws:policy/B"],
        tags: params.Tags,
        transitiveTagKeys: ["team"],
        sourceIdentity: "jane",
        serialNumber: params.SerialNumber,
        tokenCode: "123456",
        sts: undefined,
      },
    );
  });

  it("gives parameters without a RoleArn to the roleName step", () => {
    const { steps } = plan(keys, {}, task({ RoleSessionName: "jane", DurationSeconds: 7200 }, NAMED));
    assert.equal(steps.length, 1);
    assert.deepEqual([steps[0]?.roleArn, steps[0]?.roleSessionName, steps[0]?.durationSeconds], [NAMED, "jane", 7200]);
  });

  it("folds equal neighbours into the one that carries parameters", () => {
    const { steps } = plan({ ...keys, aws_iam_role: TASK }, {}, task({ RoleArn: TASK, ExternalId: "task:1" }, TASK));
    assert.equal(steps.length, 1);
    assert.deepEqual([steps[0]?.origin, steps[0]?.externalId], ["stsParams", "task:1"]);
    const back = plan({ ...keys, aws_iam_role: TASK }, {}, task({ RoleArn: TASK }, NAMED));
    assert.deepEqual(
      back.steps.map(({ roleArn }) => roleArn),
      [TASK, NAMED, TASK],
      "equal ones apart stay",
    );
  });

  it("lets the attached role be named, by name or ARN, when nothing narrows the session", () => {
    const skips = (auth: object, request: Partial<RoleRequest> = {}) =>
      plan(auth, {}, request).steps.map((step) => step.skipWhenAttached ?? false);
    assert.deepEqual(skips({ aws_iam_role: "app-role" }), [true]);
    assert.deepEqual(skips({}, task({}, "app-role")), [true]);
    assert.deepEqual(skips({}, task({ RoleSessionName: "jane", DurationSeconds: 900 }, NAMED)), [true]);
    assert.deepEqual(skips({}, task({ Policy: "{}" }, NAMED)), [false]);
    assert.deepEqual(skips({}, task({ SourceIdentity: "jane" }, NAMED)), [false]);
    assert.deepEqual(skips({}, task({ RoleArn: NAMED })), [false]);
    assert.deepEqual(skips({ aws_iam_role: GLOBAL }, task({}, NAMED)), [true, false]);
    assert.deepEqual(skips({ aws_iam_role: GLOBAL }, task({ RoleArn: GLOBAL })), [true]);
    assert.deepEqual(plan(keys, {}, task({}, NAMED)).steps[0]?.skipWhenAttached, undefined);
  });

  it("refuses a role's name alone where it can mean no attached role", () => {
    refusal("INVALID_PROPERTIES", "authentication.aws_iam_role", () => plan({ ...keys, aws_iam_role: "app-role" }, {}));
    refusal("INVALID_ROLE_REQUEST", "roleName", () => plan({}, podKeys, task({}, "app-role")));
    refusal("INVALID_ROLE_REQUEST", "roleName", () => plan({ aws_iam_role: GLOBAL }, {}, task({}, "app-role")));
    refusal("INVALID_ROLE_REQUEST", "roleName", () => plan({}, {}, task({ Policy: "{}" }, "app-role")));
    refusal("INVALID_ROLE_REQUEST", "stsParams.RoleArn", () => plan({}, {}, task({ RoleArn: "app-role" })));
  });

  it("refuses more than an hour for a role that a role assumes, with AWS's reason, and leaves the rest to AWS", () => {
    const long = task({ RoleArn: TASK, DurationSeconds: 3601 });
    for (const [auth, environment] of [
      [{ ...keys, aws_iam_role: GLOBAL }, {}],
      [{ aws_web_identity: { token_file: "/t", role_arn: GLOBAL } }, {}],
      [{}, { AWS_CONTAINER_CREDENTIALS_RELATIVE_URI: "/creds" }],
    ] as const) {
      const error = refusal("INVALID_ROLE_REQUEST", "stsParams.DurationSeconds", () => plan(auth, environment, long));
      assert.match(error.recommendation, /role chaining.*1 hour/);
    }
    for (const environment of [podKeys, {}]) assert.equal(plan({}, environment, long).steps[0]?.durationSeconds, 3601);
    assert.equal(plan(keys, {}, task({ RoleArn: TASK, DurationSeconds: 43_200 })).steps[0]?.durationSeconds, 43_200);
  });

  it("refuses a role of another partition than that of STS", () => {
    const error = refusal("INVALID_ROLE_REQUEST", "stsParams.RoleArn", () =>
      plan(keys, {}, task({ RoleArn: "arn:aws-cn:iam::123456789012:role/task" })),
    );
    assert.match(error.message, /partition aws-cn.*partition aws, as STS is asked in us-east-1/);
    const { steps } = plan(keys, {}, task({ RoleArn: "arn:aws-cn:iam::123456789012:role/task" }), {
      region: "cn-north-1",
    });
    assert.equal(steps[0]?.sts.url, "https://sts.cn-north-1.amazonaws.com.cn");
  });

  const badRequests: [string, Partial<RoleRequest>, string][] = [
    ["an STSRole call with neither", { kind: "STSRole" }, "stsParams.RoleArn"],
    [
      "an STSRole call with empty ones",
      { kind: "STSRole", stsParams: { RoleArn: "" }, roleName: "" },
      "stsParams.RoleArn",
    ],
    ["parameters for no role", { kind: "STSRole", stsParams: { ExternalId: "abc" } }, "stsParams.RoleArn"],
    ["parameters that are text", { kind: "STSRole", stsParams: TASK as never }, "stsParams"],
    ["an unknown parameter", task({ RoleArn: TASK, Duration: 900 } as never), "stsParams.Duration"],
    ["an ARN with a space", task({ RoleArn: `${TASK} ` }), "stsParams.RoleArn"],
    [
      "the ARN of a session",
      task({ RoleArn: "arn:aws:sts::123456789012:assumed-role/task/jane" }),
      "stsParams.RoleArn",
    ],
    ["the ARN of a user", task({}, "arn:aws:iam::123456789012:user/jane"), "roleName"],
    ["a partition that is none", task({ RoleArn: "arn:awsx:iam::123456789012:role/task" }), "stsParams.RoleArn"],
    ["a roleName that is no text", { kind: "STSRole", roleName: 7 as never }, "roleName"],
    [
      "a session name with a space",
      task({ RoleArn: TASK, RoleSessionName: "my session" }),
      "stsParams.RoleSessionName",
    ],
    ["a session name too long", task({ RoleArn: TASK, RoleSessionName: "x".repeat(65) }), "stsParams.RoleSessionName"],
    ["a session name too short", task({ RoleArn: TASK, RoleSessionName: "x" }), "stsParams.RoleSessionName"],
    ["a duration too short", task({ RoleArn: TASK, DurationSeconds: 899 }), "stsParams.DurationSeconds"],
    ["a duration too long", task({ RoleArn: TASK, DurationSeconds: 43_201 }), "stsParams.DurationSeconds"],
    ["a duration as text", task({ RoleArn: TASK, DurationSeconds: "3600" as never }), "stsParams.DurationSeconds"],
    ["an external id with a space", task({ RoleArn: TASK, ExternalId: "a b" }), "stsParams.ExternalId"],
    ["a policy that is no JSON", task({ RoleArn: TASK, Policy: "Allow" }), "stsParams.Policy"],
    ["a policy too long", task({ RoleArn: TASK, Policy: `{"a":"${"x".repeat(2048)}"}` }), "stsParams.Policy"],
    [
      "eleven policies",
      task({ RoleArn: TASK, PolicyArns: Array(11).fill("arn:aws:iam::aws:policy/A") }),
      "stsParams.PolicyArns",
    ],
    ["a policy without ARN", task({ RoleArn: TASK, PolicyArns: ["ReadOnly"] }), "stsParams.PolicyArns[0]"],
    [
      "51 tags",
      task({ RoleArn: TASK, Tags: Array.from({ length: 51 }, (_, n) => ({ Key: `k${n}`, Value: "v" })) }),
      "stsParams.Tags",
    ],
    ["a tag without key", task({ RoleArn: TASK, Tags: [{ Key: "", Value: "v" }] }), "stsParams.Tags[0].Key"],
    [
      "a tag value too long",
      task({ RoleArn: TASK, Tags: [{ Key: "k", Value: "v".repeat(257) }] }),
      "stsParams.Tags[0].Value",
    ],
    [
      "a tag twice",
      task({
        RoleArn: TASK,
        Tags: [
          { Key: "k", Value: "1" },
          { Key: "K", Value: "2" },
        ],
      }),
      "stsParams.Tags[1].Key",
    ],
    [
      "a transitive key without tag",
      task({ RoleArn: TASK, TransitiveTagKeys: ["k"] }),
      "stsParams.TransitiveTagKeys[0]",
    ],
    ["an MFA code alone", task({ RoleArn: TASK, TokenCode: "123456" }), "stsParams.SerialNumber"],
    [
      "an MFA code of letters",
      task({ RoleArn: TASK, SerialNumber: "GAHT12345678", TokenCode: "12345x" }),
      "stsParams.TokenCode",
    ],
    [
      "a provider that nobody defined",
      { kind: "plain", callProperties: { credential_provider: "other" } },
      "callProperties.credential_provider",
    ],
  ];
  for (const [name, request, parameter] of badRequests) {
    it(`refuses ${name}, naming ${parameter}`, () => {
      const error = refusal("INVALID_ROLE_REQUEST", parameter, () => plan(keys, podKeys, request));
      assert.doesNotMatch(error.message, /12345x|-secret/);
    });
  }

  const badEnvironments: [string, Environment, string][] = [
    ["half a key pair", { AWS_ACCESS_KEY_ID: "AKIAPOD" }, "AWS_SECRET_ACCESS_KEY (environment)"],
    ["the other half", { AWS_SECRET_ACCESS_KEY: "pod-secret" }, "AWS_ACCESS_KEY_ID (environment)"],
    [
      "a key with a line break",
      { ...podKeys, AWS_SECRET_ACCESS_KEY: "pod-secret\n" },
      "AWS_SECRET_ACCESS_KEY (environment)",
    ],
    ["a token file without a role", { AWS_WEB_IDENTITY_TOKEN_FILE: "/t" }, "AWS_ROLE_ARN (environment)"],
    [
      "credentials from anywhere over http",
      { AWS_CONTAINER_CREDENTIALS_FULL_URI: "http://evil.example/creds" },
      "AWS_CONTAINER_CREDENTIALS_FULL_URI (environment)",
    ],
    [
      "a relative address without slash",
      { AWS_CONTAINER_CREDENTIALS_RELATIVE_URI: "creds" },
      "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI (environment)",
    ],
    [
      "a header in the token",
      { AWS_CONTAINER_CREDENTIALS_RELATIVE_URI: "/c", AWS_CONTAINER_AUTHORIZATION_TOKEN: "a\r\nb: c" },
      "AWS_CONTAINER_AUTHORIZATION_TOKEN (environment)",
    ],
    [
      "an unknown metadata mode",
      { AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE: "IPv5" },
      "AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE (environment)",
    ],
  ];
  for (const [name, environment, variable] of badEnvironments) {
    it(`refuses ${name} of the environment, naming the variable`, () => {
      const error = refusal("INVALID_PROPERTIES", variable, () => plan({}, environment));
      assert.doesNotMatch(error.message, /pod-secret/);
    });
  }

  it("says that there are no credentials when instance metadata is switched off", () => {
    for (const value of ["true", "TRUE", "1"]) {
      assert.throws(() => plan({}, { AWS_EC2_METADATA_DISABLED: value }), { code: "NO_CREDENTIALS" });
    }
    assert.equal(plan({}, { AWS_EC2_METADATA_DISABLED: "false" }).source.type, "instanceMetadata");
  });

  it("reads the endpoint variables of instance metadata", () => {
    const source = (environment: Environment) => plan({}, environment).source;
    assert.deepEqual(source({}), { type: "instanceMetadata", endpoint: "http://169.254.169.254", version: "v2-only" });
    assert.deepEqual(
      source({ AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE: "IPv6", AWS_EC2_METADATA_V1_DISABLED: "false" }),
      {
        type: "instanceMetadata",
        endpoint: "http://[fd00:ec2::254]",
        version: "v1-fallback",
      },
    );
    const own = {
      AWS_EC2_METADATA_SERVICE_ENDPOINT: "http://127.0.0.1:1338/",
      AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE: "IPv6",
    };
    assert.equal((source(own) as { endpoint: string }).endpoint, "http://127.0.0.1:1338");
  });

  it("trusts only AWS's own hosts over http, and every host over https", () => {
    for (const url of [
      "http://127.3.2.1/c",
      "http://localhost:8080/c",
      "http://[::1]/c",
      "http://169.254.170.23/c",
      "http://[fd00:ec2::23]/c",
      "https://any.example/c",
    ]) {
      assert.equal(plan({}, { AWS_CONTAINER_CREDENTIALS_FULL_URI: url }).source.type, "container", url);
    }
    for (const url of [
      "http://127.0.0.1.evil.example/c",
      "http://169.254.169.254/c",
      "http://10.0.0.1/c",
      "ftp://127.0.0.1/c",
      "http://[::ffff:10.0.0.1]/c",
    ]) {
      assert.throws(() => plan({}, { AWS_CONTAINER_CREDENTIALS_FULL_URI: url }), { code: "INVALID_PROPERTIES" }, url);
    }
  });
});
