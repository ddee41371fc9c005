import { createHash } from 'node:crypto';
import type { SharedEntry } from '../../embedded/format/entries.ts';
import { isStorePath } from '../../embedded/recover/seed-copy.ts';
import { SnapshotDamageError, SnapshotFormatError } from './errors.ts';
import { snapshotLimits } from './limits.ts';

/** The format of manifests and parts that this nagare writes, and the newest that it reads. */
const FORMAT = 1;
const MAGIC = 'nagare-snapshot';
/** The header of every format: magic, format, SHA-256 of what follows. */
const HEADER = /^nagare-snapshot (\d{1,9}) ([0-9a-f]{64})\n/;
const HEADER_BYTES_MAX = 128;

/** The store of a machine as of one place of the shared log, in parts that lie beside this. */
export interface Snapshot {
  readonly id: string;
  /** Different in each version of the object: its ETag then tells whether it has changed. */
  readonly writer: string;
  /** Until it is complete, only what its writer or the machine that continues it needs. */
  readonly isComplete: boolean;
  readonly place: Omit<SharedEntry, 'kind'>;
  /** Id of the store in its files' headers, in hexadecimal digits. */
  readonly store: string;
  /** Of its files. */
  readonly engineFormat: number;
  readonly files: readonly SnapshotFile[];
}

export interface SnapshotFile {
  /** Relative to the engine's folder. */
  readonly path: string;
  readonly bytes: number;
  /** Whether it had idempotency keys that were still needed. */
  readonly hasRecentKeys: boolean;
  readonly parts: readonly Part[];
}

/** Some bytes of a file. Snapshots share parts that are the same. */
export interface Part {
  readonly key: string;
  readonly bytes: number;
  /** In hexadecimal digits. */
  readonly sha256: string;
}

export function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

export function encodeManifest(snapshot: Snapshot): Buffer {
  const body = Buffer.from(`${JSON.stringify(snapshot)}\n`);
  return Buffer.concat([Buffer.from(`${MAGIC} ${FORMAT} ${sha256(body)}\n`), body]);
}

/** Throws SnapshotDamageError, SnapshotFormatError. */
export function decodeManifest(key: string, bytes: Buffer): Snapshot {
  if (bytes.length > snapshotLimits.manifestBytesMax) {
    throw new SnapshotDamageError(key, `it has ${bytes.length} bytes`);
  }
  const [header, format, sum] = HEADER.exec(bytes.subarray(0, HEADER_BYTES_MAX).toString('latin1')) ?? [];
  if (header === undefined) throw new SnapshotDamageError(key, 'it was not written by nagare');
  if (Number(format) > FORMAT) throw new SnapshotFormatError(key, Number(format), FORMAT);
  const body = bytes.subarray(header.length);
  if (sha256(body) !== sum) throw new SnapshotDamageError(key, 'checksum mismatch');
  // The checksum proves that encodeManifest wrote it.
  const snapshot = JSON.parse(body.toString()) as Snapshot;
  const odd = snapshot.files.find(({ path }) => !isStorePath(path));
  if (odd !== undefined) throw new SnapshotDamageError(key, `it has a file ${odd.path}`);
  return snapshot;
}
