/** Owns AWS SDK for JavaScript v3: the service's own client, with a role by fromTemporaryCredentials where one is asked for. */
"use strict";

module.exports = {
  create({ port, work, keys, region, roleArn }) {
    const endpoint = `http://127.0.0.1:${port}`;
    const credentials =
      roleArn === undefined
        ? keys
        : require("@aws-sdk/credential-providers").fromTemporaryCredentials({
            masterCredentials: keys,
            params: { RoleArn: roleArn, RoleSessionName: "bench" },
            clientConfig: { region, endpoint },
          });
    if (work !== "dynamodb") {
      const { EC2Client, DescribeInstancesCommand } = require("@aws-sdk/client-ec2");
      const client = new EC2Client({ region, endpoint, credentials });
      const input = work === "ec2" ? {} : { MaxResults: 1000 };
      return () => client.send(new DescribeInstancesCommand(input));
    }
    const { DynamoDBClient, GetItemCommand } = require("@aws-sdk/client-dynamodb");
    const client = new DynamoDBClient({ region, endpoint, credentials });
    return () => client.send(new GetItemCommand({ TableName: "devices", Key: { id: { S: "edge-router-1" } } }));
  },
};
