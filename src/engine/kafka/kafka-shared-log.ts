import { randomUUID } from 'node:crypto';
import { encodeFrame, type DecodedFrame } from '../shared/envelope.ts';
import { LogClosedError } from '../shared/retrying.ts';
import {
  DeposedError,
  TrimmedError,
  type AppendedKind,
  type LogPlace,
  type OwnerInfo,
  type SharedFrame,
  type SharedLog,
} from '../shared/shared-log.ts';
import type { KafkaClient } from './client.ts';
import { CountingFrames, decodeFetch, type Fetched, type StoredFrame } from './counting-frames.ts';
import { isFenced, KafkaSetupError } from './errors.ts';
import { kafkaLimits } from './limits.ts';
import type { Partition } from './partition.ts';
import { EPOCH_MAX, nextSequence, Producers } from './producers.ts';
import { encodeBatch, type Compression, type ProducerState } from './record-batch.ts';
import { ResponseMemory } from './response-memory.ts';
import type { TopicInfo } from './topic.ts';

/** Header and fields of a batch around a frame, at most. */
const BATCH_OVERHEAD_BYTES = 128;

const DEPOSED = 'another process owns the shared log';

/** What the owner needs to know to append. */
interface Ownership {
  readonly term: number;
  readonly producer: ProducerState;
  sequence: number;
  /** The offset that the next batch must get: no other process writes. */
  next: number;
}

/**
 * The shared log as one partition of Kafka: a frame is a record, its position the offset.
 *
 * The broker's fence: all owners write as the same producer, each with an epoch above the one before, and the broker
 * refuses the epochs below. It forgets producers that are silent for long (`producer.id.expiration.ms`, a day). Then
 * the fence in the content holds: a frame of an older term is void for every reader, and an owner whose batch is not
 * stored at the offset that follows its last one reads what is in between before it believes that it is the owner.
 */
export class KafkaSharedLog implements SharedLog {
  /** How durable an acknowledged frame is, and on how many machines. */
  readonly topic: TopicInfo;
  readonly #client: KafkaClient;
  readonly #partition: Partition;
  readonly #producers: Producers;
  readonly #compression: Compression;
  #owned: Ownership | undefined;
  /** Settles when the appends before have. */
  #appended: Promise<unknown> = Promise.resolve();
  #waiting = 0;
  #lanes = 0;

  constructor(client: KafkaClient, partition: Partition, topic: TopicInfo, compression: Compression) {
    this.topic = topic;
    this.#client = client;
    this.#partition = partition;
    this.#producers = new Producers(partition);
    this.#compression = compression;
  }

