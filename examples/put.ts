import { KinesisClient, PutRecordCommand } from '@aws-sdk/client-kinesis';

const kinesis = new KinesisClient({});

/** Puts the words of the command line as one record: `npx node examples/put.ts log-sample-stream '{"message":"hi"}'`. */
const [stream = 'log-sample-stream', text = '{"message":"hello"}'] = process.argv.slice(2);

const { ShardId, SequenceNumber } = await kinesis.send(
  new PutRecordCommand({
    StreamName: stream,
    PartitionKey: '1',
    Data: new TextEncoder().encode(text),
  }),
);
console.log(`in ${ShardId} at ${SequenceNumber}`);
