import type { EventSourceMappingConfiguration } from '@aws-sdk/client-lambda';
import type { Log } from '../../../support/log.ts';
import { configuration, type MappingRow, type MappingState } from './mapping-row.ts';

export interface MappingLifecycleDependencies {
  /** Starts an enabled mapping; calls `report` with its results. */
  begin(row: MappingRow, report: (result: string) => Promise<void>): { close(): Promise<void> };
  /** Deletes the stored state of a deleted mapping. */
  forget(row: MappingRow): Promise<void>;
  /** Stores the last result, so that it survives a restart. */
  keepResult(row: MappingRow, result: string): Promise<void>;
  readonly log: Log;
}

/**
 * A mapping in memory: its row and its running poller. After each change the poller is updated to match the row, one
 * change at a time; meanwhile the mapping is in a transitional state (Creating, Updating, ...).
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

  /** Applies a row that has been stored. */
  apply(row: MappingRow, transition: MappingState): void {
    this.#row = row;
    this.#transition = transition;
    this.#settling = this.#settling.then(() => this.#settle(row));
  }

  /** Waits for invocations in progress. */
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
      // The row is right; the next change or start brings the poller in line with it.
      this.#dependencies.log.error(
        { mapping: row.uuid, err: error },
        'could not apply a change of an event source mapping',
      );
    }
    if (this.#row === row) this.#transition = undefined;
  }

  async #report(result: string): Promise<void> {
    if (result === this.#result) return;
    this.#result = result;
    const { uuid, functionName, sourceArn } = this.#row;
    const info = { mapping: uuid, function: functionName, source: sourceArn, result };
    this.#dependencies.log.info(info, 'event source mapping result changed');
    await this.#dependencies.keepResult(this.#row, result);
  }
}
