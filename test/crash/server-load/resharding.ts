import { until } from '../../support/until.ts';
import { isDone, type Caller } from './caller.ts';
import type { ShardDescription } from './read-stream.ts';
import { isOpen } from './known-shards.ts';

const OPEN_SHARDS_MAX = 5;

/** Splits, merges and resizes until the server is killed; what a kill interrupts, the server finishes. */
export async function reshardOnAndOn(caller: Caller, stream: string, random: () => number): Promise<void> {
  await untilActive(caller, stream);
  for (;;) {
    await caller.pause(random() * 150);
    const answer = await caller.ask('ListShards', { StreamName: stream });
    if (answer === undefined) return;
    // As the API says.
    const { operation, input } = nextReshard(answer.body['Shards'] as ShardDescription[], random);
    const done = await caller.ask(operation, { StreamName: stream, ...input });
    if (done === undefined) return;
    isDone(operation, done);
  }
}

/** A reshard that a kill has interrupted is finished first: a shard that is listed as open may be its parent. */
async function untilActive(caller: Caller, stream: string): Promise<void> {
  await until(
    async () => {
      const answer = await caller.ask('DescribeStreamSummary', { StreamName: stream });
      // As the API says; no answer when the server was killed.
      const summary = answer?.body['StreamDescriptionSummary'] as { StreamStatus: string } | undefined;
      return summary?.StreamStatus !== 'UPDATING';
    },
    { what: 'the interrupted reshard is finished', withinMs: 60_000 },
  );
}

function nextReshard(
  shards: readonly ShardDescription[],
  random: () => number,
): { readonly operation: string; readonly input: object } {
  const open = shards.filter(isOpen).toSorted((a, b) => (startOf(a) < startOf(b) ? -1 : 1));
  const place = Math.floor(random() * open.length);
  const [one, other] = [open[place], open[place + 1]];
  const roll = random();
  if (roll < 0.4 && one !== undefined && open.length < OPEN_SHARDS_MAX) {
    const middle = (startOf(one) + BigInt(one.HashKeyRange.EndingHashKey)) / 2n;
    return {
      operation: 'SplitShard',
      input: { ShardToSplit: one.ShardId, NewStartingHashKey: String(middle) },
    };
  }
  if (roll < 0.75 && one !== undefined && other !== undefined) {
    const input = { ShardToMerge: one.ShardId, AdjacentShardToMerge: other.ShardId };
    return { operation: 'MergeShards', input };
  }
  const [least, most] = [Math.ceil(open.length / 2), Math.min(OPEN_SHARDS_MAX, open.length * 2)];
  const TargetShardCount = least + Math.floor(random() * (most - least + 1));
  return { operation: 'UpdateShardCount', input: { TargetShardCount, ScalingType: 'UNIFORM_SCALING' } };
}

function startOf({ HashKeyRange }: ShardDescription): bigint {
  return BigInt(HashKeyRange.StartingHashKey);
}
