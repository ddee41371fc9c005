"""Every operation of Kinesis that this version of boto3 knows, with its paginators, waiters and event streams."""

import datetime
import json

import boto3

HALF = str(2**127)
SHARD = "shardId-%012d"

kinesis = boto3.client("kinesis")
errors = kinesis.exceptions
called = set()
kinesis.meta.events.register("before-call.kinesis", lambda model, **_: called.add(model.name))


def refused(error, call, **arguments):
    try:
        call(**arguments)
    except error as refusal:
        return refusal.response["Error"]["Message"]
    raise AssertionError(f"{call} was not refused")


def records():
    kinesis.create_stream(StreamName="orders", ShardCount=1)
    kinesis.get_waiter("stream_exists").wait(StreamName="orders")
    assert refused(errors.ResourceInUseException, kinesis.create_stream, StreamName="orders", ShardCount=1)
    assert kinesis.list_streams()["StreamNames"] == ["orders"]
    before = datetime.datetime.now(datetime.timezone.utc) - datetime.timedelta(seconds=5)
    first = kinesis.put_record(StreamName="orders", PartitionKey="k", Data="first ü")
    put = kinesis.put_records(
        StreamName="orders", Records=[{"PartitionKey": str(i), "Data": bytes([i % 256])} for i in range(500)]
    )
    assert put["FailedRecordCount"] == 0 and len(put["Records"]) == 500
    kinds = [
        {"ShardIteratorType": "TRIM_HORIZON"},
        {"ShardIteratorType": "AT_SEQUENCE_NUMBER", "StartingSequenceNumber": first["SequenceNumber"]},
        {"ShardIteratorType": "AT_TIMESTAMP", "Timestamp": before},
    ]
    for kind in kinds:
        place = kinesis.get_shard_iterator(StreamName="orders", ShardId=SHARD % 0, **kind)
        read = kinesis.get_records(ShardIterator=place["ShardIterator"])["Records"]
        assert [read[0]["Data"], read[1]["Data"], len(read)] == ["first ü".encode(), b"\0", 501]
        arrival = read[0]["ApproximateArrivalTimestamp"]
        assert before < arrival < before + datetime.timedelta(minutes=1), arrival
    assert refused(errors.InvalidArgumentException, kinesis.get_records, ShardIterator="AAAA")


def shards():
    kinesis.split_shard(StreamName="orders", ShardToSplit=SHARD % 0, NewStartingHashKey=HALF)
    kinesis.merge_shards(StreamName="orders", ShardToMerge=SHARD % 1, AdjacentShardToMerge=SHARD % 2)
    kinesis.update_shard_count(StreamName="orders", TargetShardCount=2, ScalingType="UNIFORM_SCALING")
    # Its paginator repeats StreamName beside NextToken, which AWS refuses as well (boto/botocore#2009).
    page = kinesis.list_shards(StreamName="orders", MaxResults=4)
    rest = kinesis.list_shards(NextToken=page["NextToken"])
    listed = [shard["ShardId"] for shard in page["Shards"] + rest["Shards"]]
    pages = kinesis.get_paginator("describe_stream").paginate(StreamName="orders", PaginationConfig={"PageSize": 4})
    described = [shard["ShardId"] for page in pages for shard in page["StreamDescription"]["Shards"]]
    assert listed == described == [SHARD % i for i in range(6)], listed
    assert kinesis.describe_limits()["OpenShardCount"] == 2


