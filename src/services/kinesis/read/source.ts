import {
  type ShardReader,
  type ShardRecords,
  type StartingPosition,
  type StoredPosition,
  type StreamRecord,
  type StreamSource,
  type StreamView,
  UnknownShardError,
} from '../../../consumers/source.ts';
import { parseArn } from '../arn.ts';
import { consumerArn } from './consumers.ts';
import type { StreamContext } from './context.ts';
import { hashKeyToBigInt } from '../shards/hash-key.ts';
import { atTimestamp, latest, positionOf, sequenceNumberOf, trimHorizon } from './positions.ts';
import { eachRecord, readShard } from './read.ts';
import { consumerKey } from '../streams/rows.ts';
import { type Shard, shardIdOf, shardIndexOf } from '../shards/shard.ts';
import type { Stream } from '../streams/stream.ts';
import type { Streams } from '../streams/streams.ts';

/** The streams as event source mappings, list logs and deliveries see them. */
export function streamSource(
  context: StreamContext & { readonly streams: Pick<Streams, 'onChange'> },
): StreamSource {
  return {
    describe: (name) => describe(context, name),
    onChange: (listener) => context.streams.onChange(listener),
    async open(view, shardId, position) {
      const stream = context.streams.byId(view.incarnation);
      const shard = stream?.shard(shardIndexOf(shardId) ?? -1);
      if (stream === undefined || shard === undefined || stream.hasExpired(shard, context.clock.now())) {
        throw new UnknownShardError(`${shardId} of ${view.name} is gone`);
      }
      return new Reader(context, stream, shard, await startOf(context, stream, shard, position));
    },
  };
}

function describe(context: StreamContext, nameOrArn: string): StreamView | undefined {
  const { streams } = context;
  const arn = parseArn(nameOrArn);
  const stream = streams.get(arn?.streamName ?? nameOrArn);
  if (stream === undefined || streams.status(stream) === 'DELETING') return undefined;
  if (arn?.consumer !== undefined) {
    const consumer = streams.tables.consumers.get(consumerKey(stream.id, arn.consumer.name));
    const isThere = consumer !== undefined && consumer.status !== 'DELETING';
    if (!isThere || consumerArn(stream, consumer) !== nameOrArn) return undefined;
  } else if (arn !== undefined && stream.arn !== nameOrArn) return undefined;
  const nowMs = context.clock.now();
  return {
    name: stream.name,
    arn: stream.arn,
    incarnation: stream.id,
    shards: [...stream.shards]
      .filter((shard) => !stream.hasExpired(shard, nowMs))
      .map((shard) => ({
        shardId: shard.id,
        parentShardIds: shard.row.parents.map(shardIdOf),
        closed: shard.closed !== undefined,
        startingHashKey: hashKeyToBigInt(shard.startHash),
        endingHashKey: hashKeyToBigInt(shard.endHash),
      })),
  };
}

async function startOf(
  context: StreamContext,
  stream: Stream,
  shard: Shard,
  position: StartingPosition,
): Promise<number> {
  switch (position.type) {
    case 'TRIM_HORIZON':
      return await trimHorizon(context, stream, shard);
    case 'LATEST':
      return latest(context, shard);
    case 'AT_TIMESTAMP':
      return await atTimestamp(context, shard, position.timestampMs);
    case 'AT_SEQUENCE_NUMBER':
    case 'AFTER_SEQUENCE_NUMBER': {
      const number = sequenceNumberOf(shard, position.sequenceNumber);
      if ('fault' in number) throw new UnknownShardError(`${position.sequenceNumber} is not of ${shard.id}`);
      return positionOf(context, shard, number, position.type === 'AT_SEQUENCE_NUMBER' ? 'at' : 'after');
    }
  }
}

class Reader implements ShardReader {
  readonly #context: StreamContext;
  readonly #stream: Stream;
  readonly #opened: Shard;
  #next: number;

  constructor(context: StreamContext, stream: Stream, shard: Shard, start: number) {
    this.#context = context;
    this.#stream = stream;
    this.#opened = shard;
    this.#next = start;
  }

  /** The current state: a reshard may have closed the shard. */
  #shard(): Shard {
    const shard = this.#stream.gone ? undefined : this.#stream.shard(this.#opened.index);
    if (shard === undefined) throw new UnknownShardError(`${this.#opened.id} is gone`);
    return shard;
  }

  position(): StoredPosition {
    return { type: 'AT_SEQUENCE_NUMBER', sequenceNumber: this.#opened.sequenceNumber(this.#next, 0) };
  }

  async read(limits: { readonly maxRecords: number; readonly maxBytes: number }): Promise<ShardRecords> {
    const shard = this.#shard();
    const read = await readShard(this.#context, this.#stream, shard, this.#next, limits);
    const records: StreamRecord[] = [];
    for (const batch of read.batches) {
      const { arrivalMs } = batch;
      eachRecord(this.#context, this.#stream, shard, batch, (record, sequenceNumber) => {
        records.push({ ...record, sequenceNumber, arrivalMs });
      });
    }
    this.#next = read.nextPosition;
    return { records, millisBehindLatest: read.millisBehindLatest, ended: read.ended };
  }

  async wait(signal: AbortSignal): Promise<void> {
    const shard = this.#shard();
    if (shard.closed !== undefined) return;
    const { engine } = this.#context;
    await engine.waitFor(shard.log, this.#next, signal);
    const { sealed, nextIndex } = engine.bounds(shard.log);
    // Sealed by a reshard that is not committed yet: the shard has ended only once it is.
    if (sealed && nextIndex <= this.#next) await this.#stream.whenSettled(signal);
  }
}
