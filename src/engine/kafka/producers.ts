import { decodeFrame } from '../shared/envelope.ts';
import type { LogPlace } from '../shared/shared-log.ts';
import { kafkaLimits } from './limits.ts';
import type { Partition } from './partition.ts';
import type { ProducerState, StoredRecord } from './record-batch.ts';

/** An epoch is an INT16. */
export const EPOCH_MAX = 32_767;

const LANE = 'look-back';
const SEQUENCE_MAX = 0x7f_ff_ff_ff;

/** Sequence numbers start at 0 in each epoch, and again after the largest. */
export function nextSequence(sequence: number): number {
  return sequence === SEQUENCE_MAX ? 0 : sequence + 1;
}

/** As which producer the owner of each term wrote: the next one continues with its id, and an epoch above. */
export class Producers {
  readonly #partition: Partition;
  #newest: { readonly term: number; readonly producer: ProducerState } | undefined;

  constructor(partition: Partition) {
    this.#partition = partition;
  }

  /** A valid frame of the term was written by this producer. */
  note(term: number, producer: ProducerState): void {
    if (this.#newest === undefined || term >= this.#newest.term) this.#newest = { term, producer };
  }

  /** The producer of the term that was seen; undefined if no frame near that place tells. */
  async of({ term, position }: LogPlace): Promise<ProducerState | undefined> {
    if (this.#newest?.term === term) return this.#newest.producer;
    const { first, next } = await this.#partition.bounds();
    const end = Math.min(next, position + 1);
    let found: ProducerState | undefined;
    try {
      for (let at = Math.max(first, position - kafkaLimits.lookBackFramesMax); at < end;) {
        const records: StoredRecord[] = await this.#partition.read(LANE, at, kafkaLimits.fetchWaitMs);
        for (const { offset, producer, value } of records) {
          if (offset < end && decodeFrame(value, offset).term === term) found = producer;
        }
        at = (records.at(-1)?.offset ?? at - 1) + 1;
      }
    } finally {
      this.#partition.closeLane(LANE);
    }
    return found;
  }

  /** The one that fences a producer: its next epoch, or a new producer if there is none. */
  async after(before: ProducerState | undefined): Promise<ProducerState> {
    if (before !== undefined && before.epoch < EPOCH_MAX) return { id: before.id, epoch: before.epoch + 1 };
    return { id: await this.#partition.newProducerId(), epoch: 0 };
  }
}
