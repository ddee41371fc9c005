import { KinesisClient, PutRecordCommand } from '@aws-sdk/client-kinesis';

const kinesis = new KinesisClient({});

/** A function that puts the message it is invoked with into a stream. */
export async function handler(event: { message: string | number }): Promise<void> {
  await kinesis.send(
    new PutRecordCommand({
      StreamName: 'log-sample-stream',
      PartitionKey: 'log-sample',
      Data: new TextEncoder().encode(JSON.stringify({ message: event.message })),
    }),
  );
}
