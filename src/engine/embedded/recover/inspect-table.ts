import type { Disk, DiskFile } from '../disk.ts';
import { DamageError } from '../errors.ts';
import {
  BLOCK_HEADER_BYTES,
  BLOCK_MAGIC,
  blockHeader,
  openBlock,
  type BlockKind,
} from '../format/table-block.ts';
import {
  readTableTrailer,
  TABLE_HEADER_BYTES,
  TABLE_TRAILER_BYTES,
  tablePath,
  type TableTrailer,
} from '../format/table-file.ts';
import { BlockCursor } from '../tables/rows-block.ts';
import { describeRowKey, type RowKey } from '../format/row-key.ts';
import type { Damage } from './inspect-segment.ts';
import { FileWindow } from './scan.ts';

const MISMATCH = 'checksum mismatch';

/** The keys between two intact blocks, whose rows are lost. Undefined at the beginning or end of the file. */
export interface LostKeys {
  readonly after: RowKey | undefined;
  readonly before: RowKey | undefined;
}

/** What is intact in a table file. */
export interface TableInspection {
  readonly number: number;
  readonly rows: number;
  readonly lost: readonly LostKeys[];
  readonly damages: readonly Damage[];
}

/**
 * Reads a whole table file and verifies every checksum. After damage it continues with the next intact block; `visit`
 * is called in order with the rows of each intact block.
 */
export async function inspectTable(
  disk: Disk,
  number: number,
  options: {
    readonly store: Buffer | undefined;
    readonly visit?: (body: Buffer) => void;
  },
): Promise<TableInspection> {
  const file = await disk.open(tablePath(number), 'read');
  try {
    return await inspectFile(file, number, options);
  } finally {
    await file.close();
  }
}

async function inspectFile(
  file: DiskFile,
  number: number,
  options: { readonly store: Buffer | undefined; readonly visit?: (body: Buffer) => void },
): Promise<TableInspection> {
  const path = tablePath(number);
  const damages: Damage[] = [];
  const trailer = await trailerOf(file, number, options.store, damages);
  const end = trailer === undefined ? await file.size() : trailer.size - TABLE_TRAILER_BYTES;
  const window = new FileWindow(file, end);
  const lost: LostKeys[] = [];
  let rows = 0;
  let last: BlockKind | undefined;
  let lastKey: RowKey | undefined;
  let lostAt: number | undefined;
  const endLost = (before: RowKey | undefined): void => {
    if (lostAt === undefined) return;
    const keys = { after: lastKey, before };
    lost.push(keys);
    damages.push({ file: path, offset: lostAt, problem: MISMATCH, subject: describeLost(keys) });
    lostAt = undefined;
  };
  for (let at = TABLE_HEADER_BYTES; at < end;) {
    const block = await readBlock(window, number, at);
    if (block === undefined) {
      lostAt ??= at;
      at = await nextBlock(window, number, at);
      continue;
    }
    if (block.kind === 'rows') {
      endLost(new BlockCursor(block.body).key);
      const counted = countRows(block.body);
      rows += counted.rows;
      lastKey = counted.last;
      options.visit?.(block.body);
    }
    last = block.kind;
    at = block.end;
  }
  endLost(undefined);
  if (damages.length === 0 && trailer !== undefined && (rows !== trailer.rows || last !== 'top')) {
    damages.push({ file: path, offset: end, problem: `it has ${rows} rows instead of ${trailer.rows}` });
  }
  // Only an index was damaged, no rows.
  if (trailer?.rows === rows) return { number, rows, lost: [], damages: damages.map(withoutSubject) };
  return { number, rows, lost, damages };
}

function withoutSubject({ file, offset, problem }: Damage): Damage {
  return { file, offset, problem };
}

/** Describes lost rows for messages. */
export function describeLost({ after, before }: LostKeys): string {
  const from = after === undefined ? '' : ` after ${describeRowKey(after)}`;
  const until = before === undefined ? '' : ` before ${describeRowKey(before)}`;
  return `rows of tables${from}${until}`;
}

async function trailerOf(
  file: DiskFile,
  number: number,
  store: Buffer | undefined,
  damages: Damage[],
): Promise<TableTrailer | undefined> {
  try {
    return await readTableTrailer(file, number, store);
  } catch (error) {
    if (!(error instanceof DamageError)) throw error;
    damages.push({ file: error.file, offset: error.offset, problem: error.what });
    return undefined;
  }
}

async function readBlock(
  window: FileWindow,
  number: number,
  position: number,
): Promise<{ readonly kind: BlockKind; readonly body: Buffer; readonly end: number } | undefined> {
  const place = { file: number, position };
  const head = await window.bytes(position, Math.min(BLOCK_HEADER_BYTES, window.size - position));
  const header = blockHeader(head, place);
  if (header === undefined || position + header.end > window.size) return undefined;
  const body = openBlock(await window.bytes(position, header.end), header.kind, place);
  return body === undefined ? undefined : { kind: header.kind, body, end: position + header.end };
}

/** Where the next intact block begins; the end when there is none. */
async function nextBlock(window: FileWindow, number: number, after: number): Promise<number> {
  const STEP = 1 << 20;
  const magic = Buffer.alloc(4);
  magic.writeUInt32LE(BLOCK_MAGIC);
  for (let start = after + 1; start < window.size; start += STEP) {
    const bytes = await window.bytes(start, Math.min(STEP + magic.length, window.size - start));
    for (let hit = bytes.indexOf(magic); hit !== -1; hit = bytes.indexOf(magic, hit + 1)) {
      const position = start + hit - magic.length;
      if (position > after && (await readBlock(window, number, position)) !== undefined) return position;
    }
  }
  return window.size;
}

function countRows(body: Buffer): { readonly rows: number; readonly last: RowKey | undefined } {
  let rows = 0;
  let last: RowKey | undefined;
  for (const cursor = new BlockCursor(body); cursor.key !== undefined; cursor.next()) {
    rows++;
    last = cursor.key;
  }
  return { rows, last };
}
