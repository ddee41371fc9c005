import { kinesisLimits } from '../limits.ts';
import type { Clock } from '../../../support/clock.ts';
import type { Log } from '../../../support/log.ts';
import type { Stream } from './stream.ts';

/** Completes pending work that is in the catalog (a reshard, a deletion): when it is due, or after a restart. */
export class Lifecycle {
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #finish: (stream: Stream) => Promise<void>;
  readonly #scheduled = new Map<Stream, () => void>();
  readonly #running = new Set<Promise<void>>();
  #closed = false;

  constructor(clock: Clock, log: Log, finish: (stream: Stream) => Promise<void>) {
    this.#clock = clock;
    this.#log = log;
    this.#finish = finish;
  }

  /** Resolves at once if the work is due later; otherwise when it is done. Rejects with what prevented it. */
  async start(stream: Stream): Promise<void> {
    const { pending, status } = stream.row;
    if (pending === undefined || (status !== 'DELETING' && pending.reshard === undefined)) return;
    const delayMs = pending.dueMs - this.#clock.now();
    if (delayMs > 0) this.#schedule(stream, delayMs);
    else await this.#run(stream);
  }

  #schedule(stream: Stream, delayMs: number): void {
    if (this.#closed) return;
    const cancel = this.#clock.schedule(delayMs, () => {
      this.#scheduled.delete(stream);
      this.#run(stream).catch((error: unknown) => {
        this.#log.error(
          { err: error, stream: stream.name },
          'a change of a stream failed and will be tried again',
        );
      });
    });
    this.#scheduled.set(stream, cancel);
  }

  /** Retries failures (a full disk) until it succeeds, because the catalog has promised the change. */
  async #run(stream: Stream): Promise<void> {
    const work = this.#finish(stream);
    const settled = work.catch(() => this.#schedule(stream, kinesisLimits.lifecycleRetryMs));
    this.#running.add(settled);
    await settled;
    this.#running.delete(settled);
    await work;
  }

  async close(): Promise<void> {
    this.#closed = true;
    for (const cancel of this.#scheduled.values()) cancel();
    this.#scheduled.clear();
    await Promise.all(this.#running);
  }
}
