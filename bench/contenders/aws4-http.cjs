/** Owns aws4 on node:http: signed, sent, the body read and, where it is JSON, parsed. */
"use strict";
const http = require("node:http");
const aws4 = require("aws4");
const { requests, send } = require("./raw-http.cjs");

module.exports = {
  create({ port, work, keys, region }) {
    const agent = new http.Agent({ keepAlive: true });
    const { body, headers } = requests[work];
    return async () => {
      const host = `127.0.0.1:${port}`;
      const signed = aws4.sign(
        { service: work, region, method: "POST", host, path: "/", headers: { ...headers, Host: host }, body },
        keys,
      );
      const text = await send(agent, { ...signed, host: "127.0.0.1", port });
      return work === "dynamodb" ? JSON.parse(text) : text;
    };
  },
};
