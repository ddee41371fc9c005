import type { RawAnswer } from '../raw-kinesis.ts';
import type { Caller } from './caller.ts';

export interface ShardDescription {
  readonly ShardId: string;
  readonly ParentShardId?: string;
  readonly AdjacentParentShardId?: string;
  readonly HashKeyRange: { readonly StartingHashKey: string; readonly EndingHashKey: string };
  readonly SequenceNumberRange: {
    readonly StartingSequenceNumber: string;
    readonly EndingSequenceNumber?: string;
  };
}

export interface StoredRecord {
  readonly shard: ShardDescription;
  readonly sequenceNumber: string;
  readonly partitionKey: string;
  readonly data: string;
}

export async function listShards(caller: Caller, stream: string): Promise<ShardDescription[]> {
  const shards: ShardDescription[] = [];
  let page: object = { StreamName: stream };
  for (;;) {
    const { Shards, NextToken } = await caller.askWell('ListShards', page);
    // As the API says.
    shards.push(...(Shards as ShardDescription[]));
    if (typeof NextToken !== 'string') return shards;
    page = { NextToken };
  }
}

/** All that a reader can see of a stream: shard by shard, each in its order. */
export async function readStream(
  caller: Caller,
  stream: string,
  shards: readonly ShardDescription[],
): Promise<StoredRecord[][]> {
  return await Promise.all(shards.map((shard) => readShard(caller, stream, shard)));
}

/** A shorter retention makes a shard and its records go while they are read. */
async function readShard(caller: Caller, stream: string, shard: ShardDescription): Promise<StoredRecord[]> {
  const records: StoredRecord[] = [];
  const { ShardId } = shard;
  const start = { StreamName: stream, ShardId, ShardIteratorType: 'TRIM_HORIZON' };
  const first = await askUnlessGone(caller, 'GetShardIterator', start);
  let iterator = first?.['ShardIterator'];
  while (iterator !== undefined) {
    const answer = await askUnlessGone(caller, 'GetRecords', { ShardIterator: iterator });
    if (answer === undefined) break;
    // As the API says.
    const found = answer['Records'] as { SequenceNumber: string; PartitionKey: string; Data: string }[];
    for (const { SequenceNumber: sequenceNumber, PartitionKey: partitionKey, Data } of found) {
      records.push({ shard, sequenceNumber, partitionKey, data: Buffer.from(Data, 'base64').toString() });
    }
    iterator = answer['MillisBehindLatest'] === 0 ? undefined : answer['NextShardIterator'];
  }
  return records;
}

async function askUnlessGone(
  caller: Caller,
  operation: string,
  input: object,
): Promise<RawAnswer['body'] | undefined> {
  const answer = await caller.ask(operation, input);
  if (answer?.status === 200) return answer.body;
  const isGone = String(answer?.body['__type']).endsWith('ResourceNotFoundException');
  if (isGone) return undefined;
  throw new Error(`${operation}: ${answer?.status} ${JSON.stringify(answer?.body)}`);
}
