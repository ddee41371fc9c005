import { randomBytes } from 'node:crypto';
import { setImmediate as turn } from 'node:timers/promises';
import type { Clock } from '../../../support/clock.ts';
import type { Pace } from '../../../support/pace.ts';
import type { Capture, CapturedFile } from '../../embedded/capture.ts';
import type { DiskFile } from '../../embedded/disk.ts';
import { FORMAT_VERSION } from '../../embedded/format/version.ts';
import { SnapshotDamageError, SnapshotLostError } from './errors.ts';
import { snapshotLimits } from './limits.ts';
import { encodeManifest, sha256, type Part, type Snapshot, type SnapshotFile } from './manifest.ts';
import type { SnapshotRequests } from './requests.ts';
import { completeOf, type Listed, type SnapshotList } from './snapshot-list.ts';

export interface WriteOptions {
  readonly requests: SnapshotRequests;
  readonly list: SnapshotList;
  readonly capture: Capture;
  /** A snapshot that was cut off, to be continued. */
  readonly abandoned: Listed | undefined;
  /** Of files that never change: the parts that this process has read before. */
  readonly known: KnownFiles;
  readonly clock: Clock;
  readonly pace: Pace;
  readonly partBytes?: number | undefined;
  /** Called when the snapshot has begun. */
  readonly onBegun?: (id: string) => void;
}

/** By path. The SHA-256 of each part of a sealed file. */
export type KnownFiles = Map<string, readonly Omit<Part, 'key'>[]>;

/**
 * Writes a snapshot of what was captured: first that it has begun, then its parts, then that it is complete. Parts that
 * the newest complete snapshot has are not written again: none of them is removed meanwhile, because the list showed
 * that snapshot after this one had begun (collect.ts). Throws SnapshotLostError when another machine continues it,
 * CaptureDamageError, SnapshotDamageError.
 */
export async function writeSnapshot(options: WriteOptions): Promise<Snapshot> {
  const { requests, list, known, capture } = options;
  const claim = await Claim.begin(options);
  const [base] = completeOf(await list.read(requests));
  const present = await partsIn(requests, list.partsPrefix);
  const parts = new Map<string, Part>();
  for (const snapshot of [base, options.abandoned?.snapshot]) {
    for (const part of snapshot?.files.flatMap((file) => file.parts) ?? []) {
      if (present.get(part.key) === part.bytes) parts.set(part.sha256, part);
    }
  }
  for (const path of known.keys()) {
    if (!capture.files.some((file) => file.path === path)) known.delete(path);
  }
  const files: SnapshotFile[] = [];
  // Sealed files first: the one that is written has a new part in most snapshots.
  for (const file of capture.files) {
    files.push(await writeFile(file, { ...options, claim, parts, written: files }));
  }
  await requireParts(options, files);
  return await claim.advance({ isComplete: true, files });
}

/** The object by which a process holds a snapshot that it writes. */
class Claim {
  readonly #options: WriteOptions;
  readonly #id: string;
  /** Distinguishes the parts, and each version of the object, from those of other processes. */
  readonly nonce = randomBytes(6).toString('hex');
  #etag = '';
  #turns = 0;
  #refreshedMs: number;
  #parts = 0;

  private constructor(options: WriteOptions) {
    this.#options = options;
    this.#refreshedMs = options.clock.now();
    this.#id = options.abandoned?.snapshot?.id ?? `${options.clock.now()}-${this.nonce}`;
  }

