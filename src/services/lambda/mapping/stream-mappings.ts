import {
  CatalogCheckpoints,
  startingPositions,
  type ShardCheckpoint,
} from '../../../consumers/checkpoints.ts';
import { UnknownShardError, type StreamView } from '../../../consumers/source.ts';
import type { DiskTable } from '../../../engine/tables.ts';
import { KeyedLock } from '../../../support/keyed-lock.ts';
import type { EventSourceMappingProgress, RewindEventSourceMappingInput } from '../api-types.ts';
import type { BlockageInfo } from './blockages.ts';
import { streamNotFound } from './errors.ts';
import { sourceNotFound } from './mapping-changes.ts';
import { consumerName, MappingPoller } from './mapping-poller.ts';
import type { StreamMappingRow } from './mapping-row.ts';
import type { EventSourceMappingsOptions, MappingChange, MappingSource } from './mapping-source.ts';
import { positionsAfterMove, progressOf } from './positions.ts';
import { deleteWindows, windowKeys, windowTable, type WindowRow } from './tumbling-windows.ts';

/** Mappings of streams, with their positions and windows. */
export class StreamMappings implements MappingSource<StreamMappingRow> {
  readonly #options: EventSourceMappingsOptions;
  readonly #windows: DiskTable<WindowRow>;
  readonly #shardLocks = new KeyedLock();

  constructor(options: EventSourceMappingsOptions) {
    this.#options = options;
    this.#windows = windowTable(options.tables);
  }

  async prepare(row: StreamMappingRow): Promise<MappingChange> {
    const stream = this.#options.streams.describe(row.sourceArn);
    if (stream === undefined) throw sourceNotFound(row);
    const positions = await this.#startingPositions(stream, row);
    return (transaction) => this.#positions(row).begin(transaction, stream, positions);
  }

  begin(row: StreamMappingRow, report: (result: string) => Promise<void>): MappingPoller {
    const dependencies = {
      ...this.#options,
      shardLocks: this.#shardLocks,
      windows: { catalog: this.#options.catalog, table: this.#windows },
    };
    const live = new MappingPoller(row, this.#positions(row), dependencies, report);
    live.start();
    return live;
  }

  async forget(row: StreamMappingRow): Promise<MappingChange> {
    const windows = await windowKeys(this.#windows, row.uuid);
    return (transaction) => {
      deleteWindows(transaction, this.#windows, windows);
      this.#positions(row).end(transaction);
    };
  }

  /** Where a mapping is in each shard. Throws InvalidParameterValueException. */
  async progress(
    row: StreamMappingRow,
    blockages: readonly BlockageInfo[],
  ): Promise<EventSourceMappingProgress> {
    const { streams, clock } = this.#options;
    const facts = { blockages, nowMs: clock.now() };
    return await progressOf(streams, this.#streamOf(row), this.#positions(row), facts);
  }

  /**
   * Finds the positions of a move; the result makes it, while the mapping is stopped. Throws
   * InvalidParameterValueException.
   */
  async prepareMove(row: StreamMappingRow, to: RewindEventSourceMappingInput): Promise<() => Promise<void>> {
    const { streams, clock } = this.#options;
    const stream = this.#streamOf(row);
    const positions = await positionsAfterMove(streams, stream, to, clock.now());
    return async () => {
      const ends = [...positions.keys()].map((shardId) => `/${shardId}`);
      const windows = (await windowKeys(this.#windows, row.uuid)).filter((key) =>
        ends.some((end) => key.endsWith(end)),
      );
      await this.#positions(row).move(stream, positions, (transaction) =>
        deleteWindows(transaction, this.#windows, windows),
      );
    };
  }

  async #startingPositions(
    stream: StreamView,
    row: StreamMappingRow,
  ): Promise<ReadonlyMap<string, ShardCheckpoint>> {
    try {
      return await startingPositions(this.#options.streams, stream, row.start);
    } catch (error) {
      if (error instanceof UnknownShardError) throw sourceNotFound(row);
      throw error;
    }
  }

  #streamOf(row: StreamMappingRow): StreamView {
    const stream = this.#options.streams.describe(row.streamArn);
    if (stream === undefined) throw streamNotFound(row.streamArn);
    return stream;
  }

  #positions(row: StreamMappingRow): CatalogCheckpoints {
    return new CatalogCheckpoints(this.#options.catalog, consumerName(row.uuid));
  }
}
