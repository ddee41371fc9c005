import { sleep, type Clock } from '../support/clock.ts';
import type { Outlet } from './event-stream.ts';
import { consoleLimits } from './limits.ts';
import type { RecordRow } from './record-row.ts';

interface ShardPart {
  readonly rows: readonly RecordRow[];
  /** The sequence number of the last record that was read. */
  readonly last: string | undefined;
  readonly scanned: number;
  readonly bytes: number;
}

/** Collects the rows of all shards for a moment, and sends them together with what was read and skipped. */
export class TailOutput {
  readonly #clock: Clock;
  readonly #outlet: Outlet;
  readonly #isEndless: boolean;
  readonly #startedMs: number;
  #rows: RecordRow[] = [];
  #positions: Record<string, string> = {};
  #skipped: Record<string, number> = {};
  #scanned = 0;
  #matched = 0;
  #bytes = 0;
  #errors = 0;
  #isDirty = true;
  #wake = Promise.withResolvers<void>();
  #sent = Promise.withResolvers<void>();

  constructor(clock: Clock, outlet: Outlet, isEndless: boolean) {
    this.#clock = clock;
    this.#outlet = outlet;
    this.#isEndless = isEndless;
    this.#startedMs = clock.now();
  }

  /** Resolves when there is room for more. */
  async add(shardId: string, { rows, last, scanned, bytes }: ShardPart, signal: AbortSignal): Promise<void> {
    if (last === undefined) return;
    for (const row of rows) this.#rows.push(row);
    this.#positions[shardId] = last;
    this.#scanned += scanned;
    this.#matched += rows.length;
    this.#bytes += bytes;
    this.#changed();
    while (this.#rows.length >= consoleLimits.tailRowsMax && !signal.aborted) await this.#sent.promise;
  }

  skip(shardId: string, records: number): void {
    this.#skipped[shardId] = (this.#skipped[shardId] ?? 0) + records;
    this.#changed();
  }

  countError(): void {
    this.#errors++;
  }

  /** A search that goes on without a match costs the server as much as one with many. */
  get isOverBudget(): boolean {
    if (this.#isEndless) return false;
    return this.#limit !== undefined;
  }

  get #limit(): string | undefined {
    if (this.#matched >= consoleLimits.searchMatchesMax) return 'matches';
    if (this.#bytes >= consoleLimits.searchBytesMax) return 'bytes';
    return this.#clock.now() - this.#startedMs >= consoleLimits.searchMsMax ? 'time' : undefined;
  }

  #changed(): void {
    this.#isDirty = true;
    this.#wake.resolve();
  }

  async run(signal: AbortSignal): Promise<void> {
    const wake = (): void => {
      this.#wake.resolve();
      this.#sent.resolve();
    };
    signal.addEventListener('abort', wake, { once: true });
    while (!signal.aborted) {
      await sleep(this.#clock, consoleLimits.tailFlushMs, signal);
      await this.#flush();
      if (this.#isDirty) continue;
      await this.#wake.promise;
      this.#wake = Promise.withResolvers();
    }
  }

  /** Sends what is left, and why a search stopped. */
  async end(): Promise<void> {
    this.#isDirty = true;
    await this.#flush(this.#isEndless ? undefined : (this.#limit ?? 'end'));
  }

  async #flush(done?: string): Promise<void> {
    if (!this.#isDirty) return;
    this.#isDirty = false;
    const message = {
      // Tells apart the runs of a page that connects again: counts are those of one.
      startedMs: this.#startedMs,
      rows: this.#rows.sort((left, right) => left.time - right.time),
      positions: this.#positions,
      skipped: this.#skipped,
      scanned: this.#scanned,
      matched: this.#matched,
      bytes: this.#bytes,
      errors: this.#errors,
      elapsedMs: this.#clock.now() - this.#startedMs,
      ...(done !== undefined && { done }),
    };
    this.#rows = [];
    this.#positions = {};
    this.#skipped = {};
    await this.#outlet.send(message);
    this.#sent.resolve();
    this.#sent = Promise.withResolvers();
  }
}
