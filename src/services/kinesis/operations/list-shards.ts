import type { ListShardsInput, ListShardsOutput } from '@aws-sdk/client-kinesis';
import type { Checked } from '../../../protocol/service.ts';
import type { ReadHandler, KinesisReads } from '../context.ts';
import { listedShards } from '../streams/describe.ts';
import { invalidArgument, streamNotFound } from '../errors.ts';
import { requireShardIndex } from '../shards/reshard-checks.ts';
import { type StoredFilter, selectShards, storedFilter } from '../shards/shard-filter.ts';
import type { Stream } from '../streams/stream.ts';

const SHARDS_MAX = 1000;

/** Where a page continues. The filter is stored as it was resolved for the first page. */
interface Page {
  readonly streamId: string;
  readonly after: number;
  readonly filter: StoredFilter;
}

/** Lists shards, at most 1,000 per call, parents before children. NextTokens are valid for five minutes. */
export const listShards: ReadHandler<ListShardsInput, ListShardsOutput> = (kinesis, input) => {
  const page =
    input.NextToken === undefined ? firstPage(kinesis, input) : nextPage(kinesis, input, input.NextToken);
  const stream = kinesis.streams.byId(page.streamId);
  if (stream === undefined) throw streamNotFound('of this NextToken', kinesis.accountId);
  const following = selectShards(listedShards(kinesis, stream), page.filter).filter(
    (shard) => shard.index > page.after,
  );
  const shards = following.slice(0, Math.min(input.MaxResults ?? SHARDS_MAX, SHARDS_MAX));
  const more = following.length > shards.length;
  return {
    Shards: shards.map((shard) => shard.describe()),
    NextToken: more
      ? kinesis.pages.encode('ListShards', { ...page, after: shards.at(-1)?.index ?? -1 })
      : undefined,
  };
};

function firstPage(kinesis: KinesisReads, input: Checked<ListShardsInput>): Page {
  if (input.StreamName === undefined && input.StreamARN === undefined && input.StreamId === undefined) {
    throw invalidArgument('Either NextToken or StreamName should be provided.');
  }
  const stream = kinesis.streams.resolve(input);
  requireCreatedAt(kinesis, stream, input.StreamCreationTimestamp);
  const { ExclusiveStartShardId } = input;
  if (ExclusiveStartShardId !== undefined && input.ShardFilter !== undefined) {
    throw invalidArgument('ExclusiveStartShardId and ShardFilter cannot be provided together.');
  }
  return {
    streamId: stream.id,
    after:
      ExclusiveStartShardId === undefined
        ? -1
        : requireShardIndex(kinesis, ExclusiveStartShardId, stream.name),
    filter: storedFilter(kinesis, stream, input.ShardFilter),
  };
}

/** Distinguishes successive streams of the same name by their creation time, in whole seconds as in the API. */
function requireCreatedAt(kinesis: KinesisReads, stream: Stream, given: Date | undefined): void {
  if (given === undefined) return;
  if (Math.floor(given.getTime() / 1000) !== Math.floor(stream.row.createdMs / 1000)) {
    throw streamNotFound(stream.name, kinesis.accountId);
  }
}

function nextPage(kinesis: KinesisReads, input: Checked<ListShardsInput>, token: string): Page {
  for (const name of [
    'StreamName',
    'StreamARN',
    'StreamId',
    'StreamCreationTimestamp',
    'ExclusiveStartShardId',
    'ShardFilter',
  ] as const) {
    if (input[name] !== undefined)
      throw invalidArgument(`NextToken and ${name} cannot be provided together.`);
  }
  return kinesis.pages.decode('ListShards', token) as Page; // as it was encoded
}
