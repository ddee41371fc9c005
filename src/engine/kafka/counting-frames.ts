import { decodeFrame, type DecodedFrame } from '../shared/envelope.ts';
import type { LogPlace } from '../shared/shared-log.ts';
import { ValidFrames } from '../shared/valid-frames.ts';
import { kafkaLimits } from './limits.ts';
import type { ProducerState, StoredRecord } from './record-batch.ts';

export interface StoredFrame {
  readonly frame: DecodedFrame;
  readonly producer: ProducerState;
  readonly sequence: number;
}

/** What a fetch at an offset has brought. */
export interface Fetched {
  /** The frames in their order, some at a time. */
  readonly groups: readonly StoredFrame[][];
  /** Where the next fetch begins. */
  readonly next: number;
  /** Of the frame after those, if it cannot be read: a FrameError. */
  readonly failure: unknown;
}

export async function decodeFetch(records: readonly StoredRecord[], at: number): Promise<Fetched> {
  const groups: StoredFrame[][] = [];
  const next = (records.at(-1)?.offset ?? at - 1) + 1;
  let frames: StoredFrame[] = [];
  for (const { offset, producer, sequence, value } of records) {
    try {
      frames.push({ frame: decodeFrame(value, offset), producer, sequence });
    } catch (failure) {
      if (frames.length > 0) groups.push(frames);
      return { groups, next, failure };
    }
    if (frames.length < kafkaLimits.framesDecodedMax) continue;
    groups.push(frames);
    frames = [];
    await new Promise((resolve) => setImmediate(resolve));
  }
  if (frames.length > 0) groups.push(frames);
  return { groups, next, failure: undefined };
}

/**
 * Decides which frames of the partition count: the valid ones, each once. A broker that has forgotten a producer stores
 * a repeated batch again; its sequence number shows it.
 */
export class CountingFrames {
  readonly #from: LogPlace;
  readonly #valid: ValidFrames;
  #last: StoredFrame | undefined;

  constructor(from: LogPlace) {
    this.#from = from;
    this.#valid = new ValidFrames(from);
  }

  /** Frames are given in order, with the one before the place if there is one: it may be repeated after it. */
  accept(stored: StoredFrame): boolean {
    const { frame } = stored;
    const { position } = this.#from;
    if (frame.position < position) {
      this.#last = stored;
      return false;
    }
    if (!this.#valid.accept(frame, frame.position === position) || this.#isRepeat(stored)) return false;
    this.#last = stored;
    return true;
  }

  #isRepeat({ producer, sequence }: StoredFrame): boolean {
    const last = this.#last;
    if (last === undefined || last.producer.id !== producer.id || last.producer.epoch !== producer.epoch) {
      return false;
    }
    return !isAfter(sequence, last.sequence);
  }
}

/** Sequence numbers have 31 bits and begin again after the largest. */
const HALF = 2 ** 30;

function isAfter(sequence: number, other: number): boolean {
  const ahead = (sequence - other) & 0x7f_ff_ff_ff;
  return ahead > 0 && ahead < HALF;
}
