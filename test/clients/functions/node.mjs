// A batch processor of Powertools behind Middy, as their guides show it.
import { BatchProcessor, EventType, processPartialResponse } from '@aws-lambda-powertools/batch';
import { middy } from '@middy/core';

const processor = new BatchProcessor(EventType.KinesisDataStreams);
const failed = new Set();

async function recordHandler(record) {
  const text = Buffer.from(record.kinesis.data, 'base64').toString();
  if (text.startsWith('once') && !failed.has(text)) {
    failed.add(text);
    console.log(`failed ${text}`);
    throw new Error(text);
  }
  console.log(`processed ${text}`);
}

export const handler = middy()
  .use({ before: ({ event }) => console.log(`batch of ${event.Records.length}`) })
  .handler((event, context) => processPartialResponse(event, recordHandler, processor, { context }));