def options(arn):
    kinesis.increase_stream_retention_period(StreamName="orders", RetentionPeriodHours=48)
    kinesis.decrease_stream_retention_period(StreamName="orders", RetentionPeriodHours=36)
    key = {"StreamName": "orders", "EncryptionType": "KMS", "KeyId": "alias/aws/kinesis"}
    kinesis.start_stream_encryption(**key)
    summary = kinesis.describe_stream_summary(StreamName="orders")["StreamDescriptionSummary"]
    assert [summary["RetentionPeriodHours"], summary["EncryptionType"]] == [36, "KMS"]
    kinesis.stop_stream_encryption(**key)
    kinesis.enable_enhanced_monitoring(StreamName="orders", ShardLevelMetrics=["ALL"])
    kinesis.disable_enhanced_monitoring(StreamName="orders", ShardLevelMetrics=["IncomingBytes"])
    kinesis.update_max_record_size(StreamARN=arn, MaxRecordSizeInKiB=10240)
    large = kinesis.put_record(StreamName="orders", PartitionKey="k", Data=b"x" * 9 * 1024 * 1024)
    assert large["ShardId"]
    kinesis.update_stream_mode(StreamARN=arn, StreamModeDetails={"StreamMode": "ON_DEMAND"})
    commitment = {"Status": "ENABLED"}
    kinesis.update_account_settings(MinimumThroughputBillingCommitment=commitment)
    assert kinesis.describe_account_settings()["MinimumThroughputBillingCommitment"]["Status"] == "ENABLED"
    kinesis.update_stream_warm_throughput(StreamARN=arn, WarmThroughputMiBps=10)


def tags_and_policies(arn):
    kinesis.add_tags_to_stream(StreamName="orders", Tags={"a": "1", "b": "2"})
    kinesis.remove_tags_from_stream(StreamName="orders", TagKeys=["b"])
    kinesis.tag_resource(ResourceARN=arn, Tags={"c": "3"})
    kinesis.untag_resource(ResourceARN=arn, TagKeys=["c"])
    expected = [{"Key": "a", "Value": "1"}]
    assert kinesis.list_tags_for_stream(StreamName="orders")["Tags"] == expected
    assert kinesis.list_tags_for_resource(ResourceARN=arn)["Tags"] == expected
    statement = {"Effect": "Allow", "Principal": "*", "Action": "kinesis:PutRecord", "Resource": arn}
    policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    kinesis.put_resource_policy(ResourceARN=arn, Policy=policy)
    assert kinesis.get_resource_policy(ResourceARN=arn)["Policy"] == policy
    kinesis.delete_resource_policy(ResourceARN=arn)


def consumers(arn):
    consumer = kinesis.register_stream_consumer(StreamARN=arn, ConsumerName="app")["Consumer"]["ConsumerARN"]
    described = kinesis.describe_stream_consumer(ConsumerARN=consumer)["ConsumerDescription"]
    assert [described["ConsumerName"], described["ConsumerStatus"]] == ["app", "ACTIVE"]
    pages = kinesis.get_paginator("list_stream_consumers").paginate(StreamARN=arn)
    assert [each["ConsumerName"] for page in pages for each in page["Consumers"]] == ["app"]
    # A closed shard: its records, its end with the children, and then the stream of events ends by itself.
    answer = kinesis.subscribe_to_shard(
        ConsumerARN=consumer, ShardId=SHARD % 0, StartingPosition={"Type": "TRIM_HORIZON"}
    )
    events = [event["SubscribeToShardEvent"] for event in answer["EventStream"]]
    pushed = [record["Data"] for event in events for record in event["Records"]]
    assert [pushed[0], len(pushed)] == ["first ü".encode(), 501]
    assert [child["ShardId"] for child in events[-1]["ChildShards"]] == [SHARD % 1, SHARD % 2]
    kinesis.deregister_stream_consumer(ConsumerARN=consumer)


def ends():
    kinesis.delete_stream(StreamName="orders")
    kinesis.get_waiter("stream_not_exists").wait(StreamName="orders")
    told = refused(errors.ResourceNotFoundException, kinesis.describe_stream, StreamName="orders")
    assert told == "Stream orders under account 000000000000 not found.", told


records()
shards()
stream_arn = kinesis.describe_stream_summary(StreamName="orders")["StreamDescriptionSummary"]["StreamARN"]
options(stream_arn)
tags_and_policies(stream_arn)
consumers(stream_arn)
ends()
missed = set(kinesis.meta.service_model.operation_names) - called
assert not missed, missed
print("ok")
