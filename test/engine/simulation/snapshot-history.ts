import assert from 'node:assert/strict';

import { encodeBeat } from '../../../src/engine/shared/beat.ts';
import { LOG_START, type SharedLog } from '../../../src/engine/shared/shared-log.ts';
import { decodeManifest, sha256, type Snapshot } from '../../../src/engine/shared/snapshots/manifest.ts';
import { SnapshotRequests } from '../../../src/engine/shared/snapshots/requests.ts';
import { SnapshotSeeding } from '../../../src/engine/shared/snapshots/seed.ts';
import { SnapshotList } from '../../../src/engine/shared/snapshots/snapshot-list.ts';
import { systemClock, type Clock } from '../../../src/support/clock.ts';
import { silentLog } from '../../../src/support/log.ts';
import { MemoryStore } from '../shared/memory-log.ts';
import { MemoryObjects } from '../shared/snapshots/memory-objects.ts';
import { FaultyDisk } from './faulty-disk.ts';
import { Random } from './random.ts';
import { SnapshotMachine, storeAt, storeIdOf } from './snapshot-machine.ts';

const SETTINGS = {
  keptMin: 1,
  retentionMs: 0,
  everyMs: 10_000,
  everyBytes: Infinity,
  bytesPerSecond: Infinity,
  partBytes: 60,
};
const OWNER = { url: 'http://owner', version: '1.0.0' };

/** A snapshot that says that it is complete is not, or the log was trimmed further than snapshots reach. */
export class BrokenSnapshot extends Error {}

/**
 * Machines take snapshots of what they have of a growing log, trim it, and remove what is no longer kept, all at once,
 * over a store that delays, loses requests and loses answers; they are paused, killed and restarted at any moment, and
 * more than one takes itself for the owner. After every change: each complete snapshot in the list has all of its
 * parts, and the log reaches back to the newest one.
 */
export class SnapshotHistory {
  readonly trace: string[] = [];
  readonly #random: Random;
  readonly #objects: MemoryObjects;
  readonly #log = new MemoryStore();
  readonly #machines: SnapshotMachine[];
  /** As the objects are, by key. */
  readonly #listed = new Map<string, Snapshot>();
  #appender: SharedLog | undefined;
  #broken: BrokenSnapshot | undefined;
  #completed = 0;
  #timeMs = 1_000_000;

  constructor(seed: number, faults: { ignoresConditions?: boolean; hasStaleLists?: boolean } = {}) {
    this.#random = new Random(seed);
    const random = this.#random;
    this.#objects = new MemoryObjects(random);
    this.#objects.ignoresConditions = faults.ignoresConditions ?? false;
    this.#objects.hasStaleLists = faults.hasStaleLists ?? false;
    this.#objects.onChange = (key) => this.#checkChange(key);
    this.#machines = Array.from(
      { length: 2 + random.below(2) },
      (_, n) =>
        new SnapshotMachine(n, { random, log: this.#log, objects: this.#objects, settings: SETTINGS }),
    );
  }

  /** How many snapshots became complete. */
  get completed(): number {
    return this.#completed;
  }

  async run(): Promise<void> {
    this.#appender = this.#log.open();
    await this.#appender.takeOver(OWNER, LOG_START);
    for (const machine of this.#machines) machine.start();
    for (let n = 25 + this.#random.below(25); n > 0; n--) {
      await this.#step(this.#random.pick(this.#machines));
      await turns(this.#random.below(12));
      this.#throwBroken();
    }
    await this.#checkProgress();
    await this.#checkJoin();
    for (const machine of this.#machines) machine.kill();
  }

  async #step(machine: SnapshotMachine): Promise<void> {
    const roll = this.#random.next();
    if (machine.keeper === undefined) return machine.start();
    if (roll < 0.35) {
      await this.#append(1 + this.#random.below(4));
      return this.#follow(machine);
    }
    if (roll < 0.45) machine.role = machine.role === 'owner' ? 'standby' : 'owner';
    else if (roll < 0.7) machine.advance(this.#random.pick([2500, 10_000, 60_000, 1_000_000]));
    else if (roll < 0.78) void machine.keeper.take().catch(() => undefined);
    else if (roll < 0.86) machine.pause();
    else if (roll < 0.95) machine.resume();
    else {
      this.trace.push(`machine ${machine.number} is killed`);
      machine.kill();
    }
  }

  async #append(count: number): Promise<void> {
    for (let n = 0; n < count; n++) {
      this.#timeMs += 2000;
      await this.#appender?.append('heartbeat', encodeBeat({ timeMs: this.#timeMs, owner: OWNER }));
    }
  }

  #follow(machine: SnapshotMachine): void {
    const timeMs = this.#timeMs;
    machine.place = { kind: 'shared', term: 1, position: this.#log.next - 1, timeMs, version: '1.0.0' };
  }

  #checkChange(key: string): void {
    const bytes = this.#objects.objects.get(key);
    if (key.startsWith('parts/')) {
      // Parts are never written again.
      if (bytes !== undefined) return;
      const reader = this.#complete().find(({ files }) =>
        files.some(({ parts }) => parts.some((part) => part.key === key)),
      );
      if (reader !== undefined) this.#break(`${key} of snapshot ${reader.id} was removed`);
    } else if (bytes === undefined) this.#listed.delete(key);
    else {
      const snapshot = decodeManifest(key, bytes);
      this.#listed.set(key, snapshot);
      if (snapshot.isComplete) this.#checkComplete(snapshot);
    }
    this.#checkTrim();
  }

  #checkComplete(snapshot: Snapshot): void {
    this.#completed++;
    this.trace.push(`snapshot at ${snapshot.place.position} is complete`);
    const machine = Buffer.from(snapshot.store, 'hex')[0] ?? 0;
    const expected = storeAt(machine, snapshot.place.position);
    for (const { path, bytes, parts } of snapshot.files) {
      const found = parts.map((part) => {
        const body = this.#objects.objects.get(part.key);
        if (body === undefined) this.#break(`${part.key} is missing when ${snapshot.id} is complete`);
        else if (sha256(body) !== part.sha256) this.#break(`${part.key} has another content`);
        return body ?? Buffer.alloc(0);
      });
      const content = Buffer.concat(found);
      if (content.length !== bytes || expected.get(path)?.equals(content) !== true)
        this.#break(`${path} of ${snapshot.id} is not what the machine had`);
      expected.delete(path);
    }
    if (expected.size > 0) this.#break(`${snapshot.id} lacks a file`);
  }

