import type { Clock } from '../../../support/clock.ts';
import type { Log } from '../../../support/log.ts';
import type { Disk, DiskFile } from '../../embedded/disk.ts';
import type { SharedEntry } from '../../embedded/format/entries.ts';
import { FormatVersionError } from '../../embedded/errors.ts';
import { checkFormatVersion } from '../../embedded/format/version.ts';
import type { Seeding } from '../../embedded/open-copy.ts';
import { seedCopy, type SeedFile } from '../../embedded/recover/seed-copy.ts';
import type { SharedLog } from '../shared-log.ts';
import { belongsTo } from './belongs.ts';
import { NoSnapshotError, SnapshotDamageError } from './errors.ts';
import { snapshotLimits } from './limits.ts';
import { sha256, type Part, type Snapshot, type SnapshotFile } from './manifest.ts';
import type { SnapshotRequests } from './requests.ts';
import { completeOf, type SnapshotList } from './snapshot-list.ts';
import { piecesOf } from './write-snapshot.ts';

export interface SnapshotSeedingOptions {
  readonly log: SharedLog;
  readonly list: SnapshotList;
  readonly requests: SnapshotRequests;
  /** Of the engine. */
  readonly clock: Clock;
  /** For waiting. */
  readonly timers: Clock;
  readonly logger: Log;
  /** Snapshots of later times are left out. */
  readonly toMs?: number;
}

/**
 * Lets a copy begin with the newest snapshot that can be used: one that has nothing, and one whose place in the log was
 * trimmed. A copy whose place is in the log continues there, however far behind it is.
 */
export class SnapshotSeeding implements Seeding {
  readonly #options: SnapshotSeedingOptions;
  readonly #refused = new Map<string, Error>();
  #tried: Snapshot | undefined;

  constructor(options: SnapshotSeedingOptions) {
    this.#options = options;
  }

  async choose(place: SharedEntry | undefined): Promise<((disk: Disk) => Promise<void>) | undefined> {
    const { log, list, requests, clock, logger } = this.#options;
    this.#checkTried(place);
    for (;;) {
      const { first } = await log.bounds();
      if (place !== undefined && place.position >= first) return undefined;
      const listed = await list.read(requests);
      const snapshot = await this.#newestOf(completeOf(listed));
      if (snapshot !== undefined) {
        return async (disk) => {
          const { id, place: to } = snapshot;
          logger.info({ snapshot: id, position: to.position }, 'the data folder is filled from a snapshot');
          this.#tried = snapshot;
          await fillFromSnapshot(disk, snapshot, { requests, clock }).catch((error: unknown) =>
            this.#refuse(id, error),
          );
        };
      }
      // The log may have been trimmed up to a snapshot that is newer than this list.
      if ((await log.bounds()).first > first) continue;
      if (first === 0) return undefined;
      const problems = [...this.#refused.values(), ...listed.flatMap(({ problem }) => problem ?? [])];
      throw new NoSnapshotError(first, problems);
    }
  }

  /** The newest that was not refused, and from which the log goes on. */
  async #newestOf(newestFirst: readonly Snapshot[]): Promise<Snapshot | undefined> {
    const { log, timers, requests, toMs = Infinity } = this.#options;
    for (const snapshot of newestFirst) {
      if (this.#refused.has(snapshot.id) || snapshot.place.timeMs > toMs) continue;
      if (await belongsTo(log, snapshot, { clock: timers, signal: requests.signal })) return snapshot;
    }
    return undefined;
  }

  /** A snapshot that does not lead to its place is not tried again. */
  #checkTried(place: SharedEntry | undefined): void {
    const tried = this.#tried;
    this.#tried = undefined;
    if (tried === undefined || this.#refused.has(tried.id)) return;
    if (place?.position === tried.place.position && place.term === tried.place.term) return;
    const key = this.#options.list.keyOf(tried.id);
    this.#refuse(
      tried.id,
      new SnapshotDamageError(key, 'the data folder that was filled from it is damaged'),
    );
  }

  #refuse(id: string, error: unknown): void {
    if (!(error instanceof SnapshotDamageError) && !(error instanceof FormatVersionError)) throw error;
    this.#options.logger.error(
      { err: error, snapshot: id },
      'the snapshot cannot be used; trying an older one',
    );
    this.#refused.set(id, error);
  }
}

/** Makes the folder of a copy what it is in a snapshot. Throws SnapshotDamageError. */
export async function fillFromSnapshot(
  disk: Disk,
  snapshot: Snapshot,
  { requests, clock }: { readonly requests: SnapshotRequests; readonly clock: Clock },
): Promise<void> {
  checkFormatVersion(`the snapshot ${snapshot.id}`, snapshot.engineFormat);
  await seedCopy(disk, {
    clock,
    store: Buffer.from(snapshot.store, 'hex'),
    files: snapshot.files.map((file) => seedFile(file, requests)),
  });
}

function seedFile({ path, bytes, hasRecentKeys, parts }: SnapshotFile, requests: SnapshotRequests): SeedFile {
  return {
    path,
    bytes,
    hasRecentKeys,
    isSame: async (file) => {
      let at = 0;
      for (const part of parts) {
        for await (const body of piecesOf(offset(file, at), part.bytes, part.bytes)) {
          if (sha256(body) !== part.sha256) return false;
        }
        at += part.bytes;
        requests.signal.throwIfAborted();
      }
      return at === bytes;
    },
    writeTo: (file) => writeParts(file, parts, requests),
  };
}

function offset(file: DiskFile, by: number): Pick<DiskFile, 'read'> {
  return { read: (into, position) => file.read(into, position + by) };
}

async function writeParts(file: DiskFile, parts: readonly Part[], requests: SnapshotRequests): Promise<void> {
  let position = 0;
  for (let at = 0; at < parts.length; at += snapshotLimits.partsAtOnce) {
    const some = parts.slice(at, at + snapshotLimits.partsAtOnce);
    const bodies = await Promise.all(some.map((part) => readPart(part, requests)));
    await file.write(bodies, position);
    for (const { length } of bodies) position += length;
  }
}

async function readPart({ key, bytes, sha256: sum }: Part, requests: SnapshotRequests): Promise<Buffer> {
  const object = await requests.read(key);
  if (object === undefined) throw new SnapshotDamageError(key, 'it is missing');
  const { body } = object;
  if (body.length !== bytes)
    throw new SnapshotDamageError(key, `it has ${body.length} bytes instead of ${bytes}`);
  if (sha256(body) !== sum) throw new SnapshotDamageError(key, 'checksum mismatch');
  return body;
}
