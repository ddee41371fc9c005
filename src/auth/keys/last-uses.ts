import type { Transaction } from '../../engine/catalog.ts';
import type { Engine } from '../../engine/engine.ts';
import type { DiskTable } from '../../engine/tables.ts';
import type { Clock } from '../../support/clock.ts';
import type { KeyUse } from '../identity.ts';
import { authLimits } from '../limits.ts';

export interface LastUse extends KeyUse {
  readonly usedMs: number;
}

/**
 * When access keys were last used. Uses wait in memory and are stored together, once in a while and when the server
 * stops: a crash loses the last minute of them.
 */
export class LastUses {
  readonly #engine: Engine;
  readonly #clock: Clock;
  readonly #table: DiskTable<LastUse>;
  #waiting = new Map<string, LastUse>();
  #savedMs = 0;
  #saving: Promise<void> | undefined;

  constructor(engine: Engine, clock: Clock) {
    this.#engine = engine;
    this.#clock = clock;
    this.#table = engine.tables.open('auth.accessKeyUses');
  }

  record(accessKeyId: string, { region, service }: KeyUse): void {
    const usedMs = this.#clock.now();
    const isKnown = this.#waiting.has(accessKeyId);
    if (!isKnown && this.#waiting.size >= authLimits.lastUsesWaitingMax) return;
    this.#waiting.set(accessKeyId, { usedMs, region, service });
    if (this.#saving === undefined && usedMs - this.#savedMs >= authLimits.lastUsesSavedMs) {
      // A use that cannot be stored stays unknown; the next one is stored again.
      this.save().catch(() => undefined);
    }
  }

  async find(accessKeyId: string): Promise<LastUse | undefined> {
    return this.#waiting.get(accessKeyId) ?? (await this.#table.get(accessKeyId));
  }

  delete(transaction: Transaction, accessKeyId: string): void {
    this.#waiting.delete(accessKeyId);
    transaction.delete(this.#table, accessKeyId);
  }

  /** Stores what waits. */
  async save(): Promise<void> {
    await this.#saving;
    if (this.#waiting.size === 0) return;
    this.#savedMs = this.#clock.now();
    const uses = [...this.#waiting];
    this.#saving = this.#engine.catalog.commit((transaction) => {
      for (const [accessKeyId, use] of uses) {
        // A key that was deleted in the meantime has none.
        if (this.#waiting.has(accessKeyId)) transaction.put(this.#table, accessKeyId, use);
      }
    });
    try {
      await this.#saving;
      for (const [accessKeyId, use] of uses) {
        if (this.#waiting.get(accessKeyId) === use) this.#waiting.delete(accessKeyId);
      }
    } finally {
      this.#saving = undefined;
    }
  }
}
