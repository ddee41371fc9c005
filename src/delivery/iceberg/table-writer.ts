import { compareSequenceNumbers } from '../../consumers/checkpoints.ts';
import { backoffMs } from '../../support/backoff.ts';
import { type Clock, sleep } from '../../support/clock.ts';
import { RowConverter, rowOf } from './columns.ts';
import { fileName, writeDataFiles } from './data-files.ts';
import type { DeliveryRecord, RefusedRecord } from '../destination.ts';
import type { EncodedFile } from './encode-rows.ts';
import type { EncodingThread } from './encoding-thread.ts';
import { IcebergError, RecordRefusal } from './errors.ts';
import { lastIdOf, newColumns } from './infer-columns.ts';
import { icebergLimits } from './limits.ts';
import {
  addedManifest,
  type DataFile,
  encodeManifest,
  encodeManifestList,
  readManifestList,
} from './manifests.ts';
import { codecOf, type ParquetCodec } from './parquet-codec.ts';
import { hasPosition, positionIn, type SourceRange } from './positions.ts';
import type { LoadedTable, RestCatalog, TableName } from './rest-catalog.ts';
import { appendCommit, newSnapshot, schemaCommit } from './snapshot.ts';
import type { TableFiles } from './table-files.ts';
import type { TableMetadata } from './table-metadata.ts';

export interface TableWriterOptions {
  readonly catalog: RestCatalog;
  readonly name: TableName;
  /** Opens the store of the files, from the catalog's properties. */
  readonly filesOf: (config: Readonly<Record<string, string>>) => Promise<TableFiles>;
  /** Adds columns for keys of records that have none. */
  readonly addsColumns: boolean;
  /** Default: from the table's properties. */
  readonly codec?: ParquetCodec | undefined;
  /** Creates the table from the first records, or returns why that is not possible. */
  readonly create?: (
    records: readonly DeliveryRecord[],
    signal: AbortSignal,
  ) => Promise<RecordRefusal | undefined>;
  readonly encoding: Pick<EncodingThread, 'encode'>;
  readonly clock: Clock;
}

export interface Appended {
  readonly delivered: number;
  /** Zero if an earlier attempt wrote them. */
  readonly bytes: number;
  readonly files: number;
  readonly refused: readonly RefusedRecord[];
}

/** The records of a batch as rows for one version of the table. */
interface Rows {
  readonly table: TableMetadata;
  readonly files: readonly EncodedFile[];
  readonly count: number;
  readonly refused: readonly RefusedRecord[];
}

interface Written {
  readonly rows: Rows;
  readonly files: readonly DataFile[];
  readonly manifest: { readonly path: string; readonly bytes: number };
}

/**
 * Appends batches of records to one table, each batch exactly once. The commit that adds the records also stores the
 * position of their shard, and a batch up to that position is not written again. A commit asserts its parent snapshot,
 * so at most one of two attempts at a batch succeeds, however late it arrives.
 */
export class TableWriter {
  readonly #options: TableWriterOptions;

  constructor(options: TableWriterOptions) {
    this.#options = options;
  }

  /** Throws IcebergError. Appending the same batch again is safe. */
  async append(
    range: SourceRange,
    records: readonly DeliveryRecord[],
    signal: AbortSignal,
  ): Promise<Appended> {
    let written: Written | undefined;
    let lastResult = 'conflict';
    for (let attempt = 1; attempt <= icebergLimits.commitConflictsMax; attempt++) {
      signal.throwIfAborted();
      const loaded = await this.#load(records, signal);
      if (loaded instanceof RecordRefusal) return refuseAll(records, loaded);
      const position = await this.#position(loaded, range, signal);
      if (isIn(range, position)) {
        // Records must be refused as in the attempt that wrote the others.
        const { count, refused } = written?.rows ?? (await this.#encode(loaded.metadata, records));
        const { files, bytes } = sizeOf(written);
        return { delivered: count, bytes, files, refused };
      }
      if (this.#options.addsColumns && (await this.#addColumns(loaded.metadata, records, signal))) continue;
      const missing = records.filter(
        ({ sequenceNumber }) =>
          position === undefined || compareSequenceNumbers(sequenceNumber, position) > 0,
      );
      if (written === undefined || !fits(written.rows.table, loaded.metadata)) {
        const { metadata } = loaded;
        const codec = this.#options.codec ?? codecOf(metadata.properties);
        const rows = await this.#encode(metadata, missing, codec);
        if (rows.count === 0) return { delivered: 0, bytes: 0, files: 0, refused: rows.refused };
        written = await this.#write(rows, range, loaded);
      }
      lastResult = await this.#commit(loaded, written, range, signal);
      if (lastResult === 'committed') {
        return { delivered: written.rows.count, ...sizeOf(written), refused: written.rows.refused };
      }
      await this.#pause(attempt, signal);
    }
    throw lastResult === 'conflict'
      ? new IcebergError('Iceberg.CommitConflict', 'All commits to the table conflicted with other writers.')
      : new IcebergError('Iceberg.CatalogUnavailable', 'The catalog did not confirm the commit.');
  }

  /** Creates the table if it does not exist. */
  async #load(records: readonly DeliveryRecord[], signal: AbortSignal): Promise<LoadedTable | RecordRefusal> {
    const { catalog, name, create } = this.#options;
    const found = await catalog.load(name, 'refs', signal);
    if (found !== undefined) return found;
    const refusal = await create?.(records, signal);
    if (refusal !== undefined) return refusal;
    const made = create === undefined ? undefined : await catalog.load(name, 'refs', signal);
    if (made !== undefined) return made;
    throw new IcebergError('Iceberg.NoSuchTable', `The table ${name.database}.${name.table} does not exist.`);
  }

  /** The properties may have been removed. In that case read the positions from the snapshots that have not expired. */
  async #position(
    { metadata }: LoadedTable,
    range: SourceRange,
    signal: AbortSignal,
  ): Promise<string | undefined> {
    const { catalog, name } = this.#options;
    const known = positionIn(metadata, range);
    if (known !== undefined || hasPosition(metadata, range) || metadata.current === undefined) return known;
    const all = await catalog.load(name, 'all', signal);
    return all && positionIn(all.metadata, range);
  }

