import { CreateStreamCommand, type KinesisClient, PutRecordsCommand } from '@aws-sdk/client-kinesis';
import { engineLimits } from '../../../src/engine/limits.ts';

/** The newest records of all streams are kept in memory, up to a number of bytes: from the beginning as many. */
export async function fillTailCache(kinesis: KinesisClient): Promise<void> {
  const StreamName = 'filler';
  await kinesis.send(new CreateStreamCommand({ StreamName, ShardCount: 1 }));
  const record = { PartitionKey: 'key', Data: Buffer.alloc(1_000_000, 'record ') };
  const Records = [record, record, record, record];
  for (
    let bytes = 0;
    bytes < engineLimits.tailCacheBytes * 1.1;
    bytes += Records.length * record.Data.length
  ) {
    await kinesis.send(new PutRecordsCommand({ StreamName, Records }));
  }
}
