"""Firehose by boto3: delivery streams made, put to, changed and deleted. Prints ok."""

import time

import boto3

firehose = boto3.client("firehose")
s3 = boto3.client("s3")
s3.create_bucket(Bucket="lake")
arn = firehose.create_delivery_stream(
    DeliveryStreamName="orders",
    ExtendedS3DestinationConfiguration={
        "RoleARN": "arn:aws:iam::000000000000:role/any",
        "BucketARN": "arn:aws:s3:::lake",
        "BufferingHints": {"SizeInMBs": 1, "IntervalInSeconds": 0},
    },
    Tags=[{"Key": "team", "Value": "shop"}],
)["DeliveryStreamARN"]
assert arn == "arn:aws:firehose:us-east-1:000000000000:deliverystream/orders", arn
assert firehose.list_delivery_streams()["DeliveryStreamNames"] == ["orders"]
assert firehose.put_record(DeliveryStreamName="orders", Record={"Data": b"one\n"})["RecordId"]
batch = firehose.put_record_batch(DeliveryStreamName="orders", Records=[{"Data": b"two\n"}, {"Data": b"three\n"}])
assert batch["FailedPutCount"] == 0 and len(batch["RequestResponses"]) == 2


def delivered(prefix=""):
    contents = s3.list_objects_v2(Bucket="lake", Prefix=prefix).get("Contents", [])
    return b"".join(s3.get_object(Bucket="lake", Key=found["Key"])["Body"].read() for found in contents)


def until(condition):
    ends = time.monotonic() + 30
    while not condition():
        assert time.monotonic() < ends, delivered()
        time.sleep(0.05)


until(lambda: sorted(delivered().split()) == [b"one", b"three", b"two"])
firehose.update_destination(
    DeliveryStreamName="orders",
    CurrentDeliveryStreamVersionId="1",
    DestinationId="destinationId-000000000001",
    ExtendedS3DestinationUpdate={"Prefix": "new/"},
)
described = firehose.describe_delivery_stream(DeliveryStreamName="orders")["DeliveryStreamDescription"]
assert described["VersionId"] == "2" and described["DeliveryStreamStatus"] == "ACTIVE", described
firehose.put_record(DeliveryStreamName="orders", Record={"Data": b"four\n"})
until(lambda: delivered("new/") == b"four\n")
try:
    firehose.create_delivery_stream(DeliveryStreamName="orders", S3DestinationConfiguration={
        "RoleARN": "arn:aws:iam::000000000000:role/any", "BucketARN": "arn:aws:s3:::lake"})
    raise AssertionError("a taken name was taken again")
except firehose.exceptions.ResourceInUseException:
    pass
firehose.delete_delivery_stream(DeliveryStreamName="orders")
until(lambda: firehose.list_delivery_streams()["DeliveryStreamNames"] == [])
print("ok")
