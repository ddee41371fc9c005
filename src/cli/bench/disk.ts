import { open, readdir, readFile, statfs } from 'node:fs/promises';
import { join } from 'node:path';
import { percentile } from './latencies.ts';

export interface DiskReport {
  readonly FileSystem: string;
  readonly P50Milliseconds: number;
  readonly P99Milliseconds: number;
  readonly Syncs: number;
  /** `unlikely`: no disk that keeps its data without power is so fast. */
  readonly Honest: 'no' | 'unlikely' | 'plausible';
  readonly Says: string;
}

/** Numbers of statfs(2). */
const FILE_SYSTEMS: Readonly<Record<number, string>> = {
  0x1021994: 'tmpfs',
  0x858458f6: 'ramfs',
  0xef53: 'ext4',
  0x58465342: 'xfs',
  0x9123683e: 'btrfs',
  0x794c7630: 'overlay',
  0x6969: 'nfs',
  0x2fc12fc1: 'zfs',
  0x65735546: 'fuse',
};

/** Faster than this, not even a disk with its own power takes a block over the bus and answers. */
const FASTEST_MS = 0.015;
const BLOCK = Buffer.alloc(4096, 1);

/** Appends blocks to a file, each with an fdatasync, as the server does for a single put. */
export async function measureDisk(folder: string, forMs: number): Promise<DiskReport> {
  const { type } = await statfs(folder);
  const fileSystem = FILE_SYSTEMS[type] ?? `0x${type.toString(16)}`;
  const file = await open(join(folder, 'fdatasync'), 'w');
  const tookMs: number[] = [];
  try {
    const endMs = performance.now() + forMs;
    while (performance.now() < endMs) {
      await file.write(BLOCK);
      const began = performance.now();
      await file.datasync();
      tookMs.push(performance.now() - began);
    }
  } finally {
    await file.close();
  }
  const P50Milliseconds = percentile(tookMs, 0.5);
  // The thread pool of Node takes a part of each call: the fastest is nearest to the disk.
  const fastestMs = Math.min(...tookMs);
  return {
    FileSystem: fileSystem,
    P50Milliseconds,
    P99Milliseconds: percentile(tookMs, 0.99),
    Syncs: tookMs.length,
    ...verdict(fileSystem, fastestMs, await cacheOfDisks()),
  };
}

function verdict(fileSystem: string, fastestMs: number, cache: string): Pick<DiskReport, 'Honest' | 'Says'> {
  if (fileSystem === 'tmpfs' || fileSystem === 'ramfs') {
    return { Honest: 'no', Says: `${fileSystem} is memory: nothing survives a restart of the machine` };
  }
  const fastest = `the fastest took ${(fastestMs * 1000).toFixed(0)} µs`;
  if (fastestMs < FASTEST_MS) {
    return {
      Honest: 'unlikely',
      Says: `${fastest}: it may not reach the disk (a virtual disk without flushes?)`,
    };
  }
  return { Honest: 'plausible', Says: `${fastest}${cache}; only cutting the power proves it` };
}

/** What Linux knows of the caches of the disks of this machine. */
async function cacheOfDisks(): Promise<string> {
  try {
    const disks = (await readdir('/sys/block')).filter((name) => !/^(?:loop|ram|zram|sr)/.test(name));
    const caches = await Promise.all(
      disks.map(
        async (disk) => `${disk} ${(await readFile(`/sys/block/${disk}/queue/write_cache`, 'utf8')).trim()}`,
      ),
    );
    return caches.length === 0 ? '' : `; caches of the disks: ${caches.join(', ')}`;
  } catch {
    return '';
  }
}
