import { randomBytes } from 'node:crypto';
import type { Catalog, Table } from '../../engine/catalog.ts';
import type { Engine } from '../../engine/engine.ts';
import type { MetricRegistry } from '../../metrics.ts';
import { DeletedMessages } from '../../queue/leased/deleted-messages.ts';
import { ReadAhead } from '../../queue/leased/read-ahead.ts';
import type { Clock } from '../../support/clock.ts';
import type { Log } from '../../support/log.ts';
import { overLimit, queueDeletedRecently, queueDoesNotExist } from './errors.ts';
import { sqsLimits } from './limits.ts';
import { OpenQueue } from './open-queue.ts';
import type { Queue } from './queue.ts';
import { QueueList } from './queue-list.ts';

/** A deleted queue whose messages are still to be removed; the key is its id. */
interface Garbage {
  readonly queue: Queue;
}

export interface QueuesOptions {
  readonly engine: Engine;
  readonly clock: Clock;
  readonly metrics: MetricRegistry;
  readonly log: Log;
  readonly region: string;
  readonly accountId: string;
  /** Refuse the name of a deleted queue for a minute, and FIFO queues' calls beyond AWS's rates. */
  readonly hasAwsLimits: boolean;
}

/** All queues. What a queue needs in memory is made when it is first used. */
export class Queues extends QueueList {
  readonly #options: QueuesOptions;
  readonly #catalog: Catalog;
  readonly #garbage: Table<Garbage>;
  readonly #open = new Map<string, OpenQueue>();
  readonly #shared: { readonly deleted: DeletedMessages; readonly readAhead: ReadAhead };
  /** When queues were deleted, by name. */
  readonly #deletedMs = new Map<string, number>();
  #sweeping: Promise<void> = Promise.resolve();
  #cancelSweep = (): void => {};
  #isClosed = false;

  constructor(options: QueuesOptions) {
    const { catalog } = options.engine;
    super({ ...options, catalog });
    this.#options = options;
    this.#catalog = catalog;
    this.#garbage = catalog.table('sqs.garbage');
    this.#shared = { deleted: new DeletedMessages(catalog), readAhead: new ReadAhead() };
  }

  /** Starts to remove messages that are too old, and what deleted queues have left. */
  start(): void {
    this.#cancelSweep = this.#options.clock.schedule(sqsLimits.sweepIntervalMs, () => {
      this.#sweeping = this.#sweep().finally(() => {
        if (!this.#isClosed) this.start();
      });
    });
  }

  /** Ends waiting receives, and the background work. */
  async quiesce(): Promise<void> {
    for (const queue of this.#open.values()) queue.quiesce();
    this.#isClosed = true;
    this.#cancelSweep();
    await this.#sweeping;
  }

  /** All that the queues have to store is one frame: clients of a shared log wait for it. */
  async close(): Promise<void> {
    await this.quiesce();
    await Promise.all([...this.#open.values()].map((queue) => queue.close()));
  }

  /** A queue with its messages. Throws QueueDoesNotExist. */
  open(name: string): OpenQueue {
    const { id } = this.require(name);
    let open = this.#open.get(name);
    if (open?.id !== id) {
      open = this.#openOf(this.require(name));
      this.#open.set(name, open);
      if (this.#isClosed) open.quiesce();
    }
    return open;
  }

  /** Creates a queue; `check` may refuse an existing one. Throws QueueDeletedRecently. */
  async create(
    wanted: Pick<Queue, 'name' | 'attributes' | 'tags'>,
    check: (present: Queue) => void,
  ): Promise<void> {
    const { clock, hasAwsLimits } = this.#options;
    const nowMs = clock.now();
    const deletedMs = this.#deletedMs.get(wanted.name) ?? -Infinity;
    if (hasAwsLimits && nowMs - deletedMs < sqsLimits.deletedNameLifeMs) throw queueDeletedRecently();
    const queue: Queue = {
      ...wanted,
      id: randomBytes(8).toString('hex'),
      handleKey: randomBytes(16).toString('base64'),
      createdMs: nowMs,
      modifiedMs: nowMs,
    };
    await this.#catalog.commit((transaction) => {
      const present = transaction.get(this.table, wanted.name);
      if (present !== undefined) return check(present);
      if (this.table.size >= sqsLimits.queuesMax) throw overLimit('Too many queues.');
      transaction.put(this.table, wanted.name, queue);
    });
  }

  /** Throws QueueDoesNotExist. */
  async update(name: string, change: (queue: Queue) => Pick<Queue, 'attributes' | 'tags'>): Promise<void> {
    const modifiedMs = this.#options.clock.now();
    await this.#catalog.commit((transaction) => {
      const queue = transaction.get(this.table, name);
      if (queue === undefined) throw queueDoesNotExist();
      transaction.put(this.table, name, { ...queue, ...change(queue), modifiedMs });
    });
  }

  /** Throws QueueDoesNotExist. */
  async delete(name: string): Promise<void> {
    const queue = this.require(name);
    const open = this.open(name);
    await this.#catalog.commit((transaction) => {
      if (transaction.get(this.table, name)?.id !== queue.id) throw queueDoesNotExist();
      transaction.delete(this.table, name);
      transaction.put(this.#garbage, queue.id, { queue });
    });
    this.#deletedMs.set(name, this.#options.clock.now());
    this.#open.delete(name);
    await this.#remove(queue, open);
  }

  #openOf(queue: Queue): OpenQueue {
    const { name, id } = queue;
    return new OpenQueue({
      ...this.#options,
      ...this.#shared,
      queue,
      arn: this.arnOf(name),
      current: () => {
        const present = this.table.get(name);
        return present?.id === id ? present : undefined;
      },
      deadLetterQueue: (arn) => {
        const target = this.byArn(arn);
        return target === undefined ? undefined : this.open(target.name);
      },
    });
  }

  async #remove(queue: Queue, open: OpenQueue): Promise<void> {
    await open.remove();
    await this.#catalog.commit((transaction) => transaction.delete(this.#garbage, queue.id));
  }

  async #sweep(): Promise<void> {
    const nowMs = this.#options.clock.now();
    for (const [name, deletedMs] of this.#deletedMs)
      if (nowMs - deletedMs >= sqsLimits.deletedNameLifeMs) this.#deletedMs.delete(name);
    try {
      for (const [, { queue }] of this.#garbage.entries()) await this.#remove(queue, this.#openOf(queue));
      for (const { name } of this.all()) {
        if (this.#isClosed) return;
        if (this.get(name) !== undefined) await this.open(name).sweep();
      }
    } catch (error) {
      if (this.#isClosed) return;
      this.#options.log.warn({ err: error }, 'could not remove old messages of queues; trying again');
    }
  }
}
