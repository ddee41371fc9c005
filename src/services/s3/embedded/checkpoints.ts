import { limits } from '../../../limits.ts';
import type { Clock } from '../../../support/clock.ts';
import { KeyedLock } from '../../../support/keyed-lock.ts';
import type { Log } from '../../../support/log.ts';
import { flush } from './apply.ts';
import type { Files } from './files.ts';
import type { Journal } from './journal.ts';

/**
 * Lets the journal forget: when it is long, or some seconds after a change, all files that its changes touched are
 * flushed, and it begins anew. Changes wait only while it turns over, not while files are flushed.
 */
export class Checkpoints {
  readonly #journal: Journal;
  readonly #files: Files;
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #finish: () => Promise<void>;
  readonly #lock = new KeyedLock();
  #touched = new Set<string>();
  #cancel: (() => void) | undefined;
  #running: Promise<void> | undefined;

  /** `finish` shows what is durable and not shown; the journal is kept as long as it fails. */
  constructor(journal: Journal, files: Files, clock: Clock, log: Log, finish: () => Promise<void>) {
    this.#journal = journal;
    this.#files = files;
    this.#clock = clock;
    this.#log = log;
    this.#finish = finish;
  }

  /** Runs a change from its entry in the journal to its files, with no checkpoint in between. */
  async during(change: (touched: Set<string>) => Promise<void>): Promise<void> {
    await this.#lock.shared('turn', () => change(this.#touched));
    if (this.#journal.lengthBytes > limits.objectJournalBytesMax) this.#start();
    else this.#cancel ??= this.#clock.schedule(limits.objectCheckpointDelayMs, () => this.#start());
  }

  /** Resolves when no change made before is in the journal alone. Throws when files could not be flushed. */
  async now(): Promise<void> {
    // One that is under way may have begun too early.
    await this.#running?.catch(() => undefined);
    await this.#begin();
  }

  async close(): Promise<void> {
    this.#cancel?.();
    await this.#running?.catch(() => undefined);
    if (this.#touched.size > 0) await this.#run().catch((error: unknown) => this.#tell(error));
  }

  #start(): void {
    this.#cancel?.();
    this.#cancel = undefined;
    this.#begin().catch((error: unknown) => this.#tell(error));
  }

  #begin(): Promise<void> {
    return (this.#running ??= this.#run().finally(() => (this.#running = undefined)));
  }

  #tell(error: unknown): void {
    this.#log.error({ err: error }, 'the files of objects could not be flushed; their journal is kept');
  }

  async #run(): Promise<void> {
    let touched = new Set<string>();
    try {
      await this.#finish();
      const forget = await this.#lock.exclusive('turn', async () => {
        const forget = await this.#journal.rotate();
        touched = this.#touched;
        this.#touched = new Set();
        return forget;
      });
      await flush(this.#files, touched);
      await forget();
    } catch (error) {
      for (const path of touched) this.#touched.add(path);
      throw error;
    }
  }
}
