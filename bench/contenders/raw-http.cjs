/** Owns the floor: node:http with keep-alive, no signature, the body read and, where it is JSON, parsed. */
"use strict";
const http = require("node:http");

/** Sends one request on a kept-alive socket; resolves with the body as text. */
function send(agent, { host, port, method, path, headers, body }) {
  return new Promise((resolve, reject) => {
    const request = http.request({ agent, host, port, method, path, headers }, (response) => {
      const chunks = [];
      response.on("data", (chunk) => chunks.push(chunk));
      response.on("end", () => resolve(Buffer.concat(chunks).toString("utf8")));
      response.on("error", reject);
    });
    request.on("error", reject);
    request.end(body);
  });
}

/** The request of each kind of work, as every contender without models has to write it down. */
const requests = {
  ec2: {
    body: "Action=DescribeInstances&Version=2016-11-15",
    headers: { "content-type": "application/x-www-form-urlencoded" },
  },
  dynamodb: {
    body: JSON.stringify({ TableName: "devices", Key: { id: { S: "edge-router-1" } } }),
    headers: { "content-type": "application/x-amz-json-1.0", "x-amz-target": "DynamoDB_20120810.GetItem" },
  },
};

module.exports = {
  send,
  requests,
  create({ port, work }) {
    const agent = new http.Agent({ keepAlive: true });
    const { body, headers } = requests[work];
    const sent = { ...headers, "content-length": Buffer.byteLength(body) };
    const request = { host: "127.0.0.1", port, method: "POST", path: "/", headers: sent, body };
    return async () => {
      const text = await send(agent, request);
      return work === "dynamodb" ? JSON.parse(text) : text;
    };
  },
};
