/** Owns the calls that moto is given of data, the programs that work on it, and what watches them: storage, queues, containers, trails. */
import type { BreadthCases } from "./moto-step";

const role = "arn:aws:iam::123456789012:role/any";
const machine = JSON.stringify({ StartAt: "Done", States: { Done: { Type: "Succeed" } } });

export const workloadCases: BreadthCases = {
  s3: [
    ["CreateBucket", { Bucket: "breadth", CreateBucketConfiguration: { LocationConstraint: "eu-west-1" } }],
    ["PutObject", { Bucket: "breadth", Key: "a/b c", Body: "text", Metadata: { note: "n" } }, { ETag: "$etag" }],
    ["HeadObject", { Bucket: "breadth", Key: "a/b c" }, { ContentLength: 4, "Metadata.note": "n" }],
    ["GetObject", { Bucket: "breadth", Key: "a/b c" }, { Body: "text" }],
    ["CopyObject", { Bucket: "breadth", Key: "copy", CopySource: "breadth/a/b c" }, { "CopyObjectResult.ETag": "$e" }],
    ["ListObjectsV2", { Bucket: "breadth" }, { KeyCount: 2 }],
    ["PutBucketVersioning", { Bucket: "breadth", VersioningConfiguration: { Status: "Enabled" } }],
    ["GetBucketVersioning", { Bucket: "breadth" }, { Status: "Enabled" }],
    ["CreateMultipartUpload", { Bucket: "breadth", Key: "large" }, { UploadId: "$upload" }],
    ["AbortMultipartUpload", { Bucket: "breadth", Key: "large", UploadId: "$upload" }],
    ["GetBucketLocation", { Bucket: "breadth" }, { LocationConstraint: "eu-west-1" }],
  ],
  "auto-scaling": [
    ["CreateLaunchConfiguration", { LaunchConfigurationName: "l", ImageId: "ami-12c6146b", InstanceType: "t2.micro" }],
    ["DescribeLaunchConfigurations", {}, { "LaunchConfigurations.0.LaunchConfigurationName": "l" }],
    [
      "CreateAutoScalingGroup",
      {
        AutoScalingGroupName: "a",
        LaunchConfigurationName: "l",
        MinSize: 0,
        MaxSize: 0,
        AvailabilityZones: ["eu-west-1a"],
      },
    ],
    ["DescribeAutoScalingGroups", { AutoScalingGroupNames: ["a"] }, { "AutoScalingGroups.0.MaxSize": 0 }],
    ["DeleteAutoScalingGroup", { AutoScalingGroupName: "a", ForceDelete: true }],
  ],
  cloudwatch: [
    ["PutMetricData", { Namespace: "n", MetricData: [{ MetricName: "m", Value: 1.5 }] }],
    ["ListMetrics", { Namespace: "n" }, { "Metrics.0.MetricName": "m" }],
    [
      "PutMetricAlarm",
      {
        AlarmName: "a",
        ComparisonOperator: "GreaterThanThreshold",
        EvaluationPeriods: 1,
        MetricName: "m",
        Namespace: "n",
        Period: 60,
        Statistic: "Sum",
        Threshold: 2,
      },
    ],
    ["DescribeAlarms", { AlarmNames: ["a"] }, { "MetricAlarms.0.Threshold": 2 }],
    ["DeleteAlarms", { AlarmNames: ["a"] }],
  ],
  "cloudwatch-logs": [
    ["CreateLogGroup", { logGroupName: "/g" }],
    ["CreateLogStream", { logGroupName: "/g", logStreamName: "s" }],
    [
      "PutLogEvents",
      { logGroupName: "/g", logStreamName: "s", logEvents: [{ timestamp: Date.now(), message: "hällo" }] },
    ],
    ["GetLogEvents", { logGroupName: "/g", logStreamName: "s", startFromHead: true }, { "events.0.message": "hällo" }],
    ["PutRetentionPolicy", { logGroupName: "/g", retentionInDays: 7 }],
    ["DescribeLogGroups", { logGroupNamePrefix: "/g" }, { "logGroups.0.retentionInDays": 7 }],
  ],
  eventbridge: [
    ["CreateEventBus", { Name: "bus" }, { EventBusArn: "$bus" }],
    ["PutRule", { Name: "rule", EventBusName: "bus", EventPattern: '{"source":["x"]}' }, { RuleArn: "$rule" }],
    ["PutTargets", { Rule: "rule", EventBusName: "bus", Targets: [{ Id: "1", Arn: role }] }, { FailedEntryCount: 0 }],
    ["ListTargetsByRule", { Rule: "rule", EventBusName: "bus" }, { "Targets.0.Id": "1" }],
    ["PutEvents", { Entries: [{ Source: "x", DetailType: "d", Detail: "{}" }] }, { FailedEntryCount: 0 }],
  ],
  cloudtrail: [
    ["CreateTrail", { Name: "trail", S3BucketName: "breadth" }, { Name: "trail" }],
    ["GetTrailStatus", { Name: "trail" }, { IsLogging: false }],
    ["StartLogging", { Name: "trail" }],
    ["DescribeTrails", {}, { "trailList.0.Name": "trail" }],
    ["DeleteTrail", { Name: "trail" }],
  ],
  "config-service": [
    ["PutConfigurationRecorder", { ConfigurationRecorder: { name: "r", roleARN: role } }],
    ["DescribeConfigurationRecorders", {}, { "ConfigurationRecorders.0.name": "r" }],
    ["PutDeliveryChannel", { DeliveryChannel: { name: "d", s3BucketName: "breadth" } }],
    ["DescribeDeliveryChannels", {}, { "DeliveryChannels.0.name": "d" }],
    ["DeleteDeliveryChannel", { DeliveryChannelName: "d" }],
  ],
  lambda: [
    ["ListFunctions", {}, { Functions: [] }],
    [
      "CreateFunction",
      {
        FunctionName: "f",
        Runtime: "nodejs20.x",
        Role: role,
        Handler: "i.h",
        Code: { ZipFile: { base64: "UEsFBgAAAAAAAAAAAAAAAAAAAAAAAA==" } },
      },
      { FunctionArn: "$function" },
    ],
    ["TagResource", { Resource: "$function", Tags: { k: "v" } }],
    ["ListTags", { Resource: "$function" }, { "Tags.k": "v" }],
    ["GetFunctionConfiguration", { FunctionName: "f" }, { Handler: "i.h" }],
    ["DeleteFunction", { FunctionName: "f" }],
  ],
  sqs: [
    ["CreateQueue", { QueueName: "breadth" }, { QueueUrl: "$queue" }],
    [
      "SendMessageBatch",
      {
        QueueUrl: "$queue",
        Entries: [
          { Id: "1", MessageBody: "one" },
          { Id: "2", MessageBody: "zwei ü" },
        ],
      },
      { "Successful.1.Id": "2" },
    ],
    ["ReceiveMessage", { QueueUrl: "$queue", MaxNumberOfMessages: 1 }, { "Messages.0.ReceiptHandle": "$receipt" }],
    ["DeleteMessage", { QueueUrl: "$queue", ReceiptHandle: "$receipt" }],
    ["GetQueueAttributes", { QueueUrl: "$queue", AttributeNames: ["QueueArn"] }, { "Attributes.QueueArn": "$arn" }],
    ["DeleteQueue", { QueueUrl: "$queue" }],
  ],
  sns: [
    ["CreateTopic", { Name: "topic" }, { TopicArn: "$topic" }],
    ["Subscribe", { TopicArn: "$topic", Protocol: "email", Endpoint: "a+b@example.org" }],
    ["ListSubscriptionsByTopic", { TopicArn: "$topic" }, { "Subscriptions.0.Endpoint": "a+b@example.org" }],
    ["Publish", { TopicArn: "$topic", Message: "<hi> & ü" }, { MessageId: "$message" }],
    ["DeleteTopic", { TopicArn: "$topic" }],
  ],
  sfn: [
    ["CreateStateMachine", { name: "m", definition: machine, roleArn: role }, { stateMachineArn: "$machine" }],
    ["DescribeStateMachine", { stateMachineArn: "$machine" }, { name: "m" }],
    ["StartExecution", { stateMachineArn: "$machine", input: "{}" }, { executionArn: "$execution" }],
    ["DescribeExecution", { executionArn: "$execution" }, { status: "$status" }],
    ["ListExecutions", { stateMachineArn: "$machine" }, { "executions.0.executionArn": "$again" }],
  ],
  dynamodb: [
    [
      "CreateTable",
      {
        TableName: "breadth",
        KeySchema: [{ AttributeName: "id", KeyType: "HASH" }],
        AttributeDefinitions: [{ AttributeName: "id", AttributeType: "S" }],
        BillingMode: "PAY_PER_REQUEST",
      },
      { "TableDescription.TableStatus": "ACTIVE" },
    ],
    ["PutItem", { TableName: "breadth", Item: { id: { S: "1" }, n: { N: "1" } } }],
    [
      "UpdateItem",
      {
        TableName: "breadth",
        Key: { id: { S: "1" } },
        UpdateExpression: "SET n = n + :i",
        ExpressionAttributeValues: { ":i": { N: "2" } },
        ReturnValues: "ALL_NEW",
      },
      { "Attributes.n.N": "3" },
    ],
    [
      "Query",
      {
        TableName: "breadth",
        KeyConditionExpression: "id = :id",
        ExpressionAttributeValues: { ":id": { S: "1" } },
      },
      { Count: 1 },
    ],
    ["BatchGetItem", { RequestItems: { breadth: { Keys: [{ id: { S: "1" } }] } } }, { "Responses.breadth.0.n.N": "3" }],
    ["DeleteTable", { TableName: "breadth" }],
  ],
  rds: [
    [
      "CreateDBInstance",
      {
        DBInstanceIdentifier: "db",
        DBInstanceClass: "db.t3.micro",
        Engine: "mysql",
        AllocatedStorage: 20,
        MasterUsername: "root",
        MasterUserPassword: "pass-word-1",
      },
      { "DBInstance.Engine": "mysql" },
    ],
    ["DescribeDBInstances", { DBInstanceIdentifier: "db" }, { "DBInstances.0.AllocatedStorage": 20 }],
    ["CreateDBSnapshot", { DBInstanceIdentifier: "db", DBSnapshotIdentifier: "s" }],
    ["DescribeDBSnapshots", { DBSnapshotIdentifier: "s" }, { "DBSnapshots.0.DBSnapshotIdentifier": "s" }],
    ["DeleteDBInstance", { DBInstanceIdentifier: "db", SkipFinalSnapshot: true }],
  ],
  eks: [
    [
      "CreateCluster",
      { name: "c", roleArn: role, resourcesVpcConfig: { subnetIds: ["subnet-1"] } },
      { "cluster.name": "c" },
    ],
    ["DescribeCluster", { name: "c" }, { "cluster.roleArn": role }],
    ["ListClusters", {}, { clusters: ["c"] }],
    ["ListNodegroups", { clusterName: "c" }, { nodegroups: [] }],
    ["DeleteCluster", { name: "c" }],
  ],
  ecs: [
    ["CreateCluster", { clusterName: "c" }, { "cluster.clusterName": "c" }],
    [
      "RegisterTaskDefinition",
      { family: "f", containerDefinitions: [{ name: "n", image: "i", memory: 64 }] },
      { "taskDefinition.revision": 1 },
    ],
    ["ListTaskDefinitions", { familyPrefix: "f" }, { "taskDefinitionArns.0": "$task" }],
    ["DescribeClusters", { clusters: ["c"] }, { "clusters.0.status": "ACTIVE" }],
    ["DeleteCluster", { cluster: "c" }],
  ],
  ecr: [
    ["CreateRepository", { repositoryName: "r" }, { "repository.repositoryName": "r" }],
    ["DescribeRepositories", {}, { "repositories.0.repositoryName": "r" }],
    ["GetAuthorizationToken", {}, { "authorizationData.0.proxyEndpoint": "$proxy" }],
    ["ListImages", { repositoryName: "r" }, { imageIds: [] }],
    ["DeleteRepository", { repositoryName: "r" }],
  ],
};
