/** Owns aws4fetch: WebCrypto signature on the platform's fetch; the body read and, where it is JSON, parsed. */
"use strict";
const { AwsClient } = require("aws4fetch");
const { requests } = require("./raw-http.cjs");

module.exports = {
  create({ port, work, keys, region }) {
    const aws = new AwsClient({ ...keys, region, service: work, retries: 0 });
    const { body, headers } = requests[work];
    return async () => {
      const response = await aws.fetch(`http://127.0.0.1:${port}/`, { method: "POST", headers, body });
      return work === "dynamodb" ? response.json() : response.text();
    };
  },
};
