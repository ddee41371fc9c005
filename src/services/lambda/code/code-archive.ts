import { DamagedDataError } from '../../../errors.ts';
import type { DescribeRecords, Engine, LogId } from '../../../engine/engine.ts';
import type { Table } from '../../../engine/catalog.ts';
import { appendBytes, dropWithRow, bytesOf } from '../../../engine/log-bytes.ts';

export const ARCHIVE_TABLE = 'lambda.code';

/** Functions and layers may have the same names. */
export type CodeKind = 'code' | 'layers';

/** A row of `lambda.code`: a zip, and the log that has its bytes. */
export interface ArchivedCodeRow {
  readonly kind: CodeKind;
  /** Of the function or the layer. */
  readonly name: string;
  /** In base64. */
  readonly sha256: string;
  readonly log: LogId;
  /** All of its bytes are in the log. Without it the row only names a log that is to be dropped. */
  readonly isComplete: boolean;
}

/**
 * The zips of functions or layers in the engine. Where several machines share the engine's log, the folder of a
 * CodeStore is only on one of them; docs/decisions/beside-the-engine.md has the reasons. The caller serializes changes
 * of one name. Every log has a row from before its first byte until after it was dropped, so that a crash leaves none
 * behind.
 */
export class CodeArchive {
  readonly #engine: Engine;
  readonly #kind: CodeKind;
  readonly #rows: Table<ArchivedCodeRow>;

  constructor(engine: Engine, kind: CodeKind) {
    this.#engine = engine;
    this.#kind = kind;
    this.#rows = engine.catalog.table(ARCHIVE_TABLE);
  }

  /** Resolves when the zip is durable. What is there already is kept if it is intact. */
  async put(name: string, sha256: string, zip: Uint8Array): Promise<void> {
    const key = this.#key(name, sha256);
    if ((await this.read(name, sha256))?.equals(zip) === true) return;
    await this.remove(name, sha256);
    const [log = 0] = await this.#engine.createLogs(1);
    const row: ArchivedCodeRow = { kind: this.#kind, name, sha256, log, isComplete: false };
    await this.#store(key, row);
    await appendBytes(this.#engine, log, zip);
    await this.#store(key, { ...row, isComplete: true });
  }

  /** Undefined when it is not there, or damaged: then a part may be missing. */
  async read(name: string, sha256: string): Promise<Buffer | undefined> {
    const row = this.#rows.get(this.#key(name, sha256));
    if (row?.isComplete !== true) return undefined;
    try {
      return await bytesOf(this.#engine, row.log);
    } catch (error) {
      if (error instanceof DamagedDataError) return undefined;
      throw error;
    }
  }

  async remove(name: string, sha256: string): Promise<void> {
    const key = this.#key(name, sha256);
    const row = this.#rows.get(key);
    if (row !== undefined) await this.#removeRow(key, row);
  }

  /** Removes what no function uses. `wanted` maps names to hashes. */
  async removeAllBut(wanted: ReadonlyMap<string, ReadonlySet<string>>): Promise<void> {
    for (const [key, row] of Array.from(this.#rows.entries(`${this.#kind}/`))) {
      const isWanted = row.isComplete && wanted.get(row.name)?.has(row.sha256) === true;
      if (!isWanted) await this.#removeRow(key, row);
    }
  }

  /** From now on the row counts as absent, so that nobody puts in use what is being dropped. */
  async #removeRow(key: string, row: ArchivedCodeRow): Promise<void> {
    await dropWithRow(this.#engine, this.#rows, { key, gone: { ...row, isComplete: false } });
  }

  async #store(key: string, row: ArchivedCodeRow): Promise<void> {
    await this.#engine.catalog.commit((transaction) => transaction.put(this.#rows, key, row));
  }

  #key(name: string, sha256: string): string {
    return `${this.#kind}/${name}/${sha256}`;
  }
}

/** Describes records that are a part of a zip. */
export const describeCode: DescribeRecords = (catalog, { log }) => {
  for (const [, row] of catalog.table<ArchivedCodeRow>(ARCHIVE_TABLE).entries()) {
    if (row.log === log) return `the code of the ${row.kind === 'code' ? 'function' : 'layer'} ${row.name}`;
  }
  return undefined;
};
