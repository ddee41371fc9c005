"""Tasks of Celery with queues of SQS as the broker, by kombu."""

import os

from celery import Celery

server = os.environ["AWS_ENDPOINT_URL"].removeprefix("http://")
app = Celery("jobs", broker=f"sqs://test:test@{server}")
app.conf.update(
    broker_transport_options={
        "region": "us-east-1",
        "is_secure": False,
        "wait_time_seconds": 1,
        "polling_interval": 0.1,
    },
    task_default_queue="celery-jobs",
    task_ignore_result=True,
)


@app.task
def note(number):
    with open(os.environ["NOTES"], "a") as notes:
        notes.write(f"{number}\n")


def send():
    for number in range(5):
        note.delay(number)
