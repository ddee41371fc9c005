import type { EngineBounds } from '../../../src/engine/embedded/open.ts';
import type { Engine } from '../../../src/engine/engine.ts';
import { openSharedEngine, type SharedEngine } from '../../../src/engine/shared/open.ts';
import { ManualClock } from '../../../src/support/clock.ts';
import { silentLog } from '../../../src/support/log.ts';
import type { MemoryObjects } from '../shared/snapshots/memory-objects.ts';
import type { MemoryStore } from '../shared/memory-log.ts';
import { FaultyDisk } from './faulty-disk.ts';
import type { Random } from './random.ts';

const SNAPSHOTS = {
  keptMin: 1,
  retentionMs: 0,
  everyMs: 2000,
  everyBytes: 3000,
  bytesPerSecond: Infinity,
  partBytes: 500,
};

/** One of the machines that share a log: its clock, its disk, and the process that runs on it. */
export class Machine {
  readonly name: string;
  readonly #random: Random;
  readonly #store: MemoryStore;
  readonly #bounds: Partial<EngineBounds>;
  /** Engines that this machine has had: it gets another one when the log was trimmed past it. */
  readonly #engines = new Set<Engine>();
  #starts = 0;
  #disk: FaultyDisk;
  #clock: ManualClock;
  #process: SharedEngine | undefined;
  #wall: { readonly open: Promise<void>; readonly resume: () => void } | undefined;
  readonly #objects: MemoryObjects | undefined;
  #life = 0;

  constructor(
    name: string,
    options: {
      readonly random: Random;
      readonly store: MemoryStore;
      readonly bounds: Partial<EngineBounds>;
      readonly nowMs: number;
      /** Where the snapshots of the log are; without it the log is never trimmed. */
      readonly objects?: MemoryObjects | undefined;
    },
  ) {
    this.name = name;
    this.#random = options.random;
    this.#store = options.store;
    this.#bounds = options.bounds;
    this.#objects = options.objects;
    this.#disk = new FaultyDisk(this.#random);
    this.#clock = new ManualClock(options.nowMs);
  }

  /** Undefined while the machine is off. */
  get process(): SharedEngine | undefined {
    return this.#process;
  }

  /** The present one; undefined while the machine is off. */
  get engine(): Engine | undefined {
    const engine = this.#process?.engine;
    if (engine !== undefined) this.#engines.add(engine);
    return engine;
  }

  /** How often it began again because the log had been trimmed past it, as far as it was looked at since. */
  get behind(): number {
    return this.#engines.size - this.#starts;
  }

  get isOwner(): boolean {
    return this.#process?.member.status().role === 'owner';
  }

  async start(): Promise<SharedEngine> {
    const life = this.#life;
    const pass = async (): Promise<void> => {
      if (this.#life !== life) await new Promise<never>(() => undefined);
      while (this.#wall !== undefined) await this.#wall.open;
      if (this.#life !== life) await new Promise<never>(() => undefined);
    };
    const process = await openSharedEngine({
      folder: '',
      clock: this.#clock,
      log: silentLog,
      disk: this.#disk,
      bounds: this.#bounds,
      shared: {
        log: this.#store.open(pass),
        self: { url: `http://${this.name}`, version: '1.0.0' },
        random: () => this.#random.next(),
      },
      ...(this.#objects && {
        snapshots: { objects: this.#objects.open(pass), prefix: '', settings: SNAPSHOTS },
      }),
    });
    if (this.#life !== life) return process;
    this.#process = process;
    this.#starts++;
    this.#engines.add(process.engine);
    return process;
  }

  /** Time passes here. */
  advance(ms: number): void {
    this.#clock.advance(ms);
  }

  /** The process stands still as seen from the store, as after SIGSTOP. */
  pause(): void {
    if (this.#wall !== undefined) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#wall = { open: promise, resume: resolve };
  }

  resume(): void {
    this.#wall?.resume();
    this.#wall = undefined;
  }

  /** The power is cut: what the disk had not synced may be lost, torn or there. */
  cut(): void {
    this.#life++;
    this.resume();
    this.#process = undefined;
    this.#clock = new ManualClock(this.#clock.now());
    this.#disk.callsUntilCut = 0;
    // A new disk with what survived: the dead process keeps the old one.
    this.#disk.restart();
    const files = this.#disk.files();
    this.#disk.callsUntilCut = 0;
    this.#disk = FaultyDisk.of(files, this.#random);
  }

  /** The machine is replaced by one with an empty disk. */
  replace(): void {
    this.cut();
    this.#disk = new FaultyDisk(this.#random);
  }
}
