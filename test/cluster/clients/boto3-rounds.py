"""Works with a cluster by boto3 as it comes until its input ends, and checks then that nothing is lost or there twice."""

import sys
import threading
import time

import boto3

kinesis, sqs = boto3.client("kinesis"), boto3.client("sqs")
stopped = threading.Event()
threading.Thread(target=lambda: (sys.stdin.read(), stopped.set()), daemon=True).start()

kinesis.create_stream(StreamName="boto3", ShardCount=1)
kinesis.get_waiter("stream_exists").wait(StreamName="boto3")
url = sqs.create_queue(QueueName="boto3")["QueueUrl"]
print("ready", flush=True)

received = set()


def receive(seconds=0):
    page = sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10, WaitTimeSeconds=seconds)
    for message in page.get("Messages", []):
        received.add(int(message["Body"]))
        sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])


count = 0
while not stopped.is_set():
    kinesis.put_record(StreamName="boto3", PartitionKey="a", Data=str(count))
    sqs.send_message(QueueUrl=url, MessageBody=str(count))
    receive()
    count += 1
    time.sleep(0.05)

shard = {"StreamName": "boto3", "ShardId": "shardId-000000000000"}
place = kinesis.get_shard_iterator(ShardIteratorType="TRIM_HORIZON", **shard)["ShardIterator"]
found = []
while len(found) < count:
    page = kinesis.get_records(ShardIterator=place)
    found += [int(record["Data"]) for record in page["Records"]]
    if not page["Records"]:
        break
    place = page["NextShardIterator"]
assert found == list(range(count)), found
while received != set(range(count)):
    receive(1)
print(f"{count} rounds", flush=True)
