import { signedFor } from '../../../support/admission.ts';
import assert from 'node:assert/strict';
import {
  type _Record,
  CreateStreamCommand,
  GetRecordsCommand,
  type GetRecordsOutput,
  GetShardIteratorCommand,
  type GetShardIteratorInput,
  type KinesisClient,
  ListShardsCommand,
  PutRecordCommand,
  PutRecordsCommand,
  type Shard,
  SplitShardCommand,
} from '@aws-sdk/client-kinesis';

export const SHARD_0 = 'shardId-000000000000';
export const SHARD_1 = 'shardId-000000000001';
export const ARN = 'arn:aws:kinesis:us-east-1:000000000000:stream';

export async function createStream(client: KinesisClient, name = 'orders', shards = 1): Promise<string> {
  await client.send(new CreateStreamCommand({ StreamName: name, ShardCount: shards }));
  return name;
}

export async function put(client: KinesisClient, stream: string, text: string, key = text) {
  return await client.send(
    new PutRecordCommand({ StreamName: stream, PartitionKey: key, Data: Buffer.from(text) }),
  );
}

export async function putAll(client: KinesisClient, stream: string, texts: readonly string[]) {
  const Records = texts.map((text) => ({ PartitionKey: text, Data: Buffer.from(text) }));
  return await client.send(new PutRecordsCommand({ StreamName: stream, Records }));
}

export async function iteratorFor(
  client: KinesisClient,
  stream: string,
  options: Partial<GetShardIteratorInput> = {},
): Promise<string> {
  const { ShardIterator } = await client.send(
    new GetShardIteratorCommand({
      StreamName: stream,
      ShardId: SHARD_0,
      ShardIteratorType: 'TRIM_HORIZON',
      ...options,
    }),
  );
  assert(ShardIterator !== undefined);
  return ShardIterator;
}

/** The records from there to the tail, or to the end of a closed shard. */
export async function readFrom(client: KinesisClient, iterator: string): Promise<_Record[]> {
  const records: _Record[] = [];
  let next: string | undefined = iterator;
  for (;;) {
    const answer: GetRecordsOutput = await client.send(new GetRecordsCommand({ ShardIterator: next }));
    records.push(...(answer.Records ?? []));
    next = answer.NextShardIterator;
    if (next === undefined || answer.MillisBehindLatest === 0) return records;
  }
}

export async function readShard(
  client: KinesisClient,
  stream: string,
  shardId = SHARD_0,
): Promise<_Record[]> {
  return await readFrom(client, await iteratorFor(client, stream, { ShardId: shardId }));
}

export function texts(records: readonly _Record[]): string[] {
  return records.map(({ Data }) => Buffer.from(Data ?? []).toString());
}

export async function listShards(client: KinesisClient, stream: string): Promise<Shard[]> {
  const { Shards } = await client.send(new ListShardsCommand({ StreamName: stream }));
  return Shards ?? [];
}

/** Closes the first shard of `orders`, the only one, and opens two in its place. */
export async function splitInHalf(client: KinesisClient): Promise<void> {
  const NewStartingHashKey = (2n ** 127n).toString();
  await client.send(
    new SplitShardCommand({ StreamName: 'orders', ShardToSplit: SHARD_0, NewStartingHashKey }),
  );
}

/** The call is answered with that error of AWS's. */
export async function refused(
  call: Promise<unknown>,
  name: string,
  message?: RegExp | string,
): Promise<void> {
  await assert.rejects(call, (error: unknown) => {
    assert(error instanceof Error);
    assert.equal(error.name, name, error.message);
    if (typeof message === 'string') assert.equal(error.message, message);
    if (message instanceof RegExp) assert.match(error.message, message);
    return true;
  });
}

/** A call as bytes, for what the SDK does not send: it has an endpoint of its own for StreamId, and checks inputs. */
export async function callRaw(
  endpoint: string,
  operation: string,
  input: unknown,
  headers: Record<string, string> = {},
): Promise<{ status: number; body: Record<string, unknown> }> {
  const response = await fetch(endpoint, {
    method: 'POST',
    headers: {
      ...signedFor('kinesis'),
      'Content-Type': 'application/x-amz-json-1.1',
      'X-Amz-Target': `Kinesis_20131202.${operation}`,
      ...headers,
    },
    body: JSON.stringify(input),
  });
  const text = await response.text();
  // The protocol answers with an object, or with nothing.
  return { status: response.status, body: (text === '' ? {} : JSON.parse(text)) as Record<string, unknown> };
}
