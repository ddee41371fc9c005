import type { EventSourceMappingConfiguration } from '@aws-sdk/client-lambda';
import type { Log } from '../../../support/log.ts';
import type { Blockages } from './blockages.ts';
import { configuration, type MappingRow, type MappingState } from './mapping-row.ts';

export interface MappingLifecycleDependencies {
  /** Starts an enabled mapping; calls `report` with its results. */
  begin(row: MappingRow, report: (result: string) => Promise<void>): RunningMapping;
  /** Deletes the stored state of a deleted mapping. */
  forget(row: MappingRow): Promise<void>;
  /** Stores the last result, so that it survives a restart. */
  keepResult(row: MappingRow, result: string): Promise<void>;
  readonly log: Log;
}

export interface RunningMapping {
  /** What fails now. */
  readonly blockages: Blockages;
  close(): Promise<void>;
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
  #live: RunningMapping | undefined;
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

  /** Shows a stored change that does not concern its poller. */
  describeAs(row: MappingRow): void {
    this.#row = row;
  }

  /** Applies a row that has been stored. */
  apply(row: MappingRow, transition: MappingState): void {
    this.#row = row;
    this.#transition = transition;
    this.#settling = this.#settling.then(() => this.#settle(row));
  }

  /** What keeps its shards from going on. */
  get blockages(): Blockages | undefined {
    return this.#live?.blockages;
  }

  /** Stops the mapping, after invocations in progress, while `work` runs. Rejects when `work` does. */
  async whileStopped(work: () => Promise<void>): Promise<void> {
    const row = this.#row;
    this.#transition = 'Updating';
    const settled = this.#settling;
    const stopAndWork = async (): Promise<void> => {
      await settled;
      await this.#stop();
      await work();
    };
    const worked = stopAndWork();
    // It goes on with the current row, whether or not the work has succeeded.
    this.#settling = worked.catch(() => {}).then(() => this.#settle(row));
    await worked;
  }

  /** Waits for invocations in progress. */
  async close(): Promise<void> {
    this.#closed = true;
    await Promise.all([this.#live?.close(), this.#settling]);
    await this.#live?.close();
  }

  async #settle(row: MappingRow): Promise<void> {
    try {
      await this.#stop();
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

  async #stop(): Promise<void> {
    await this.#live?.close();
    this.#live = undefined;
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
