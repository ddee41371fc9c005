import type { InspectedShard, SeenReader, StreamInspector } from '../../../consumers/stream-inspector.ts';
import type { Kinesis } from '../context.ts';
import { type Shard, shardIdOf, shardIndexOf } from '../shards/shard.ts';
import { hashKeyToBigInt } from '../shards/hash-key.ts';
import { trimHorizon, sequenceNumberOf } from './positions.ts';
import type { Stream } from '../streams/stream.ts';

/** The streams as the console shows them. */
export function streamInspector(kinesis: Kinesis): StreamInspector {
  const { streams, engine, clock } = kinesis;
  const shardOf = (name: string, shardId: string): { stream: Stream; shard: Shard } | undefined => {
    const stream = streams.get(name);
    const shard = stream?.shard(shardIndexOf(shardId) ?? -1);
    return stream === undefined || shard === undefined ? undefined : { stream, shard };
  };
  return {
    *names() {
      for (const { name } of streams.all()) yield name;
    },
    stream(name) {
      const stream = streams.get(name);
      if (stream === undefined) return undefined;
      const { row, arn, id, retentionMs } = stream;
      return {
        name,
        arn,
        incarnation: id,
        status: streams.status(stream),
        mode: row.mode,
        createdMs: row.createdMs,
        retentionMs,
        isEncrypted: row.encryptionKeyId !== undefined,
        openShards: stream.map.shards.length,
        get shards() {
          const nowMs = clock.now();
          const kept = [...stream.shards].filter((shard) => !stream.hasExpired(shard, nowMs));
          return kept.map((shard) => inspected(kinesis, shard));
        },
      };
    },
    async arrivalOf(name, shardId, index) {
      const found = shardOf(name, shardId);
      if (found === undefined || index >= engine.bounds(found.shard.log).nextIndex) return undefined;
      const [batch] = await engine.read(found.shard.log, index, { maxRecords: 1, maxBytes: 1 });
      return batch?.arrivalMs;
    },
    async oldestIndex(name, shardId) {
      const found = shardOf(name, shardId);
      return found && (await trimHorizon(kinesis, found.stream, found.shard));
    },
    indexOf(name, shardId, sequenceNumber) {
      const found = shardOf(name, shardId);
      if (found === undefined) return undefined;
      const number = sequenceNumberOf(found.shard, sequenceNumber);
      return 'fault' in number ? undefined : Number(number.ordinal) - 1;
    },
    sequenceNumberAt: (name, shardId, index) => shardOf(name, shardId)?.shard.sequenceNumber(index, 0),
    nextIndex(name, shardId) {
      const found = shardOf(name, shardId);
      return found && engine.bounds(found.shard.log).nextIndex;
    },
    readers(name) {
      const stream = streams.get(name);
      if (stream === undefined) return [];
      return [...kinesis.readers.of(stream), ...subscribed(kinesis, stream)];
    },
  };
}

function inspected({ engine }: Kinesis, shard: Shard): InspectedShard {
  const { nextIndex, lastArrivalMs } = engine.bounds(shard.log);
  return {
    shardId: shard.id,
    parentShardIds: shard.row.parents.map(shardIdOf),
    openedMs: shard.row.openedMs,
    closedMs: shard.closed?.atMs,
    startingHashKey: hashKeyToBigInt(shard.startHash).toString(),
    endingHashKey: hashKeyToBigInt(shard.endHash).toString(),
    nextIndex,
    lastArrivalMs,
  };
}

function subscribed({ subscriptions, clock }: Kinesis, stream: Stream): SeenReader[] {
  return subscriptions.of(stream).map(({ consumerName, shardId, position, openedMs }) => ({
    kind: 'registered',
    caller: consumerName,
    userAgent: '',
    shardId,
    nextIndex: position,
    lastSeenMs: clock.now(),
    records: 0,
    firstSeenMs: openedMs,
  }));
}
