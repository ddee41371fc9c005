import { dirname } from 'node:path';

import type { Disk, DiskFile } from '../../../src/engine/embedded/disk.ts';
import type { Random } from './random.ts';

const SECTOR_BYTES = 512;

interface Write {
  readonly position: number;
  readonly bytes: Buffer;
}

/** A file: what every process sees now, what a power cut would leave for sure, and what lies between. */
interface Inode {
  seen: Buffer;
  durable: Buffer;
  /** Writes and truncations since the last sync, in order. */
  pending: (Write | { readonly length: number })[];
}

type NameChange =
  | { readonly kind: 'set'; readonly name: string; readonly inode: Inode }
  | { readonly kind: 'rename'; readonly from: string; readonly name: string; readonly inode: Inode }
  | { readonly kind: 'remove'; readonly name: string };

export class PowerCut extends Error {}

/**
 * A disk in memory that does what disks may do. Until a sync, any sectors of any writes may be on disk or not, in
 * any order; created, renamed and removed names become durable in order, but only surely with the sync of a folder
 * that they or later ones are in.
 * After a failed sync the unwritten sectors are lost though reads go on showing them, as Linux does.
 */
export class FaultyDisk implements Disk {
  readonly #random: Random;
  #names = new Map<string, Inode>();
  #durableNames = new Map<string, Inode>();
  #pendingNames: NameChange[] = [];
  #life = 0;
  /** The power is cut at the call that brings this to 0. */
  callsUntilCut = Infinity;
  faultChance = 0;
  #roomBytes = Infinity;
  calls = 0;

  constructor(random: Random) {
    this.#random = random;
  }

  /** What is freed on a full disk can be written again. */
  get full(): boolean {
    return this.#roomBytes < Infinity;
  }

  set full(full: boolean) {
    this.#roomBytes = full ? 0 : Infinity;
  }

