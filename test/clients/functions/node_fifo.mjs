// The processor of Powertools for FIFO queues, as their guide shows it: after a failure it processes nothing more.
import { processPartialResponseSync, SqsFifoPartialProcessor } from '@aws-lambda-powertools/batch';

const processor = new SqsFifoPartialProcessor();
const failed = new Set();

function recordHandler({ body }) {
  if (body.startsWith('once') && !failed.has(body)) {
    failed.add(body);
    console.log(`failed ${body}`);
    throw new Error(body);
  }
  console.log(`processed ${body}`);
}

export const handler = async (event, context) => {
  console.log(`batch of ${event.Records.length}`);
  return processPartialResponseSync(event, recordHandler, processor, { context });
};
