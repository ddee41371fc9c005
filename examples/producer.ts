import {
  KinesisClient,
  PutRecordCommand,
  type PutRecordCommandInput,
  type PutRecordCommandOutput,
} from '@aws-sdk/client-kinesis';
import type { FinalizeRequestMiddleware } from '@smithy/types';

const kinesis = new KinesisClient({});

/**
 * A function that puts the message it is invoked with into a stream.
 *
 * An asynchronous invocation comes again when the function failed, or when it is not known whether it did: after a
 * crash. It then has the same request id; nagare takes a put with an id that it has seen for a repeat of that put, so
 * that the message is in the stream once, whatever happens.
 */
export async function handler(
  event: { readonly message: string | number },
  context: { readonly awsRequestId: string },
): Promise<void> {
  const put = new PutRecordCommand({
    StreamName: 'log-sample-stream',
    PartitionKey: 'log-sample',
    Data: new TextEncoder().encode(JSON.stringify({ message: event.message })),
  });
  put.middlewareStack.addRelativeTo(named(context.awsRequestId), {
    relation: 'after',
    toMiddleware: 'retryMiddleware',
  });
  await kinesis.send(put);
}

/** Gives a request the id by which its repeats are known. */
function named(id: string): FinalizeRequestMiddleware<PutRecordCommandInput, PutRecordCommandOutput> {
  return (next) => (args) => {
    const { headers } = args.request as { headers: Record<string, string> };
    headers['amz-sdk-invocation-id'] = id;
    return next(args);
  };
}