  #checkTrim(): void {
    const newest = Math.max(0, ...this.#complete().map(({ place }) => place.position));
    if (this.#log.first > newest) this.#break(`the log begins at ${this.#log.first}, after ${newest}`);
  }

  #complete(): Snapshot[] {
    return [...this.#listed.values()].filter(({ isComplete }) => isComplete);
  }

  #break(what: string): void {
    this.#broken ??= new BrokenSnapshot(what);
  }

  #throwBroken(): void {
    if (this.#broken !== undefined) throw this.#broken;
  }

  /** Left alone, the machines take a new snapshot, and nothing is left of those that were cut off. */
  async #checkProgress(): Promise<void> {
    await this.#append(5);
    const last = this.#log.next - 1;
    for (const machine of this.#machines) {
      machine.resume();
      if (machine.keeper === undefined) machine.start();
      machine.role = machine === this.#machines[0] ? 'owner' : 'standby';
      this.#follow(machine);
    }
    this.#timeMs += 60_000;
    for (let n = 0; ; n++) {
      await this.#append(1);
      for (const machine of this.#machines) {
        this.#follow(machine);
        machine.advance(60_000);
      }
      await turns(20);
      this.#throwBroken();
      const [newest] = this.#complete().toSorted((a, b) => b.place.position - a.place.position);
      const isClean = this.#garbage().length === 0;
      if (newest !== undefined && newest.place.position > last && isClean && this.#log.first > 0) return;
      if (n > 300)
        throw new BrokenSnapshot(`no progress: newest ${newest?.place.position}, ${this.#garbage().join()}`);
    }
  }

  /** Objects that no complete snapshot has. */
  #garbage(): string[] {
    const complete = this.#complete();
    const keys = new Set(complete.map(({ id }) => `list/${id}`));
    for (const { files } of complete)
      for (const { parts } of files) for (const { key } of parts) keys.add(key);
    return [...this.#objects.objects.keys()].filter((key) => !keys.has(key));
  }

  /** A machine with an empty folder begins with a snapshot from which the log goes on. */
  async #checkJoin(): Promise<void> {
    const disk = new FaultyDisk(this.#random);
    const { signal } = new AbortController();
    const seeding = new SnapshotSeeding({
      log: this.#log.open(),
      list: new SnapshotList(''),
      requests: new SnapshotRequests({ objects: this.#objects.open(), clock: hasty, signal }),
      clock: systemClock,
      timers: systemClock,
      logger: silentLog,
    });
    // A part may be removed while it is read, because a newer snapshot came: then that one is used.
    const fill = await seeding.choose(undefined);
    assert(fill);
    await fill(disk);
    const files = disk.files();
    if (!files.has('mark')) return;
    const found = this.#complete().some(({ store, place }) => {
      const machine = Buffer.from(store, 'hex')[0] ?? 0;
      const expected = storeAt(machine, place.position);
      if (!storeIdOf(machine).equals(Buffer.from(store, 'hex'))) return false;
      return (
        expected.size === [...files.keys()].filter((path) => path.startsWith('segments/')).length &&
        [...expected].every(([path, bytes]) => files.get(path)?.equals(bytes) === true)
      );
    });
    if (!found) throw new BrokenSnapshot('a new machine has other files than the snapshot');
  }
}

/** Pauses between attempts take no time. */
const hasty: Clock = {
  now: () => 0,
  schedule: (_, callback) => {
    const immediate = setImmediate(callback);
    return () => clearImmediate(immediate);
  },
};

async function turns(count: number): Promise<void> {
  for (let n = 0; n < count; n++) await new Promise((resolve) => setImmediate(resolve));
}
