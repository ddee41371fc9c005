import {
  GetRecordsCommand,
  GetShardIteratorCommand,
  ListShardsCommand,
  type KinesisClient,
} from '@aws-sdk/client-kinesis';

/** The `message` of every record of a stream, a list for each shard, in the order of the sequence numbers. */
export async function readShards(kinesis: KinesisClient, stream: string): Promise<string[][]> {
  const { Shards = [] } = await kinesis.send(new ListShardsCommand({ StreamName: stream }));
  return await Promise.all(Shards.map(({ ShardId }) => readShard(kinesis, stream, ShardId)));
}

async function readShard(
  kinesis: KinesisClient,
  stream: string,
  shardId: string | undefined,
): Promise<string[]> {
  const messages: string[] = [];
  const first = await kinesis.send(
    new GetShardIteratorCommand({
      StreamName: stream,
      ShardId: shardId,
      ShardIteratorType: 'TRIM_HORIZON',
    }),
  );
  let iterator = first.ShardIterator;
  while (iterator !== undefined) {
    const {
      Records = [],
      NextShardIterator,
      MillisBehindLatest,
    } = await kinesis.send(new GetRecordsCommand({ ShardIterator: iterator }));
    for (const { Data } of Records) {
      const record = JSON.parse(Buffer.from(Data ?? []).toString()) as { message: string };
      messages.push(record.message);
    }
    iterator = MillisBehindLatest === 0 ? undefined : NextShardIterator;
  }
  return messages;
}