  async takeOver(owner: OwnerInfo, seen: LogPlace): Promise<LogPlace> {
    this.#owned = undefined;
    await this.#appended;
    await this.#requireComplete(seen);
    const term = seen.term + 1;
    for (let attempt = 1; ; attempt++) {
      const before = attempt === 1 ? await this.#producers.of(seen) : undefined;
      const producer = await this.#producers.after(before);
      const id = randomUUID();
      const frame = encodeFrame(term, { kind: 'takeover', owner, id });
      const batch = await encodeBatch(frame, producer, 0, 'none');
      let end: number;
      try {
        end = (await this.#partition.append(batch, () => undefined)) + 1;
      } catch (error) {
        if (!isFenced(error)) throw error;
        end = (await this.bounds()).next;
      }
      const newest = await this.#newestTakeover(seen, end);
      if (newest?.id === id) return await this.#own(newest, producer);
      if (newest !== undefined) throw new DeposedError(DEPOSED);
      // The broker refused the producer, although no other process took over: one of its own then.
      if (attempt === kafkaLimits.takeOverAttemptsMax) throw new DeposedError(DEPOSED);
    }
  }

  append(kind: AppendedKind, payload: readonly Uint8Array[]): Promise<number> {
    const owned = this.#owned;
    if (owned === undefined) return Promise.reject(new DeposedError(DEPOSED));
    if (this.#waiting >= kafkaLimits.appendsWaitingMax) {
      return Promise.reject(new Error('too many appends to the shared log wait'));
    }
    const frame = encodeFrame(owned.term, { kind, payload });
    const bytes = frame.reduce((sum, { length }) => sum + length, BATCH_OVERHEAD_BYTES);
    if (bytes > this.topic.batchBytesMax) {
      return Promise.reject(new RangeError(`a frame of ${bytes} bytes is too large for the Kafka topic`));
    }
    // Encoded while the frames before it are under way.
    const { sequence } = owned;
    owned.sequence = nextSequence(sequence);
    const encoding = encodeBatch(frame, owned.producer, sequence, this.#compression);
    encoding.catch(() => undefined);
    this.#waiting++;
    const appending = this.#appended.then(async () => this.#send(owned, sequence, await encoding));
    this.#appended = appending.then(
      () => this.#waiting--,
      () => this.#waiting--,
    );
    return appending;
  }

  async *follow(from: LogPlace, signal: AbortSignal): AsyncGenerator<readonly SharedFrame[]> {
    const ended = new AbortController();
    const stop = AbortSignal.any([signal, this.#client.closing, ended.signal]);
    const counting = new CountingFrames(from);
    try {
      for await (const found of this.#readAround(from, stop)) {
        if (stop.aborted) return;
        const counted = found.filter((stored) => counting.accept(stored));
        for (const { frame, producer } of counted) this.#producers.note(frame.term, producer);
        if (counted.length > 0) yield counted.map(({ frame }) => frame);
      }
    } catch (error) {
      if (!(error instanceof LogClosedError)) throw error;
    } finally {
      ended.abort();
    }
  }

  async bounds(): Promise<{ readonly first: number; readonly next: number }> {
    return await this.#partition.bounds();
  }

  /** Keeps some frames at the end: they tell the next owner which producer wrote them. */
  async trim(before: number): Promise<void> {
    const { first, next } = await this.bounds();
    const kept = Math.min(before, next - kafkaLimits.lookBackFramesMax);
    if (kept > first) await this.#partition.trim(kept);
  }

  async close(): Promise<void> {
    await this.#client.close();
    this.#owned = undefined;
    await this.#appended;
  }

  async #send(owned: Ownership, sequence: number, batch: readonly Uint8Array[]): Promise<number> {
    const requireOwner = (): void => {
      if (this.#owned !== owned && !this.#client.closing.aborted) throw new DeposedError(DEPOSED);
    };
    try {
      requireOwner();
      const stored = await this.#partition.append(batch, requireOwner);
      const position = stored === owned.next ? stored : await this.#countingPosition(owned, sequence, stored);
      owned.next = stored + 1;
      return position;
    } catch (error) {
      if (!isFenced(error) && !(error instanceof DeposedError)) throw error;
      if (this.#owned === owned) this.#owned = undefined;
      throw new DeposedError(DEPOSED, { cause: error });
    }
  }

  async #own(takeover: LogPlace, producer: ProducerState): Promise<LogPlace> {
    const { term, position } = takeover;
    this.#producers.note(term, producer);
    // The last epoch of a producer only fences the ones before: the owner writes as a new producer.
    const isLast = producer.epoch === EPOCH_MAX;
    const writer = isLast ? await this.#producers.after(undefined) : producer;
    this.#owned = { term, producer: writer, sequence: isLast ? 0 : 1, next: position + 1 };
    return { term, position };
  }

  /**
   * The position at which a batch counts that was not stored where it was expected. What is in between was written by
   * deposed owners, who learn it from that; or it is the batch itself, stored twice; or another process has taken over.
   */
  async #countingPosition(owned: Ownership, sequence: number, stored: number): Promise<number> {
    const { term, producer, next } = owned;
    // Stored long ago: not by this owner then.
    if (stored < next) throw new DeposedError(DEPOSED);
    let position = stored;
    for await (const { frame, ...writer } of this.#between(next, stored)) {
      if (frame.kind === 'takeover' && frame.term > term) throw new DeposedError(DEPOSED);
      const isOwn = writer.producer.id === producer.id && writer.producer.epoch === producer.epoch;
      if (isOwn && writer.sequence === sequence) position = Math.min(position, frame.position);
    }
    return position;
  }

  /** The last valid takeover before `end` of a term after the one that was seen. */
  async #newestTakeover(seen: LogPlace, end: number): Promise<DecodedFrame | undefined> {
    const counting = new CountingFrames(seen);
    let newest: DecodedFrame | undefined;
    for await (const stored of this.#between(seen.position, end)) {
      const { frame } = stored;
      const counts = counting.accept(stored);
      if (counts && frame.kind === 'takeover' && frame.term > seen.term) newest = frame;
    }
    return newest;
  }

  /** All frames from a position on that are before `end`, which must exist. */
  async *#between(from: number, end: number): AsyncGenerator<StoredFrame> {
    if (from >= end) return;
    const ended = new AbortController();
    try {
      for await (const found of this.#read(from, ended.signal)) {
        for (const stored of found) {
          if (stored.frame.position >= end) return;
          yield stored;
          if (stored.frame.position === end - 1) return;
        }
      }
    } finally {
      ended.abort();
    }
  }

  /** A frame before the place is read as well, if it is there: its batch may have been stored again after it. */
  async *#readAround({ position }: LogPlace, signal: AbortSignal): AsyncGenerator<StoredFrame[]> {
    const { first } = await this.#partition.bounds(signal);
    if (position > first) {
      try {
        yield* this.#read(position - 1, signal);
        return;
      } catch (error) {
        // Only that frame was trimmed meanwhile.
        if (!(error instanceof TrimmedError) || error.first > position) throw error;
      }
    }
    yield* this.#read(position, signal);
  }

  /** All frames from an offset on, void ones too. While one fetch is consumed, the next is under way. */
  async *#read(from: number, signal: AbortSignal): AsyncGenerator<StoredFrame[]> {
    const lane = `read-${this.#lanes++}`;
    const cut = (): void => this.#partition.closeLane(lane);
    signal.addEventListener('abort', cut, { once: true });
    // In turns: what the next fetch brings must not overwrite what is being consumed.
    const [present, next] = [new ResponseMemory(), new ResponseMemory()];
    const read = async (at: number, memory: ResponseMemory): Promise<Fetched> =>
      // Decoded when it arrives: those before it are being written then.
      await decodeFetch(
        await this.#partition.read(lane, at, kafkaLimits.fetchWaitMs, { signal, memory }),
        at,
      );
    try {
      let reading = read(from, present);
      for (let [at, turn] = [from, 1]; ; turn++) {
        const { groups, next: after, failure } = await reading;
        at = after;
        reading = read(at, turn % 2 === 0 ? present : next);
        // Awaited in the next round, if there is one.
        reading.catch(() => undefined);
        yield* groups;
        if (failure !== undefined) throw failure;
      }
    } finally {
      signal.removeEventListener('abort', cut);
      cut();
    }
  }

  /** A log that ends before what this process has read is another one. */
  async #requireComplete(seen: LogPlace): Promise<void> {
    for (let attempt = 1; ; attempt++) {
      const { next } = await this.bounds();
      if (next >= seen.position) return;
      if (attempt === kafkaLimits.completeAttemptsMax) {
        throw new KafkaSetupError(
          `the shared log ends at position ${next}, but this nagare has read position ${seen.position}: was the Kafka topic deleted and created again?`,
        );
      }
      await this.#client.pause();
    }
  }
}
