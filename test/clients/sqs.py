"""Queues of SQS with boto3; arguments: the server's URL, and the protocol that this boto3 is to speak."""

import json
import sys

import boto3

sqs = boto3.client(
    "sqs",
    endpoint_url=sys.argv[1],
    region_name="us-east-1",
    aws_access_key_id="test",
    aws_secret_access_key="test",
)

assert sqs.meta.service_model.metadata["protocol"] == sys.argv[2]

dead = sqs.create_queue(QueueName="dead")["QueueUrl"]
dead_arn = sqs.get_queue_attributes(QueueUrl=dead, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
redrive = json.dumps({"deadLetterTargetArn": dead_arn, "maxReceiveCount": "1"})
url = sqs.create_queue(QueueName="jobs", Attributes={"RedrivePolicy": redrive})["QueueUrl"]
assert url.startswith(sys.argv[1]), url

# boto3 verifies the digests of bodies.
entries = [{"Id": str(n), "MessageBody": f"job {n}", "DelaySeconds": 0} for n in range(10)]
assert len(sqs.send_message_batch(QueueUrl=url, Entries=entries)["Successful"]) == 10
received = sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10, VisibilityTimeout=0)["Messages"]
assert sorted(message["Body"] for message in received) == sorted(entry["MessageBody"] for entry in entries)
assert "Messages" not in sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10)
batch = sqs.receive_message(QueueUrl=dead, MaxNumberOfMessages=10, AttributeNames=["All"])["Messages"]
assert batch[0]["Attributes"]["DeadLetterQueueSourceArn"].endswith(":jobs")
done = [{"Id": str(n), "ReceiptHandle": message["ReceiptHandle"]} for n, message in enumerate(batch)]
assert len(sqs.delete_message_batch(QueueUrl=dead, Entries=done)["Successful"]) == len(batch)

try:
    sqs.get_queue_url(QueueName="nobody")
    raise AssertionError("a queue that does not exist was found")
except sqs.exceptions.QueueDoesNotExist as error:
    assert error.response["Error"]["Code"] == "AWS.SimpleQueueService.NonExistentQueue"

fifo = sqs.create_queue(QueueName="order.fifo", Attributes={"FifoQueue": "true"})["QueueUrl"]
for body in ("1", "2", "1"):
    sqs.send_message(QueueUrl=fifo, MessageBody=body, MessageGroupId="g", MessageDeduplicationId=body)
ordered = sqs.receive_message(QueueUrl=fifo, MaxNumberOfMessages=10)["Messages"]
assert [message["Body"] for message in ordered] == ["1", "2"]

pages = sqs.get_paginator("list_queues").paginate(PaginationConfig={"PageSize": 2})
assert len([one for page in pages for one in page["QueueUrls"]]) == 3
for queue in (url, dead, fifo):
    sqs.delete_queue(QueueUrl=queue)
print("ok")
