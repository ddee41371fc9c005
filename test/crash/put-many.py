"""Puts `count` records named <prefix>-<n> with boto3 as it is by default but for the number of attempts."""

import signal
import sys
from concurrent.futures import ThreadPoolExecutor

import boto3
from botocore.config import Config

prefix, count = sys.argv[1], int(sys.argv[2])
THREADS = 16
# Whoever started it may be gone.
signal.alarm(500)
kinesis = boto3.client(
    "kinesis",
    config=Config(retries={"max_attempts": 20, "mode": "legacy"}, max_pool_connections=THREADS, tcp_keepalive=True),
)


def put(n):
    if n % 10 == 0:
        kinesis.put_records(
            StreamName="retried",
            Records=[{"PartitionKey": f"{prefix}-{k}", "Data": f"{prefix}-{k}"} for k in range(n, n + 5)],
        )
    elif n % 10 >= 5:
        kinesis.put_record(StreamName="retried", PartitionKey=f"{prefix}-{n}", Data=f"{prefix}-{n}")


with ThreadPoolExecutor(THREADS) as pool:
    list(pool.map(put, range(count)))
