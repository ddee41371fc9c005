import { crc32 } from 'node:zlib';
import { readWhole, type Disk } from '../disk.ts';
import { DamageError } from '../errors.ts';

const PATH = 'seeded';

/**
 * The segments with idempotency keys that were recent when another machine captured them. Their footers have the times of
 * that machine's clock, which may be an hour off: here, the keys count from `seededMs` on.
 */
export interface SeededKeys {
  readonly segments: readonly number[];
  readonly seededMs: number;
}

/** Replaces the file. As durable as the next sync of the folder. */
export async function writeSeededKeys(disk: Disk, keys: SeededKeys): Promise<void> {
  await removeSeededKeys(disk);
  const body = JSON.stringify(keys);
  const file = await disk.open(PATH, 'create');
  try {
    await file.write([Buffer.from(`${body}\n${crc32(body)}\n`)], 0);
    await file.sync();
  } finally {
    await file.close();
  }
}

export async function removeSeededKeys(disk: Disk): Promise<void> {
  if ((await disk.list('.')).includes(PATH)) await disk.remove(PATH);
}

/** Returns the time of the newest key of a segment, from that in its footer. Throws DamageError. */
export async function readSeededKeys(disk: Disk): Promise<(segment: number, newestKeyMs: number) => number> {
  if (!(await disk.list('.')).includes(PATH)) return (_, newestKeyMs) => newestKeyMs;
  const [body = '', sum = ''] = (await readWhole(disk, PATH)).toString().split('\n');
  if (String(crc32(body)) !== sum) throw new DamageError(PATH, 0, 'checksum mismatch');
  // The checksum proves that writeSeededKeys wrote it.
  const { segments, seededMs } = JSON.parse(body) as SeededKeys;
  const seeded = new Set(segments);
  return (segment, newestKeyMs) => (seeded.has(segment) ? Math.max(newestKeyMs, seededMs) : newestKeyMs);
}
