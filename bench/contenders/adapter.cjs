/** Owns this project: the built adapter, loaded and called the way a platform does it, with a task role or a throttle where one is asked for. */
"use strict";
const path = require("node:path");

const inputs = {
  ec2: {},
  "ec2-large": { MaxResults: 1000 },
  dynamodb: { TableName: "devices", Key: { id: { S: "edge-router-1" } } },
};
const dist = path.join(__dirname, "..", "..", "dist");

/** @returns a function that makes one call and hands on the callback of a platform; its `callOf` does so as any role */
async function open({ port, work, keys, region, roleArn, throttle, authLogging, patience, level }) {
  const quiet = () => {};
  global.log = { spam: quiet, trace: quiet, debug: quiet, info: quiet, warn: quiet, error: quiet };
  if (level !== undefined) global.log.level = level;
  const Adapter = require(path.join(dist, "adapter.js"));
  const adapter = new Adapter("bench", {
    host: "127.0.0.1",
    port,
    protocol: "http",
    region,
    authentication: {
      auth_method: "aws_authentication",
      aws_access_key: keys.accessKeyId,
      aws_secret_key: keys.secretAccessKey,
      ...(authLogging === undefined ? {} : { auth_logging: true }),
      aws_sts: { region, endpoint: `http://127.0.0.1:${port}`, sslEnable: false },
    },
    healthcheck: { type: "none" },
    ...(throttle === undefined ? {} : { throttle }),
    ...(patience === undefined ? {} : { request: { attempt_timeout: patience } }),
  });
  await adapter.connect();
  if (authLogging === "off again") {
    const properties = {
      ...adapter.allProps,
      authentication: { ...adapter.allProps.authentication, auth_logging: false },
    };
    adapter.refreshProperties(properties);
  }
  const method = work === "dynamodb" ? "dynamodbGetItem" : "ec2DescribeInstances";
  const input = inputs[work];
  const parameters = roleArn === undefined ? [input] : [input, { RoleArn: roleArn, RoleSessionName: "bench" }, null];
  const name = roleArn === undefined ? method : `${method}STSRole`;
  const asRole = `${method}STSRole`;
  const callOf = (arn, callback) => adapter[asRole](input, { RoleArn: arn, RoleSessionName: "bench" }, null, callback);
  return Object.assign((callback) => adapter[name](...parameters, callback), { callOf });
}

module.exports = {
  open,
  async create(options) {
    const call = await open(options);
    return () =>
      new Promise((resolve, reject) => {
        call((data, error) => {
          if (data) resolve(data.response);
          else reject(new Error(JSON.stringify(error)));
        });
      });
  },
};
