import type { Capture, CapturedFile } from '../../../src/engine/embedded/capture.ts';
import type { SharedEntry } from '../../../src/engine/embedded/format/entries.ts';
import type { Role } from '../../../src/engine/shared/member-options.ts';
import { SnapshotKeeper, type SnapshotSettings } from '../../../src/engine/shared/snapshots/keeper.ts';
import { SnapshotRequests } from '../../../src/engine/shared/snapshots/requests.ts';
import { SnapshotList } from '../../../src/engine/shared/snapshots/snapshot-list.ts';
import { ManualClock } from '../../../src/support/clock.ts';
import { silentLog } from '../../../src/support/log.ts';
import type { MemoryStore } from '../shared/memory-log.ts';
import type { MemoryObjects } from '../shared/snapshots/memory-objects.ts';
import { FaultyDisk } from './faulty-disk.ts';
import type { Random } from './random.ts';

const FRAMES_PER_SEGMENT = 4;

/**
 * What a store has at a place of the log: sealed segments, each of some frames, of which old ones go, and one that is
 * written. Each machine has files of its own.
 */
export function storeAt(machine: number, position: number): Map<string, Buffer> {
  const files = new Map<string, Buffer>();
  const segment = Math.floor(position / FRAMES_PER_SEGMENT) + 1;
  for (let number = Math.max(1, segment - 6 + (segment % 3)); number <= segment; number++) {
    const frames = number < segment ? FRAMES_PER_SEGMENT : (position % FRAMES_PER_SEGMENT) + 1;
    const path = `segments/${String(number).padStart(12, '0')}-0.segment`;
    files.set(path, Buffer.from(`machine ${machine} segment ${number} `.repeat(frames)));
  }
  return files;
}

export function storeIdOf(machine: number): Buffer {
  return Buffer.alloc(16, machine);
}

/** A machine as its snapshots see it: its place in the log, its files, its clock, and the process that runs on it. */
export class SnapshotMachine {
  readonly number: number;
  readonly #random: Random;
  readonly #log: MemoryStore;
  readonly #objects: MemoryObjects;
  readonly #settings: SnapshotSettings;
  readonly #clock: ManualClock;
  role: Role = 'standby';
  place: SharedEntry | undefined;
  #keeper: SnapshotKeeper | undefined;
  #wall: { readonly open: Promise<void>; readonly resume: () => void } | undefined;
  #life = 0;

  constructor(
    number: number,
    options: {
      readonly random: Random;
      readonly log: MemoryStore;
      readonly objects: MemoryObjects;
      readonly settings: SnapshotSettings;
    },
  ) {
    this.number = number;
    this.#random = options.random;
    this.#log = options.log;
    this.#objects = options.objects;
    this.#settings = options.settings;
    this.#clock = new ManualClock(options.random.below(7_200_000));
  }

  get keeper(): SnapshotKeeper | undefined {
    return this.#keeper;
  }

  start(): void {
    const life = this.#life;
    const pass = async (): Promise<void> => {
      if (this.#life !== life) await new Promise<never>(() => undefined);
      while (this.#wall !== undefined) await this.#wall.open;
      if (this.#life !== life) await new Promise<never>(() => undefined);
    };
    const placeNow = (): SharedEntry | undefined => this.place;
    this.#keeper = new SnapshotKeeper({
      settings: this.#settings,
      list: new SnapshotList(''),
      requests: new SnapshotRequests({
        objects: this.#objects.open(pass),
        clock: this.#clock,
        signal: new AbortController().signal,
      }),
      log: this.#log.open(pass),
      member: {
        status: () => ({ role: this.role, term: 1, position: 0, owner: undefined, quietMs: 0 }),
        bytesApplied: 0,
      },
      copy: {
        capture: () => Promise.resolve(this.#capture()),
        replica: {
          get place() {
            return placeNow();
          },
        },
      },
      clock: this.#clock,
      random: () => this.#random.next(),
      logger: silentLog,
    });
    this.#keeper.start();
  }

  /** Time passes here. */
  advance(ms: number): void {
    this.#clock.advance(ms);
  }

  pause(): void {
    if (this.#wall !== undefined) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#wall = { open: promise, resume: resolve };
  }

  resume(): void {
    this.#wall?.resume();
    this.#wall = undefined;
  }

  kill(): void {
    this.#life++;
    this.resume();
    this.#keeper?.stop();
    this.#keeper = undefined;
    this.role = 'standby';
  }

  #capture(): Capture | undefined {
    const { place } = this;
    if (place === undefined) return undefined;
    const content = storeAt(this.number, place.position);
    const disk = FaultyDisk.of(content, this.#random);
    const paths = [...content.keys()];
    const files = paths.map((path, at): CapturedFile => ({
      path,
      bytes: content.get(path)?.length ?? 0,
      isSealed: at < paths.length - 1,
      hasRecentKeys: false,
    }));
    return {
      place,
      store: storeIdOf(this.number),
      files,
      open: ({ path }) => disk.open(path, 'read'),
      check: () => Promise.resolve(),
      isInTheWay: () => false,
      release: () => Promise.resolve(),
    };
  }
}
