import { basename } from 'node:path/posix';
import { UserError } from '../../errors.ts';
import type { DiskFile } from './disk.ts';
import { segmentPath, parseSegmentName } from './read/segment-file.ts';
import type { SegmentName, SharedEntry } from './format/entries.ts';
import { parseTableName, tablePath } from './format/table-file.ts';
import type { PinnedDisk } from './pinned-disk.ts';
import { inspectSegment, type Damage } from './recover/inspect-segment.ts';
import { inspectTable } from './recover/inspect-table.ts';
import type { State } from './state.ts';
import type { Committer } from './write/committer.ts';
import type { EmergencySpace } from './write/emergency-space.ts';
import type { Journal } from './write/journal.ts';

/** A file of the store as of one moment: its first `bytes` bytes never change while the capture is held. */
export interface CapturedFile {
  /** Relative to the engine's folder. */
  readonly path: string;
  readonly bytes: number;
  /** Whether the file is complete: then it is the same in every later capture of this process. */
  readonly isSealed: boolean;
  /** Whether it has idempotency keys that may still be needed, by the clock of this machine. */
  readonly hasRecentKeys: boolean;
}

/** The store of a copy at one place of the shared log, while the store goes on. */
export interface Capture {
  readonly place: SharedEntry;
  /** Id of the store, in its files' headers. */
  readonly store: Buffer;
  readonly files: readonly CapturedFile[];
  /** Opens a file for reading. */
  open(file: CapturedFile): Promise<DiskFile>;
  /** Verifies every checksum in a file. Throws CaptureDamageError. */
  check(file: CapturedFile): Promise<void>;
  /** Whether the disk is so full that the files that are kept for the capture must be removed. */
  isInTheWay(): boolean;
  /** The files may be removed again. */
  release(): Promise<void>;
}

export interface CaptureParts {
  readonly disk: PinnedDisk;
  readonly state: State;
  readonly store: Buffer;
  readonly journal: Journal;
  readonly committer: Committer;
  readonly reserve: EmergencySpace;
  readonly idempotencyKeyLifetimeMs: number;
}

/**
 * Captures the store between two commits. Sealed segments and table files never change, and of the segment that is
 * written, what is there now does not. Undefined while the copy has nothing of the shared log.
 */
export function captureStore(parts: CaptureParts): Promise<Capture | undefined> {
  const { disk, state, store, journal, committer, reserve, idempotencyKeyLifetimeMs } = parts;
  return committer.inTurn(async () => {
    if (state.shared === undefined) return undefined;
    // Heartbeats move the place in memory only.
    await journal.copy([state.shared], [], () => undefined);
    const { shared: place } = state;
    const { active } = journal;
    if (active === undefined) throw new Error('a write without a segment');
    const files = [
      ...[...state.sealed.values()].map(({ number, path, size }) => ({
        path,
        bytes: size,
        isSealed: true,
        hasRecentKeys: state.hasRecentKeys(number, idempotencyKeyLifetimeMs),
      })),
      ...state.rows.levels.files().map(({ number, bytes }) => ({
        path: tablePath(number),
        bytes,
        isSealed: true,
        hasRecentKeys: false,
      })),
      { path: active.path, bytes: active.end, isSealed: false, hasRecentKeys: false },
    ];
    const unpin = disk.pin(files.map(({ path }) => path));
    return {
      place,
      store,
      files,
      open: ({ path }) => disk.open(path, 'read'),
      check: (file) => checkFile(disk, store, file),
      isInTheWay: () => !reserve.isKept,
      release: unpin,
    };
  });
}

async function checkFile(disk: PinnedDisk, store: Buffer, file: CapturedFile): Promise<void> {
  const fileName = basename(file.path);
  const [segment, table] = [parseSegmentName(fileName), parseTableName(fileName)];
  const damages: Damage[] = [];
  if (segment !== undefined) damages.push(...(await damagesOf(disk, segment, file)));
  if (table !== undefined) damages.push(...(await inspectTable(disk, table, { store })).damages);
  const [damage] = damages;
  if (damage !== undefined) throw new CaptureDamageError(damage);
}

async function damagesOf(
  disk: PinnedDisk,
  name: SegmentName,
  { bytes, isSealed }: CapturedFile,
): Promise<readonly Damage[]> {
  const { damages, end, footer } = await inspectSegment(disk, name, isSealed ? {} : { until: bytes });
  const isWhole = isSealed ? footer?.framesEnd === end : end === bytes;
  if (damages.length > 0 || isWhole) return damages;
  return [{ file: segmentPath(name), offset: end, problem: 'it ends too early' }];
}

/** A file of the data folder is damaged: a snapshot of it would be too. */
export class CaptureDamageError extends UserError {
  override readonly name = 'CaptureDamageError';

  constructor({ file, offset, problem }: Damage) {
    super(
      `no snapshot is taken of this machine's data folder: ${file} is damaged at byte ${offset}: ${problem}. ` +
        'Stop this machine, remove its data folder, and start it: it is built again from another snapshot',
    );
  }
}
