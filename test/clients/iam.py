"""Identities of IAM and credentials of STS with boto3; argument: the server's URL."""

import json
import sys

import boto3


def client(service, **credentials):
    known = credentials or {"aws_access_key_id": "test", "aws_secret_access_key": "test"}
    return boto3.client(service, endpoint_url=sys.argv[1], region_name="us-east-1", **known)


def policy(**statement):
    return json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", **statement}]})


iam = client("iam")
stream = "arn:aws:kinesis:us-east-1:000000000000:stream/orders"
put = policy(Action="kinesis:PutRecord*", Resource=stream)
trust = policy(Action="sts:AssumeRole", Principal={"AWS": "000000000000"})

role = iam.create_role(RoleName="writer", AssumeRolePolicyDocument=trust)["Role"]
# boto3 decodes documents into objects.
assert iam.get_role(RoleName="writer")["Role"]["AssumeRolePolicyDocument"] == json.loads(trust)
arn = iam.create_policy(PolicyName="put", PolicyDocument=put)["Policy"]["Arn"]
iam.attach_role_policy(RoleName="writer", PolicyArn=arn)
asked = {"PolicySourceArn": role["Arn"], "ActionNames": ["kinesis:PutRecords", "kinesis:GetRecords"]}
results = iam.simulate_principal_policy(**asked, ResourceArns=[stream])["EvaluationResults"]
assert [result["EvalDecision"] for result in results] == ["allowed", "implicitDeny"]
assert results[0]["MatchedStatements"][0]["SourcePolicyId"] == "put"

for number in range(7):
    iam.create_user(UserName=f"user-{number}")
pages = iam.get_paginator("list_users").paginate(PaginationConfig={"PageSize": 3})
assert [user["UserName"] for page in pages for user in page["Users"]] == [f"user-{number}" for number in range(7)]
key = iam.create_access_key(UserName="user-0")["AccessKey"]
user = client("sts", aws_access_key_id=key["AccessKeyId"], aws_secret_access_key=key["SecretAccessKey"])
assert user.get_caller_identity()["Arn"] == "arn:aws:iam::000000000000:user/user-0"
made = user.assume_role(RoleArn=role["Arn"], RoleSessionName="one")["Credentials"]
session = client(
    "sts",
    aws_access_key_id=made["AccessKeyId"],
    aws_secret_access_key=made["SecretAccessKey"],
    aws_session_token=made["SessionToken"],
)
assert session.get_caller_identity()["Arn"] == "arn:aws:sts::000000000000:assumed-role/writer/one"

try:
    iam.delete_role(RoleName="writer")
    raise AssertionError("a role with policies was deleted")
except iam.exceptions.DeleteConflictException:
    pass
try:
    iam.get_user(UserName="nobody")
    raise AssertionError("a user was found that is not there")
except iam.exceptions.NoSuchEntityException:
    pass
try:
    iam.put_role_policy(RoleName="writer", PolicyName="bad", PolicyDocument="{}")
    raise AssertionError("a policy without statements was stored")
except iam.exceptions.MalformedPolicyDocumentException:
    print("ok")
