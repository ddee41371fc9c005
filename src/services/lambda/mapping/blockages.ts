import { sleep, type Clock } from '../../../support/clock.ts';

/** What keeps a shard of a mapping from going on: a batch, or a window's final invocation, that fails again and again. */
export interface BlockageInfo {
  readonly shardId: string;
  /** Failed invocations since the last progress. */
  readonly failures: number;
  /** Why the last one failed, in the words of LastProcessingResult. */
  readonly reason: string;
  /** The records; 0 for a window's final invocation. */
  readonly records: number;
  readonly from?: string | undefined;
  readonly to?: string | undefined;
  /** The start of the window whose final invocation fails. */
  readonly window?: string;
}

/** One of them. It pauses between its attempts, and can be skipped meanwhile. */
export class Blockage {
  info: BlockageInfo;
  readonly #skip = new AbortController();
  readonly #settled = Promise.withResolvers<boolean>();

  constructor(info: BlockageInfo) {
    this.info = info;
  }

  get isSkipped(): boolean {
    return this.#skip.signal.aborted;
  }

  /** Waits before the next attempt; ends early when it is skipped or aborted. */
  async pause(clock: Clock, pauseMs: number, signal: AbortSignal): Promise<void> {
    await sleep(clock, pauseMs, AbortSignal.any([signal, this.#skip.signal]));
  }

  /** Resolves when it is over: whether it was skipped. */
  skip(): Promise<boolean> {
    this.#skip.abort();
    return this.#settled.promise;
  }

  settle(wasSkipped: boolean): void {
    this.#settled.resolve(wasSkipped);
  }
}

/** The blockages of a running mapping. */
export class Blockages {
  readonly #present = new Set<Blockage>();

  add(info: BlockageInfo): Blockage {
    const blockage = new Blockage(info);
    this.#present.add(blockage);
    return blockage;
  }

  /** It is over: skipped and so durably, or the function has succeeded, or the mapping stops. */
  remove(blockage: Blockage, wasSkipped: boolean): void {
    this.#present.delete(blockage);
    blockage.settle(wasSkipped);
  }

  list(): BlockageInfo[] {
    return Array.from(this.#present, ({ info }) => info);
  }

  /** Skips those of a shard, or all. Resolves with those that were skipped, once that is durable. */
  async skip(shardId: string | undefined): Promise<BlockageInfo[]> {
    const chosen = [...this.#present].filter(({ info }) => shardId === undefined || info.shardId === shardId);
    const skipped = await Promise.all(chosen.map((blockage) => blockage.skip()));
    return chosen.filter((_, index) => skipped[index]).map(({ info }) => info);
  }
}
