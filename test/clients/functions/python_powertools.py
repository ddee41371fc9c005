"""A batch processor of Powertools, as its guide shows it."""

from aws_lambda_powertools.utilities.batch import (
    BatchProcessor,
    EventType,
    process_partial_response,
)

processor = BatchProcessor(event_type=EventType.KinesisDataStreams)
failed = set()


def record_handler(record):
    text = record.kinesis.data_as_text()
    if text.startswith("once") and text not in failed:
        failed.add(text)
        print(f"failed {text}")
        raise ValueError(text)
    print(f"processed {text}")


def handler(event, context):
    print(f"batch of {len(event['Records'])}")
    return process_partial_response(
        event=event, record_handler=record_handler, processor=processor, context=context
    )
