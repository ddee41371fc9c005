import assert from 'node:assert/strict';

import type { Disk } from '../../../../src/engine/embedded/disk.ts';
import type { SharedEngine } from '../../../../src/engine/shared/open.ts';
import type { SnapshotSettings } from '../../../../src/engine/shared/snapshots/keeper.ts';
import { decodeManifest, type Snapshot } from '../../../../src/engine/shared/snapshots/manifest.ts';
import type { SnapshotObjects } from '../../../../src/engine/shared/snapshots/objects.ts';
import { systemClock, type Clock } from '../../../../src/support/clock.ts';
import { ALL, put, textsOf } from '../../contract.ts';
import { tinyTables } from '../../embedded/store.ts';
import { FaultyDisk } from '../../simulation/faulty-disk.ts';
import { Random } from '../../simulation/random.ts';
import { until } from '../../../support/until.ts';
import { MemoryStore } from '../memory-log.ts';
import { openMember, untilOwner } from '../shared-engine.ts';
import { MemoryObjects } from './memory-objects.ts';

export const PATIENT = { takeOverAfterMs: 600_000 };

/** Taken when asked only, after the first. */
export const SETTINGS: SnapshotSettings = {
  keptMin: 2,
  retentionMs: 0,
  everyMs: 1e12,
  everyBytes: 1e12,
  bytesPerSecond: Infinity,
  partBytes: 700,
};

export function emptyDisk(): FaultyDisk {
  return new FaultyDisk(new Random(1));
}

export interface OpenOptions {
  readonly disk?: Disk;
  readonly settings?: Partial<SnapshotSettings>;
  readonly shared?: Parameters<typeof openMember>[0]['shared'];
  readonly objects?: SnapshotObjects;
  /** Awaited before and after each request to the log. */
  readonly pass?: () => Promise<void>;
  /** Whose times the frames have. */
  readonly clock?: Clock;
}

/** Machines that share a log and a place for its snapshots, both in memory. */
export class TestCluster {
  readonly store = new MemoryStore();
  readonly objects = new MemoryObjects();
  readonly #opened: SharedEngine[] = [];

  async open(options: OpenOptions = {}): Promise<SharedEngine> {
    const { disk = emptyDisk(), settings, shared = PATIENT, objects = this.objects.open(), pass } = options;
    const machine = await openMember({
      ...(options.clock && { clock: options.clock }),
      log: this.store.open(pass),
      disk,
      bounds: { segmentBytes: 2000, reserveBytes: 2000, ...tinyTables },
      shared: { timers: systemClock, ...shared },
      snapshots: { objects, prefix: 'snapshots/', settings: { ...SETTINGS, ...settings } },
    });
    this.#opened.push(machine);
    return machine;
  }

  /** The first machine, as the owner. */
  async openOwner(options: OpenOptions = {}): Promise<SharedEngine> {
    const owner = await this.open(options);
    await untilOwner(owner);
    return owner;
  }

  async close(): Promise<void> {
    for (const machine of this.#opened.splice(0)) await machine.close();
  }

  /** All that the list has, by id. */
  snapshots(): Snapshot[] {
    return this.objects
      .keys('snapshots/list/')
      .map((key) => decodeManifest(key, this.objects.objects.get(key) ?? Buffer.alloc(0)));
  }
}

let count = 0;

/** Some records and rows, so that segments and table files come to be. */
export async function fill({ engine }: SharedEngine, puts = 30): Promise<void> {
  const table = engine.catalog.table<{ n: number }>('rows');
  for (let n = 0; n < puts; n++) {
    const id = count++;
    await put(engine, 1 + (id % 2), `record ${id} ${'-'.repeat(id % 70)}`);
    if (id % 3 === 0) await engine.catalog.commit((to) => to.put(table, `row ${id}`, { n: id }));
  }
}

export async function take({ snapshots }: SharedEngine): Promise<Snapshot> {
  const taken = await snapshots?.take();
  assert(taken);
  return taken;
}

export async function contentOf({ engine }: SharedEngine): Promise<unknown> {
  const logs: string[][] = [];
  for (const log of [1, 2]) logs.push(textsOf(await engine.read(log, engine.bounds(log).firstIndex, ALL)));
  return { logs, rows: [...engine.catalog.table('rows').entries()] };
}

export async function untilAt(machine: SharedEngine, other: SharedEngine): Promise<void> {
  await until(() => machine.member.status().position >= other.member.status().position);
}
