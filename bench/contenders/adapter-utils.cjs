/** Owns the peer: @itentialopensource/adapter-utils on a minimal adapter folder (peer-skeleton/), driven as its adapters drive it. */
"use strict";
const path = require("node:path");

module.exports = {
  create({ port, work, keys, region, roleArn }) {
    const quiet = () => {};
    global.log = { spam: quiet, trace: quiet, debug: quiet, info: quiet, warn: quiet, error: quiet };
    process.env.AWS_SDK_JS_SUPPRESS_MAINTENANCE_MODE_MESSAGE = "1";
    const { RequestHandler } = require("@itentialopensource/adapter-utils");
    // Its schema allows two STS hosts only; the SDK v2 below it takes an endpoint for a service by its own configuration.
    const AWS = require("aws-sdk");
    AWS.config.update({ sts: { endpoint: `http://127.0.0.1:${port}` } });
    const handler = new RequestHandler(
      "bench",
      {
        host: "127.0.0.1",
        port,
        protocol: "http",
        region,
        service: work,
        base_path: "",
        version: "",
        authentication: {
          auth_method: "aws_authentication",
          aws_access_key: keys.accessKeyId,
          aws_secret_key: keys.secretAccessKey,
        },
        healthcheck: { type: "none" },
        throttle: { throttle_enabled: false },
        request: { number_retries: 0, limit_retry_error: 0, attempt_timeout: 20000, healthcheck_on_timeout: false },
      },
      path.join(__dirname, "..", "peer-skeleton"),
    );
    const authData = roleArn === undefined ? undefined : { stsParams: { RoleArn: roleArn, RoleSessionName: "bench" } };
    const request =
      work === "ec2"
        ? { uriQuery: { Action: "DescribeInstances", Version: "2016-11-15" }, authData }
        : {
            payload: { TableName: "devices", Key: { id: { S: "edge-router-1" } } },
            addlHeaders: { "X-Amz-Target": "DynamoDB_20120810.GetItem", "Content-Type": "application/x-amz-json-1.0" },
            authData,
          };
    const action = work === "ec2" ? "describeInstances" : "getItem";
    return () =>
      new Promise((resolve, reject) => {
        // A copy each: it writes into what it is given.
        handler.identifyRequest(work, action, structuredClone(request), true, (data, error) => {
          if (data) resolve(data.response);
          else reject(new Error(JSON.stringify(error)));
        });
      });
  },
};
