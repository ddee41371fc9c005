import type { KafkaClient } from './client.ts';
import { TrimmedError } from '../shared/shared-log.ts';
import { isRefused, KafkaError, kafkaErrors, requireSuccess } from './errors.ts';
import { kafkaLimits } from './limits.ts';
import { deleteRecords } from './messages/delete-records.ts';
import { fetchRecords } from './messages/fetch.ts';
import { initProducerId } from './messages/init-producer-id.ts';
import { listOffsets } from './messages/list-offsets.ts';
import { produce } from './messages/produce.ts';
import { readBatches, type StoredRecord } from './record-batch.ts';
import type { ResponseMemory } from './response-memory.ts';
import { WireError } from './wire-reader.ts';

const APPEND_LANE = 'append';
const ADMIN_LANE = 'admin';

/** The requests to the one partition of the log, each repeated until it is answered. */
export class Partition {
  readonly #client: KafkaClient;
  readonly #topic: string;

  constructor(client: KafkaClient, topic: string) {
    this.#client = client;
    this.#topic = topic;
  }

  /**
   * Stores a batch and returns its offset. Rejects with KafkaError if the broker refuses it for good. `requireWanted` is
   * called before each attempt; what it throws ends them.
   */
  async append(batch: readonly Uint8Array[], requireWanted: () => void): Promise<number> {
    const request = { topic: this.#topic, batch, timeoutMs: kafkaLimits.produceMs };
    let unwanted = false;
    return await this.#client.retry(
      async () => {
        unwanted = true;
        requireWanted();
        unwanted = false;
        const { errorCode, baseOffset } = await this.#client.callLeader(APPEND_LANE, produce, request);
        requireSuccess(errorCode, `Kafka topic ${this.#topic}`);
        return baseOffset;
      },
      (error) => unwanted || isRefused(error),
    );
  }

  /**
   * The records from an offset on that one fetch finds; none if there is nothing new for a while. Their values may be in
   * `memory`. Rejects with TrimmedError.
   */
  async read(
    lane: string,
    from: number,
    waitMs: number,
    { signal, memory }: { readonly signal?: AbortSignal; readonly memory?: ResponseMemory } = {},
  ): Promise<StoredRecord[]> {
    const bytesMax = kafkaLimits.fetchBytes;
    const request = { topic: this.#topic, offset: from, bytesMax, waitMs, ...(memory && { memory }) };
    return await this.#client.retry(
      async () => {
        const answerMs = kafkaLimits.answerMs + waitMs;
        const answer = await this.#client.callLeader(lane, fetchRecords, request, answerMs);
        if (answer.errorCode === kafkaErrors.offsetOutOfRange) await this.#requireKept(from);
        requireSuccess(answer.errorCode, `Kafka topic ${this.#topic}`);
        return await readBatches(answer.records, from);
      },
      (error) => error instanceof TrimmedError || error instanceof WireError,
      signal,
    );
  }

  async bounds(signal?: AbortSignal): Promise<{ readonly first: number; readonly next: number }> {
    return await this.#client.retry(
      () => this.#bounds(),
      () => false,
      signal,
    );
  }

  async trim(before: number): Promise<void> {
    const timeoutMs = kafkaLimits.produceMs;
    const request = { topic: this.#topic, before, timeoutMs };
    await this.#client.retry(
      async () => {
        const { errorCode } = await this.#client.callLeader(ADMIN_LANE, deleteRecords, request);
        requireSuccess(errorCode, `removing records of Kafka topic ${this.#topic}`);
      },
      (error) => error instanceof KafkaError && !error.isRetriable,
    );
  }

  /** A cluster that has just started answers that its coordinator is still loading. */
  async newProducerId(): Promise<bigint> {
    return await this.#client.retry(
      async () => {
        const { errorCode, producerId } = await this.#client.callController(initProducerId, undefined);
        requireSuccess(errorCode, 'getting a producer id of Kafka');
        return producerId;
      },
      () => false,
    );
  }

  closeLane(lane: string): void {
    this.#client.closeLane(lane);
  }

  async #bounds(): Promise<{ readonly first: number; readonly next: number }> {
    const [first, next] = await Promise.all(
      (['earliest', 'latest'] as const).map(async (which) => {
        const topic = this.#topic;
        const { errorCode, offset } = await this.#client.callLeader(ADMIN_LANE, listOffsets, {
          topic,
          which,
        });
        requireSuccess(errorCode, `Kafka topic ${topic}`);
        return offset;
      }),
    );
    return { first: first ?? 0, next: next ?? 0 };
  }

  /** A new leader may not know for a moment that the newest records are everywhere; then the read is repeated. */
  async #requireKept(position: number): Promise<void> {
    const { first } = await this.#bounds();
    if (position < first) throw new TrimmedError(first);
  }
}
