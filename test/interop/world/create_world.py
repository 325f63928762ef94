"""Makes the users, keys, roles and policies that the interop tests act as, through boto3, and prints them as JSON.

usage: create_world.py <endpoint url> <number of numbered task roles>
"""

import json
import sys

import boto3

ENDPOINT, TASK_ROLES = sys.argv[1], int(sys.argv[2])
iam = boto3.client(
    "iam",
    endpoint_url=ENDPOINT,
    region_name="us-east-1",
    aws_access_key_id="setup",
    aws_secret_access_key="setup",
)


def statement(action, resource="*", effect="Allow"):
    return {"Effect": effect, "Action": action, "Resource": resource}


def document(*statements):
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def trust(principal):
    # moto compares a principal with the caller's whole ARN, session name included: only "*" can trust a chained role.
    return document({"Effect": "Allow", "Principal": {"AWS": principal}, "Action": "sts:AssumeRole"})


def user(name, *statements):
    arn = iam.create_user(UserName=name)["User"]["Arn"]
    if statements:
        iam.put_user_policy(UserName=name, PolicyName="inline", PolicyDocument=document(*statements))
    key = iam.create_access_key(UserName=name)["AccessKey"]
    return {"arn": arn, "accessKeyId": key["AccessKeyId"], "secretAccessKey": key["SecretAccessKey"]}


def role(name, principal, *statements):
    arn = iam.create_role(RoleName=name, AssumeRolePolicyDocument=trust(principal))["Role"]["Arn"]
    if statements:
        iam.put_role_policy(RoleName=name, PolicyName="inline", PolicyDocument=document(*statements))
    return arn


def role_arn(name):
    return f"arn:aws:iam::123456789012:role/{name}"


READ_EC2 = statement("ec2:Describe*")
users = {
    # Adapter Role of the tests that only call services.
    "operator": user("operator", statement("*")),
    # Adapter Role that may do nothing itself but become somebody else.
    "adapter": user("adapter", statement("sts:AssumeRole")),
    # Pod Role, found in the environment.
    "pod": user("pod", statement("sts:AssumeRole"), READ_EC2),
    # Valid keys without any permission.
    "nobody": user("nobody"),
}
adapter, pod = users["adapter"]["arn"], users["pod"]["arn"]
federated_session = "arn:aws:sts::123456789012:assumed-role/federated/token-session"
roles = {
    # The global role may only reach task roles, and read EC2: never `closed`.
    "global": role("global", [adapter, pod, federated_session], statement("sts:AssumeRole", role_arn("task*")), READ_EC2),
    "task": role("task", "*", READ_EC2, statement("s3:*"), statement("sts:AssumeRole", role_arn("task-last"))),
    "taskLast": role("task-last", "*", READ_EC2, statement("dynamodb:*")),
    # The role of a web identity token: it may become the others, and nothing else.
    "federated": role("federated", "*", statement("sts:AssumeRole", [role_arn("global"), role_arn("task")])),
    # Trusts the operator alone.
    "closed": role("closed", [users["operator"]["arn"]], READ_EC2),
}
numbered = [role(f"task-{index}", "*", READ_EC2) for index in range(TASK_ROLES)]
print(json.dumps({"users": users, "roles": roles, "numberedTaskRoles": numbered}))
