/** Owns the files of a made-up old client without schemas, as its package has them. */

export const CLIENT = `
var import_smithy_client = require("@smithy/smithy-client");
var import_middleware_serde = require("@smithy/middleware-serde");
var import_middleware_endpoint = require("@smithy/middleware-endpoint");
var import_bird_plugin = require("@aws-sdk/middleware-birds");
var import_runtimeConfig = require("./runtimeConfig");
var resolveClientEndpointParameters = (options) => ({ ...options, defaultSigningName: "birdsong" });
var commonParams = {
  UseFIPS: { type: "builtInParams", name: "useFipsEndpoint" },
  Region: { type: "builtInParams", name: "region" },
};
exports.BirdsClient = class BirdsClient extends import_smithy_client.Client {
  constructor(configuration) {
    const config = (0, import_middleware_endpoint.resolveEndpointConfig)(
      resolveClientEndpointParameters((0, import_runtimeConfig.getRuntimeConfig)(configuration)),
    );
    super(config);
    this.config = config;
    this.middlewareStack.use((0, import_middleware_endpoint.getRetryPlugin)(this.config));
    this.middlewareStack.use((0, import_bird_plugin.getPlumagePlugin)(this.config));
  }
};
exports.BirdsServiceException = class BirdsServiceException extends import_smithy_client.ServiceException {
  constructor(options) { super(options); }
};
exports.NoSuchBird = class NoSuchBird extends exports.BirdsServiceException {
  constructor(options) {
    super({ name: "NoSuchBird", $fault: "client", ...options });
    this.name = "NoSuchBird";
    this.$fault = "client";
  }
};
exports.NestFull = class NestFull extends exports.BirdsServiceException {
  constructor(options) { super({ name: "NestFull", $fault: "server", ...options }); }
};
exports.Cause = { AGE: "AGE", FOX: "FOX" };
var _RA = "RetryAfter";
var _ra = "retry-after";
var de_CommandError = async (output) => {
  switch (errorCode) {
    case "NoSuchBird":
    case "com.example.birds#NoSuchBird":
      throw await de_NoSuchBirdRes(parsedOutput, context);
  }
};
var de_NestFullRes = /* @__PURE__ */ __name(async (parsedOutput, context) => {
  const contents = map({
    [_RA]: [() => void 0 !== parsedOutput.headers[_ra], () => strictParseInt32(parsedOutput.headers[_ra])]
  });
  const doc = take(parsedOutput.body, {
    Size: [, import_smithy_client.expectInt32, \`nestSize\`],
    Message: import_smithy_client.expectString
  });
}, "de_NestFullRes");
function __name(target) { return target; }
const command = (name, params, plugins = []) => import_smithy_client.Command.classBuilder()
  .ep({ ...commonParams, ...params })
  .m(function (Command, cs, config, o) {
    return [
      (0, import_middleware_serde.getSerdePlugin)(config, this.serialize, this.deserialize),
      (0, import_middleware_endpoint.getEndpointPlugin)(config, Command.getEndpointParameterInstructions()),
      ...plugins.map((options) => (0, import_bird_plugin.getFeatherPlugin)(config, options)),
    ];
  })
  .s("BirdService", name, {})
  .n("BirdsClient", name + "Command")
  .f(void 0, void 0)
  .ser("se_" + name)
  .de("de_" + name)
  .build();
exports.RingBirdCommand = class extends command("RingBird", { Ring: { type: "contextParams", name: "RingId" } }, [{ long: true }]) {};
exports.CountBirdsCommand = class extends command("CountBirds", {}) {};
`;

export const CONFIGURATION = `
const core = require("@aws-sdk/core");
exports.getRuntimeConfig = (config) => ({
  apiVersion: "2020-01-01",
  serviceId: config?.serviceId ?? "Birds",
  httpAuthSchemeProvider: ({ operation, region }) => operation === "CountBirds"
    ? [{ schemeId: "smithy.api#noAuth" }]
    : [{ schemeId: "aws.auth#sigv4", signingProperties: { name: "birdsong", region } }],
  logger: new core.NoOpLogger(),
});
`;

export const RULES = {
  version: "1.0",
  parameters: {
    Region: { required: false, type: "String" },
    UseFIPS: { required: true, default: false, type: "Boolean" },
  },
  rules: [
    {
      conditions: [],
      endpoint: { url: "https://birds.{Region}.example.com", properties: {}, headers: {} },
      type: "endpoint",
    },
  ],
};

export const ERRORS = `
export declare const Cause: { readonly AGE: "AGE"; readonly FOX: "FOX"; };
export interface Sighting { Place?: string; At: Date | undefined; }
export declare class NoSuchBird extends __BaseException {
  readonly name: "NoSuchBird";
  readonly $fault: "client";
  Message: string | undefined;
  /** <p>Why it left. Nobody knows.</p> */
  Cause?: Cause;
  Sightings?: (Sighting)[];
  Names?: string[];
  Notes?: Record<string, string>;
  Count?: number;
  Ringed?: boolean;
}
export declare class NestFull extends __BaseException {
  readonly name: "NestFull";
  readonly $fault: "server";
  RetryAfter?: number;
  Size?: number;
}
`;
