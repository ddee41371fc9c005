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
import type { Clock } from '../../../support/clock.ts';
import type { PutLog } from './put-log.ts';
import { indexOf, sequenceNumber, sequencePrefix } from './record-id.ts';

/** The only shard: direct puts of a delivery stream have one order. */
export const ONLY_SHARD = 'shardId-000000000000';

/** A delivery stream with a log of direct puts. */
export interface PutStream {
  readonly id: string;
  readonly name: string;
  readonly arn: string;
  readonly createdMs: number;
  readonly log: PutLog;
}

/** Direct puts in the form that deliveries read: each delivery stream is a stream with one shard. */
export class PutSource implements StreamSource {
  readonly #find: (name: string) => PutStream | undefined;
  readonly #clock: Clock;

  constructor(find: (name: string) => PutStream | undefined, clock: Clock) {
    this.#find = find;
    this.#clock = clock;
  }

  describe(nameOrArn: string): StreamView | undefined {
    const stream = this.#find(nameOrArn.slice(nameOrArn.lastIndexOf('/') + 1));
    if (stream === undefined) return undefined;
    const shard = {
      shardId: ONLY_SHARD,
      parentShardIds: [],
      closed: false,
      startingHashKey: 0n,
      endingHashKey: 2n ** 128n - 1n,
    };
    return { name: stream.name, arn: stream.arn, incarnation: stream.id, shards: [shard] };
  }

  open(view: StreamView, shardId: string, position: StartingPosition): Promise<ShardReader> {
    const stream = this.#find(view.name);
    if (stream?.id !== view.incarnation || shardId !== ONLY_SHARD) {
      return Promise.reject(new UnknownShardError(`${shardId} of ${view.name} is gone`));
    }
    return startOf(stream, position).then((start) => new PutReader(stream, start, this.#clock));
  }

  /** A delivery stream always has one shard, and its deliveries end before it is deleted. */
  onChange(): () => void {
    return () => {};
  }
}

async function startOf({ log, createdMs }: PutStream, position: StartingPosition): Promise<number> {
  const { firstIndex, nextIndex } = log.bounds;
  switch (position.type) {
    case 'TRIM_HORIZON':
      return firstIndex;
    case 'LATEST':
      return nextIndex;
    case 'AT_TIMESTAMP':
      return await log.locate(position.timestampMs);
    case 'AT_SEQUENCE_NUMBER':
    case 'AFTER_SEQUENCE_NUMBER': {
      const index = indexOf(sequencePrefix(createdMs), position.sequenceNumber);
      if (index === undefined)
        throw new UnknownShardError(`${position.sequenceNumber} is not a sequence number of this log`);
      return Math.max(firstIndex, position.type === 'AT_SEQUENCE_NUMBER' ? index : index + 1);
    }
  }
}

class PutReader implements ShardReader {
  readonly #stream: PutStream;
  readonly #prefix: string;
  readonly #clock: Clock;
  #next: number;

  constructor(stream: PutStream, start: number, clock: Clock) {
    this.#stream = stream;
    this.#prefix = sequencePrefix(stream.createdMs);
    this.#next = start;
    this.#clock = clock;
  }

  position(): StoredPosition {
    return { type: 'AT_SEQUENCE_NUMBER', sequenceNumber: sequenceNumber(this.#prefix, this.#next) };
  }

  async read(limits: { readonly maxRecords: number; readonly maxBytes: number }): Promise<ShardRecords> {
    const { log } = this.#stream;
    const batches = await log.read(this.#next, limits);
    const records: StreamRecord[] = [];
    for (const batch of batches) {
      const { arrivalMs } = batch;
      log.eachRecord(batch, (index, data) => {
        const number = sequenceNumber(this.#prefix, index);
        records.push({
          sequenceNumber: number,
          partitionKey: '',
          explicitHashKey: undefined,
          data,
          arrivalMs,
        });
      });
    }
    const last = batches.at(-1);
    if (last !== undefined) this.#next = last.firstIndex + last.count;
    const isBehind = last !== undefined && this.#next < log.bounds.nextIndex;
    const millisBehindLatest = isBehind ? Math.max(1, this.#clock.now() - last.arrivalMs) : 0;
    return { records, millisBehindLatest, ended: false };
  }

  wait(signal: AbortSignal): Promise<void> {
    return this.#stream.log.waitFor(this.#next, signal);
  }
}
