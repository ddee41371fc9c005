import type { EventSourceMappingConfiguration } from '@aws-sdk/client-lambda';
import type { Log } from '../../../support/log.ts';
import { configuration, type MappingRow, type MappingState } from './mapping-row.ts';

export interface MappingLifecycleDependencies {
  /** Begins the work of an enabled mapping; `report` is told its results. */
  begin(row: MappingRow, report: (result: string) => Promise<void>): { close(): Promise<void> };
  /** Removes all that is kept of a deleted mapping. */
  forget(row: MappingRow): Promise<void>;
  /** Keeps the last result, so that it is there after a restart. */
  keepResult(row: MappingRow, result: string): Promise<void>;
  readonly log: Log;
}

/**
 * A mapping in memory: what is stored of it, and what runs. After each change what runs is brought in line, one
 * change after the other; meanwhile the mapping is in that change's state (Creating, Updating, ...).
 */
export class MappingLifecycle {
  readonly #dependencies: MappingLifecycleDependencies;
  #row: MappingRow;
  #result: string;
  #transition: MappingState | undefined;
  #live: { close(): Promise<void> } | undefined;
  #settling: Promise<void> = Promise.resolve();
  #closed = false;

  constructor(row: MappingRow, result: string, dependencies: MappingLifecycleDependencies) {
    this.#row = row;
    this.#result = result;
    this.#dependencies = dependencies;
  }

  get row(): MappingRow {
    return this.#row;
  }

  get state(): MappingState {
    return this.#transition ?? (this.#row.enabled ? 'Enabled' : 'Disabled');
  }

  describe(): EventSourceMappingConfiguration {
    return configuration(this.#row, this.state, this.#result);
  }

  /** Takes over what has been stored. */
  apply(row: MappingRow, transition: MappingState): void {
    this.#row = row;
    this.#transition = transition;
    this.#settling = this.#settling.then(() => this.#settle(row));
  }

  /** Waits for the invocations under way. */
  async close(): Promise<void> {
    this.#closed = true;
    await Promise.all([this.#live?.close(), this.#settling]);
    await this.#live?.close();
  }

  async #settle(row: MappingRow): Promise<void> {
    try {
      await this.#live?.close();
      this.#live = undefined;
      if (this.#closed) return;
      if (row.deleting) await this.#dependencies.forget(row);
      else if (row.enabled) this.#live = this.#dependencies.begin(row, (result) => this.#report(result));
    } catch (error) {
      // What is stored is right; what runs is brought in line with it by the next change or start.
      this.#dependencies.log.error(
        { mapping: row.uuid, err: error },
        'an event source mapping could not be changed',
      );
    }
    if (this.#row === row) this.#transition = undefined;
  }

  async #report(result: string): Promise<void> {
    if (result === this.#result) return;
    this.#result = result;
    const { uuid, functionName, sourceArn } = this.#row;
    const facts = { mapping: uuid, function: functionName, source: sourceArn, result };
    this.#dependencies.log.info(facts, 'the result of an event source mapping has changed');
    await this.#dependencies.keepResult(this.#row, result);
  }
}