  /** After a power cut: what is durable, and by luck some of what was under way. */
  restart(): void {
    this.#life++;
    this.callsUntilCut = Infinity;
    this.faultChance = 0;
    this.full = false;
    const kept = this.#random.below(this.#pendingNames.length + 1);
    for (const change of this.#pendingNames.slice(0, kept)) applyName(this.#durableNames, change);
    this.#pendingNames = [];
    for (const inode of new Set(this.#durableNames.values())) {
      inode.durable = this.#survivors(inode);
      inode.seen = Buffer.from(inode.durable);
      inode.pending = [];
    }
    this.#names = new Map(this.#durableNames);
  }

  /** After the process was killed: what it wrote is there, though not for sure on disk. */
  restartProcess(): void {
    this.#life++;
    this.callsUntilCut = Infinity;
    this.faultChance = 0;
    this.full = false;
  }

  async open(path: string, mode: 'create' | 'write' | 'read'): Promise<DiskFile> {
    await this.#call();
    let inode = this.#names.get(path);
    if (mode === 'create') {
      if (inode !== undefined) throw errno('EEXIST');
      inode = { seen: Buffer.alloc(0), durable: Buffer.alloc(0), pending: [] };
      this.#change({ kind: 'set', name: path, inode });
    }
    if (inode === undefined) throw errno('ENOENT');
    return this.#file(inode);
  }

  makeFolder(): Promise<void> {
    return this.#call();
  }

  async list(path: string): Promise<string[]> {
    await this.#call();
    const prefix = path === '.' ? '' : `${path}/`;
    const below = [...this.#names.keys()].filter((name) => name.startsWith(prefix));
    return below.map((name) => name.slice(prefix.length)).filter((name) => !name.includes('/'));
  }

  async rename(from: string, to: string): Promise<void> {
    await this.#call();
    const inode = this.#names.get(from);
    if (inode === undefined) throw errno('ENOENT');
    // One step for a journalling file system.
    this.#change({ kind: 'rename', from, name: to, inode });
  }

  async remove(path: string): Promise<void> {
    await this.#call();
    const inode = this.#names.get(path);
    if (inode === undefined) throw errno('ENOENT');
    this.#roomBytes += inode.seen.length;
    this.#change({ kind: 'remove', name: path });
  }

  async syncFolder(path: string): Promise<void> {
    await this.#call();
    if (this.#random.chance(this.faultChance)) throw errno('EIO');
    const last = this.#pendingNames.findLastIndex((change) => foldersOf(change).includes(path));
    for (const change of this.#pendingNames.splice(0, last + 1)) applyName(this.#durableNames, change);
  }

  /** The files as they are now, and a disk made of such: for tests that harm them. */
  files(): Map<string, Buffer> {
    return new Map(
      [...this.#names].sort(([a], [b]) => (a < b ? -1 : 1)).map(([path, { seen }]) => [path, seen]),
    );
  }

  static of(files: ReadonlyMap<string, Buffer>, random: Random): FaultyDisk {
    const disk = new FaultyDisk(random);
    for (const [path, bytes] of files) disk.#names.set(path, { seen: bytes, durable: bytes, pending: [] });
    disk.#durableNames = new Map(disk.#names);
    return disk;
  }

  #file(inode: Inode): DiskFile {
    const life = this.#life;
    const call = async (): Promise<void> => {
      if (life !== this.#life) throw new PowerCut();
      await this.#call();
      if (life !== this.#life) throw new PowerCut();
    };
    return {
      write: async (pieces, position) => {
        await call();
        this.#write(inode, Buffer.concat(pieces), position);
      },
      read: async (into, position) => {
        await call();
        return inode.seen.copy(into, 0, position);
      },
      sync: async () => {
        await call();
        this.#sync(inode);
      },
      truncate: async (length) => {
        await call();
        if (this.#random.chance(this.faultChance)) throw errno('EIO');
        this.#roomBytes += inode.seen.length - length;
        inode.pending.push({ length });
        inode.seen = resized(inode.seen, length);
      },
      size: async () => {
        await call();
        return inode.seen.length;
      },
      close: () => Promise.resolve(),
    };
  }

  #write(inode: Inode, bytes: Buffer, position: number): void {
    const growth = Math.max(0, position + bytes.length - inode.seen.length);
    const isFull = growth > this.#roomBytes;
    const fault = isFull ? 'ENOSPC' : this.#random.chance(this.faultChance) ? 'EIO' : undefined;
    const most = isFull ? bytes.length - growth + this.#roomBytes : bytes.length;
    const part = fault === undefined ? bytes : bytes.subarray(0, this.#random.below(most + 1));
    const write = { position, bytes: part };
    inode.pending.push(write);
    const before = inode.seen.length;
    inode.seen = written(inode.seen, write);
    this.#roomBytes -= inode.seen.length - before;
    if (fault !== undefined) throw errno(fault);
  }

  #sync(inode: Inode): void {
    if (this.#random.chance(this.faultChance)) {
      inode.durable = this.#survivors(inode);
      inode.pending = [];
      throw errno('EIO');
    }
    inode.durable = inode.pending.reduce(applied, inode.durable);
    inode.pending = [];
  }

  #survivors(inode: Inode): Buffer {
    let content = inode.durable;
    for (const change of inode.pending) {
      if ('length' in change) {
        if (this.#random.chance(0.5)) content = resized(content, change.length);
        continue;
      }
      // A whole write survives as often as bits of it: both are of interest.
      const all = this.#random.chance(0.4);
      for (const sector of sectorsOf(change)) {
        if (all || this.#random.chance(0.5)) content = written(content, sector);
      }
    }
    return Buffer.from(content);
  }

  #change(change: NameChange): void {
    applyName(this.#names, change);
    this.#pendingNames.push(change);
  }

  async #call(): Promise<void> {
    const life = this.#life;
    this.calls++;
    if (--this.callsUntilCut <= 0) throw new PowerCut('the power is cut');
    for (let turns = this.#random.below(3); turns > 0; turns--) await Promise.resolve();
    if (this.callsUntilCut <= 0 || life !== this.#life) throw new PowerCut('the power is cut');
  }
}

function foldersOf(change: NameChange): string[] {
  return change.kind === 'rename' ? [dirname(change.from), dirname(change.name)] : [dirname(change.name)];
}

function applyName(names: Map<string, Inode>, change: NameChange): void {
  if (change.kind === 'rename') names.delete(change.from);
  if (change.kind === 'remove') names.delete(change.name);
  else names.set(change.name, change.inode);
}

function applied(content: Buffer, change: Write | { readonly length: number }): Buffer {
  return 'length' in change ? resized(content, change.length) : written(content, change);
}

function written(content: Buffer, write: Write): Buffer {
  const end = write.position + write.bytes.length;
  const result = Buffer.from(end > content.length ? resized(content, end) : content);
  write.bytes.copy(result, write.position);
  return result;
}

function resized(content: Buffer, length: number): Buffer {
  const result = Buffer.alloc(length);
  content.copy(result);
  return result;
}

function* sectorsOf(write: Write): IterableIterator<Write> {
  let at = 0;
  while (at < write.bytes.length) {
    const toBoundary = SECTOR_BYTES - ((write.position + at) % SECTOR_BYTES);
    yield { position: write.position + at, bytes: write.bytes.subarray(at, at + toBoundary) };
    at += toBoundary;
  }
}

function errno(code: string): Error {
  return Object.assign(new Error(`${code}: by the simulated disk`), { code });
}
