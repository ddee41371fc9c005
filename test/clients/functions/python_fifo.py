"""The processor of Powertools for FIFO queues, as its guide shows it: after a failure it processes nothing more."""

from aws_lambda_powertools.utilities.batch import (
    SqsFifoPartialProcessor,
    process_partial_response,
)

processor = SqsFifoPartialProcessor()
failed = set()


def record_handler(record):
    if record.body.startswith("once") and record.body not in failed:
        failed.add(record.body)
        print(f"failed {record.body}")
        raise ValueError(record.body)
    print(f"processed {record.body}")


def handler(event, context):
    print(f"batch of {len(event['Records'])}")
    return process_partial_response(
        event=event, record_handler=record_handler, processor=processor, context=context
    )
