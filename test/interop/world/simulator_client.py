"""Calls a simulator through botocore, an independent serializer, signer and parser, and prints what it saw as JSON.

Reads {"url", "access_key_id", "secret_access_key", "keys"} from standard input.
"""

import json
import sys
import urllib.request
from datetime import timezone

import botocore.exceptions
import botocore.session
from botocore.config import Config

given = json.load(sys.stdin)


def client(service, credentials=None, region="us-east-1"):
    keys = credentials or {
        "aws_access_key_id": given["access_key_id"],
        "aws_secret_access_key": given["secret_access_key"],
    }
    config = Config(
        retries={"max_attempts": 0},
        s3={"addressing_style": "path"},
        signature_version="s3v4" if service == "s3" else None,
    )
    session = botocore.session.Session()
    return session.create_client(
        service, region_name=region, endpoint_url=given["url"], config=config, **keys
    )


def assume(role, **more):
    answer = client("sts").assume_role(
        RoleArn=f"arn:aws:iam::123456789012:role/{role}", RoleSessionName="botocore", **more
    )
    found = answer["Credentials"]
    return {
        "aws_access_key_id": found["AccessKeyId"],
        "aws_secret_access_key": found["SecretAccessKey"],
        "aws_session_token": found["SessionToken"],
    }


def refusal(call):
    try:
        call()
    except botocore.exceptions.ClientError as error:
        return [error.response["Error"]["Code"], error.response["ResponseMetadata"]["HTTPStatusCode"]]
    return None


def identities():
    writer = assume("task-writer", Tags=[{"Key": "team", "Value": "net ops"}], SourceIdentity="alice")
    return [client("sts").get_caller_identity()["Arn"], client("sts", writer).get_caller_identity()["Arn"]]


def objects(writer):
    s3 = client("s3", writer)
    s3.create_bucket(Bucket="botocore-keys")
    damaged = []
    for key in given["keys"]:
        body = key.encode()
        s3.put_object(Bucket="botocore-keys", Key=key, Body=body)
        url = s3.generate_presigned_url("get_object", Params={"Bucket": "botocore-keys", "Key": key})
        got = s3.get_object(Bucket="botocore-keys", Key=key)["Body"].read()
        presigned = urllib.request.urlopen(url).read()
        if got != body or presigned != body:
            damaged.append(key)
    pages = s3.get_paginator("list_objects_v2").paginate(
        Bucket="botocore-keys", PaginationConfig={"PageSize": 3}
    )
    listed = [entry["Key"] for page in pages for entry in page["Contents"]]
    upload = s3.create_multipart_upload(Bucket="botocore-keys", Key="parts +")["UploadId"]
    where = {"Bucket": "botocore-keys", "Key": "parts +", "UploadId": upload}
    parts = [
        {"PartNumber": number, "ETag": s3.upload_part(PartNumber=number, Body=body, **where)["ETag"]}
        for number, body in enumerate([b"a" * 5 * 1024 * 1024, b"end"], start=1)
    ]
    s3.complete_multipart_upload(MultipartUpload={"Parts": parts}, **where)
    size = s3.head_object(Bucket="botocore-keys", Key="parts +")["ContentLength"]
    return {"damaged": damaged, "listed": listed, "size": size}


def instances(writer):
    ec2 = client("ec2", writer)
    web = [{"Name": "tag:Name", "Values": ["web-*"]}]
    described = [
        instance
        for reservation in ec2.describe_instances(Filters=web)["Reservations"]
        for instance in reservation["Instances"]
    ]
    made = ec2.run_instances(ImageId="ami-12345678", MinCount=1, MaxCount=1)["Instances"][0]
    ended = ec2.terminate_instances(InstanceIds=[made["InstanceId"]])["TerminatingInstances"][0]
    return {
        "found": [instance["InstanceId"] for instance in described],
        "launched": described[0]["LaunchTime"].astimezone(timezone.utc).isoformat(),
        "ended": ended["CurrentState"]["Name"],
    }


def json_services(writer):
    secrets = client("secretsmanager", writer)
    secrets.create_secret(Name="binary", SecretBinary=b"\x00\xff")
    table = client("dynamodb", writer)
    items = table.query(
        TableName="devices",
        KeyConditionExpression="site = :site",
        ExpressionAttributeValues={":site": {"S": "lab"}},
    )["Items"]
    queue = client("sqs", writer)
    url = queue.get_queue_url(QueueName="changes")["QueueUrl"]
    queue.send_message(
        QueueUrl=url, MessageBody="héllo", MessageAttributes={"a": {"DataType": "String", "StringValue": "x"}}
    )
    message = queue.receive_message(QueueUrl=url, MessageAttributeNames=["All"])["Messages"][0]
    return {
        "secret": secrets.get_secret_value(SecretId="binary")["SecretBinary"].hex(),
        "items": [item["name"]["S"] for item in items],
        "message": message["Body"],
    }


def refusals():
    wrong = {"aws_access_key_id": given["access_key_id"], "aws_secret_access_key": "wrong"}
    return {
        "sts": refusal(lambda: client("sts", wrong).get_caller_identity()),
        "ec2": refusal(lambda: client("ec2", wrong).describe_instances()),
        "s3": refusal(lambda: client("s3", wrong).list_buckets()),
        "dynamodb": refusal(lambda: client("dynamodb", wrong).list_tables()),
        "role": refusal(lambda: assume("task-denied")),
        "duration": refusal(lambda: assume("task-reader", DurationSeconds=7200)),
        "action": refusal(lambda: client("dynamodb").list_tables()),
    }


task_writer = assume("task-writer")
print(
    json.dumps(
        {
            "identities": identities(),
            "objects": objects(task_writer),
            "instances": instances(task_writer),
            "json": json_services(task_writer),
            "refusals": refusals(),
        }
    )
)
