/** Owns the list of who is measured at what; every module of contenders/ answers `create(options)` with a function that makes one call. */
"use strict";

const taskRole = "arn:aws:iam::123456789012:role/task";

const small = ["ec2", "dynamodb"];
const all = [...small, "ec2-large"];

/** `speed`: the work in which it takes part in calls/s. `start`: takes part in cold start and memory. */
module.exports = [
  { name: "adapter-aws", module: "adapter", speed: all, start: true },
  { name: "adapter-aws, task role", module: "adapter", roleArn: taskRole, speed: small, start: true },
  { name: "SDK v3 client", module: "sdk-v3", speed: all, start: true },
  { name: "SDK v3 client, task role", module: "sdk-v3", roleArn: taskRole, speed: small, start: true },
  { name: "adapter-utils", module: "adapter-utils", speed: small, start: true },
  { name: "adapter-utils, task role", module: "adapter-utils", roleArn: taskRole, speed: small, start: true },
  { name: "aws4fetch (no XML)", module: "aws4fetch", speed: small, start: true },
  { name: "aws4 + node:http (no XML)", module: "aws4-http", speed: small, start: true },
  { name: "node:http (unsigned, no XML)", module: "raw-http", speed: small, start: true },
  { name: "node itself", module: "bare-node", speed: [], start: true },
];