  static async begin(options: WriteOptions): Promise<Claim> {
    const claim = new Claim(options);
    const { abandoned, requests, list } = options;
    const files = abandoned?.snapshot?.files ?? [];
    const body = claim.#encoded({ isComplete: false, files });
    const etag =
      abandoned === undefined
        ? await requests.create(list.keyOf(claim.#id), body)
        : await requests.replace(abandoned.key, abandoned.etag, body);
    if (etag === undefined) throw new SnapshotLostError('another machine writes this snapshot');
    claim.#etag = etag;
    options.onBegun?.(claim.#id);
    return claim;
  }

  nextPartKey(): string {
    const { list } = this.#options;
    return `${list.partsPrefix}${this.#id}/${this.nonce}-${this.#parts++}`;
  }

  /** Called between parts: shows other machines, now and then, that this goes on. */
  async goOn(files: readonly SnapshotFile[]): Promise<void> {
    const { requests, clock } = this.#options;
    requests.signal.throwIfAborted();
    const sinceMs = clock.now() - this.#refreshedMs;
    // A clock that was set back must not make this wait.
    if (sinceMs >= 0 && sinceMs < snapshotLimits.refreshMs) return;
    await this.advance({ isComplete: false, files });
  }

  async advance(content: Pick<Snapshot, 'isComplete' | 'files'>): Promise<Snapshot> {
    const { requests, list, clock } = this.#options;
    const etag = await requests.replace(list.keyOf(this.#id), this.#etag, this.#encoded(content));
    if (etag === undefined) throw new SnapshotLostError('another machine continues this snapshot');
    this.#etag = etag;
    this.#refreshedMs = clock.now();
    return this.#snapshot(content);
  }

  #encoded(content: Pick<Snapshot, 'isComplete' | 'files'>): Buffer {
    this.#turns++;
    return encodeManifest(this.#snapshot(content));
  }

  #snapshot(content: Pick<Snapshot, 'isComplete' | 'files'>): Snapshot {
    const { store, place } = this.#options.capture;
    const { term, position, timeMs, version } = place;
    return {
      id: this.#id,
      writer: `${this.nonce}-${this.#turns}`,
      place: { term, position, timeMs, version },
      store: store.toString('hex'),
      engineFormat: FORMAT_VERSION,
      ...content,
    };
  }
}

interface FileOptions extends WriteOptions {
  readonly claim: Claim;
  /** That are in the store, by their SHA-256. */
  readonly parts: Map<string, Part>;
  readonly written: readonly SnapshotFile[];
}

async function writeFile(captured: CapturedFile, options: FileOptions): Promise<SnapshotFile> {
  const { capture, known, parts, pace, claim } = options;
  const { path, bytes, isSealed, hasRecentKeys } = captured;
  const sums = isSealed ? known.get(path) : undefined;
  const present = sums?.map(({ sha256: sum }) => parts.get(sum));
  if (present?.every((part) => part !== undefined) === true)
    return { path, bytes, hasRecentKeys, parts: present };
  requireRoom(capture);
  await capture.check(captured);
  await pace(bytes);
  const file = await capture.open(captured);
  try {
    const written: Part[] = [];
    for await (const body of piecesOf(file, bytes, options.partBytes)) {
      requireRoom(capture);
      written.push(await writePart(body, options));
      await claim.goOn(options.written);
    }
    if (isSealed) known.set(path, written);
    return { path, bytes, hasRecentKeys, parts: written };
  } finally {
    await file.close();
  }
}

async function writePart(body: Buffer, { claim, parts, requests, pace }: FileOptions): Promise<Part> {
  const sum = sha256(body);
  const found = parts.get(sum);
  if (found !== undefined) {
    // Hashing is all that was done: others run meanwhile.
    await turn();
    return found;
  }
  const part = { key: claim.nextPartKey(), bytes: body.length, sha256: sum };
  await requests.put(part.key, body);
  await pace(body.length);
  parts.set(sum, part);
  return part;
}

/** The bytes of a file from 0 on, in parts. */
export async function* piecesOf(
  file: Pick<DiskFile, 'read'>,
  bytes: number,
  partBytes: number = snapshotLimits.partBytes,
): AsyncGenerator<Buffer> {
  for (let at = 0; at < bytes; at += partBytes) {
    const body = Buffer.allocUnsafe(Math.min(partBytes, bytes - at));
    for (let filled = 0; filled < body.length;) {
      const read = await file.read(body.subarray(filled), at + filled);
      if (read === 0) throw new Error('a file of the data folder became shorter');
      filled += read;
    }
    yield body;
  }
}

/** Removals wait for the snapshot, and a full disk does not. */
function requireRoom(capture: Capture): void {
  if (capture.isInTheWay())
    throw new Error('the disk is full: the snapshot would keep files from being removed');
}

/** A snapshot counts only when the store lists all of its parts, with their sizes. */
async function requireParts({ requests, list }: WriteOptions, files: readonly SnapshotFile[]): Promise<void> {
  const present = await partsIn(requests, list.partsPrefix);
  const missing = missingPart(files, present);
  if (missing !== undefined) throw new SnapshotDamageError(missing.key, 'the store has lost it');
}

/** The size of each part in the store, by its key. */
export async function partsIn(
  requests: SnapshotRequests,
  partsPrefix: string,
): Promise<ReadonlyMap<string, number>> {
  return new Map((await requests.list(partsPrefix)).map(({ key, bytes }) => [key, bytes]));
}

/** The first part that is missing, or has another size. */
export function missingPart(
  files: readonly SnapshotFile[],
  present: ReadonlyMap<string, number>,
): Part | undefined {
  return files.flatMap(({ parts }) => parts).find(({ key, bytes }) => present.get(key) !== bytes);
}