  /** Returns true if the schema was changed, by this or another writer: the table must be loaded again. */
  async #addColumns(
    table: TableMetadata,
    records: readonly DeliveryRecord[],
    signal: AbortSignal,
  ): Promise<boolean> {
    const { catalog, name } = this.#options;
    const columns = await newColumns(table.schema, table.lastColumnId, records);
    if (columns.length === 0) return false;
    await catalog.commit(name, schemaCommit(table, columns, lastIdOf(columns)), signal);
    return true;
  }

  /** Without a codec, it only says which records are refused. */
  async #encode(
    table: TableMetadata,
    records: readonly DeliveryRecord[],
    codec?: ParquetCodec,
  ): Promise<Rows> {
    const { schema, spec } = table;
    const data = records.map((record) => record.data);
    const encoded = await this.#options.encoding.encode({ schema, spec, codec }, data);
    const refused = encoded.refused.flatMap(({ index, errorCode, errorMessage }) => {
      const record = records[index];
      return record === undefined ? [] : [{ record, errorCode, errorMessage, attempts: 1 }];
    });
    return { table, files: encoded.files, count: records.length - refused.length, refused };
  }

  async #write(rows: Rows, range: SourceRange, { config }: LoadedTable): Promise<Written> {
    const { table } = rows;
    const files = await this.#options.filesOf(config);
    const dataFiles = await writeDataFiles(rows.files, { files, table, range });
    const body = await encodeManifest(table, dataFiles);
    const path = `${metadataFolder(table)}/${await fileName(range, body)}-m0.avro`;
    await files.write(path, body);
    return { rows, files: dataFiles, manifest: { path, bytes: body.length } };
  }

  async #commit(loaded: LoadedTable, written: Written, range: SourceRange, signal: AbortSignal) {
    const { catalog, name, filesOf, clock } = this.#options;
    const { metadata: table, config } = loaded;
    const files = await filesOf(config);
    const snapshot = newSnapshot(table, range, clock.now());
    const before =
      table.current === undefined
        ? []
        : await readManifestList(await files.readList(table.current.manifestList));
    const added = addedManifest(table, written.manifest, written.files, snapshot);
    const list = await encodeManifestList([added, ...before], snapshot);
    const path = `${metadataFolder(table)}/snap-${snapshot.id}-${await fileName(range, list)}.avro`;
    await files.write(path, list);
    return await catalog.commit(name, appendCommit(table, snapshot, path, written.files, range), signal);
  }

  async #pause(attempt: number, signal: AbortSignal): Promise<void> {
    const { commitRetryInitialMs: initialMs, commitRetryMaxMs: maxMs } = icebergLimits;
    await sleep(this.#options.clock, backoffMs({ initialMs, maxMs }, attempt), signal);
  }
}

function metadataFolder({ location, properties }: TableMetadata): string {
  return (properties['write.metadata.path'] ?? `${location}/metadata`).replace(/\/+$/, '');
}

function isIn({ lastSequenceNumber }: SourceRange, position: string | undefined): boolean {
  return position !== undefined && compareSequenceNumbers(lastSequenceNumber, position) <= 0;
}

/** Whether files written for one version of the table are valid for another. */
function fits(written: TableMetadata, now: TableMetadata): boolean {
  return (
    written.uuid === now.uuid &&
    written.location === now.location &&
    written.schema.schemaId === now.schema.schemaId &&
    written.spec.specId === now.spec.specId
  );
}

function sizeOf(written: Written | undefined): { readonly files: number; readonly bytes: number } {
  const files = written?.files ?? [];
  return { files: files.length, bytes: files.reduce((sum, { bytes }) => sum + bytes, 0) };
}

/** Errors of the record itself take precedence. */
function refuseAll(records: readonly DeliveryRecord[], refusal: RecordRefusal): Appended {
  const converter = new RowConverter({ kind: 'struct', fields: [] });
  const refused = records.map((record) => {
    const row = rowOf(converter, record.data);
    const { code, message } = row instanceof RecordRefusal ? row : refusal;
    return { record, errorCode: code, errorMessage: message, attempts: 1 };
  });
  return { delivered: 0, bytes: 0, files: 0, refused };
}
