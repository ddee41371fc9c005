import { randomUUID } from 'node:crypto';
import { startingPositions } from '../../consumers/checkpoints.ts';
import type { StreamSource } from '../../consumers/source.ts';
import type { Table, Transaction } from '../../engine/catalog.ts';
import type { Engine } from '../../engine/engine.ts';
import type { KeyStore } from '../../engine/key-store.ts';
import { PayloadCipher } from '../../engine/payload-cipher.ts';
import type { Deliveries } from '../../delivery/deliveries.ts';
import type { MetricRegistry } from '../../metrics.ts';
import type { Clock } from '../../support/clock.ts';
import { KeyedLock } from '../../support/keyed-lock.ts';
import type { Log } from '../../support/log.ts';
import type { LogStore } from '../logs/log-store.ts';
import { checkRoles } from './check-roles.ts';
import { areSame, type StoredDestination } from './configuration/destination.ts';
import { deliveredUntil, DeliveryStream } from './delivery-stream.ts';
import { DeliveryStreamList } from './delivery-stream-list.ts';
import { PutLog } from './direct-put/put-log.ts';
import { ONLY_SHARD, PutSource } from './direct-put/source.ts';
import {
  alreadyExists,
  invalidArgument,
  limitExceeded,
  notFound,
  resourceInUse,
  versionsDiffer,
} from './errors.ts';
import { firehoseLimits } from './limits.ts';
import { backupStart } from './backup-start.ts';
import { PutRetention } from './direct-put/retention.ts';
import { DeliveryStreamMetrics } from './metrics.ts';
import { checkDestination } from './pipeline/check-destination.ts';
import { backupDelivery, hasBackup, mainDelivery, Pipeline } from './pipeline/pipeline.ts';
import type { RouteParts } from './pipeline/route-parts.ts';
import { type DeliveryStreamRow, type GarbageRow, garbageTable, nextVersion, type Source } from './rows.ts';
import type { NewDeliveryStream } from './new-delivery-stream.ts';
import { StoredStreams } from './stored-streams.ts';

export interface DeliveryStreamsOptions {
  readonly engine: Engine;
  readonly clock: Clock;
  readonly log: Log;
  readonly metrics: MetricRegistry;
  readonly region: string;
  readonly accountId: string;
  /** How long a new delivery stream is CREATING. */
  readonly lifecycleMs: number;
  readonly keys: KeyStore;
  /** Kinesis streams. */
  readonly streams: StreamSource;
  readonly deliveries: Deliveries;
  readonly routes: RouteParts;
  readonly logs: Pick<LogStore, 'named'>;
}

/** Creates, finds, changes, deletes and runs delivery streams. */
export class DeliveryStreams extends DeliveryStreamList {
  readonly #options: DeliveryStreamsOptions;
  readonly #stored: StoredStreams;
  readonly #garbage: Table<GarbageRow>;
  readonly #live = new Map<string, DeliveryStream>();
  readonly #lock = new KeyedLock();
  readonly #underWay = new Set<Promise<unknown>>();
  readonly #putSource: PutSource;
  readonly #retention: PutRetention;
  #running = false;

  constructor(options: DeliveryStreamsOptions) {
    const { engine, keys } = options;
    super({ ...options, catalog: engine.catalog });
    this.#options = options;
    this.#stored = new StoredStreams(engine.catalog, keys);
    this.#garbage = garbageTable(engine.catalog);
    this.#putSource = new PutSource((name) => {
      const stream = this.#live.get(name);
      return stream?.log === undefined ? undefined : { ...idsOf(stream), log: stream.log };
    }, options.clock);
    this.#retention = new PutRetention({ ...options, streams: () => this.#live.values() });
    for (const row of this.#stored.rows()) this.#add(row);
  }

  /** Starts the deliveries, and completes deletions that a crash interrupted. */
  start(): void {
    this.#running = true;
    this.#inBackground(this.#sweep(), 'could not free the storage of deleted delivery streams');
    this.#retention.watch();
    for (const stream of this.#live.values()) {
      this.#run(stream);
      if (stream.row.deleting === true) this.#drain(stream);
    }
  }

  /** Waits for changes in progress and stops the deliveries. Undelivered records stay. */
  async close(): Promise<void> {
    this.#running = false;
    await this.#retention.close();
    await Promise.allSettled(this.#underWay);
    await Promise.all([...this.#live.values()].map(async ({ pipeline }) => await pipeline?.close()));
    await Promise.allSettled(this.#underWay);
  }

  /** Ordered by name. */
  list(): DeliveryStream[] {
    return [...this.#live.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  get(name: string): DeliveryStream | undefined {
    return this.#live.get(name);
  }

  /** Throws ResourceNotFoundException. */
  require(name: string): DeliveryStream {
    const stream = this.#live.get(name);
    if (stream === undefined) throw notFound(name, this.accountId);
    return stream;
  }

  /** Throws ResourceInUseException if it is being created or deleted. */
  requireActive(name: string): DeliveryStream {
    const stream = this.require(name);
    const status = this.statusOf(stream.row);
    if (status === 'ACTIVE') return stream;
    throw resourceInUse(
      `Firehose ${name} under account ${this.accountId} is not ACTIVE, instead in state ${status}`,
    );
  }

  /** The number of delivery streams that cannot deliver. */
  failingCount(): number {
    return [...this.#live.values()].filter(({ pipeline }) => pipeline?.failure !== undefined).length;
  }

  /** Throws ResourceInUseException, LimitExceededException, InvalidArgumentException. */
  async create(made: NewDeliveryStream): Promise<DeliveryStream> {
    const { name } = made;
    return await this.#inTurn(name, async () => {
      this.#refuseTaken(name);
      const { engine, clock, streams, deliveries, lifecycleMs } = this.#options;
      const createdMs = clock.now();
      const { source: given, destination, withoutRole, encryption, tags, start = 'LATEST' } = made;
      await this.#check(made);
      let source: Source;
      let begin: ((transaction: Transaction, row: DeliveryStreamRow) => void) | undefined;
      if (given.type === 'KinesisStreamAsSource') {
        const view = streams.describe(given.streamArn);
        if (view === undefined) {
          throw invalidArgument(`The Kinesis stream ${given.streamArn} does not exist.`);
        }
        const starts = await startingPositions(streams, view, { type: start });
        source = { ...given, startMs: createdMs };
        begin = (transaction, row) => {
          deliveries.begin(transaction, mainDelivery(row), view, starts);
          if (hasBackup(row)) deliveries.begin(transaction, backupDelivery(row), view, starts);
        };
      } else {
        const [log] = await engine.createLogs(1);
        if (log === undefined) throw new RangeError('createLogs(1) returned no log');
        source = { ...given, log };
      }
      const row: DeliveryStreamRow = {
        id: randomUUID(),
        name,
        createdMs,
        ...(lifecycleMs > 0 && { activeMs: createdMs + lifecycleMs }),
        version: 1,
        source,
        destination,
        ...(withoutRole !== undefined && { withoutRole }),
        ...(encryption !== undefined && { encryption }),
        tags,
      };
      await engine.catalog.commit((transaction) => {
        this.#stored.put(transaction, row);
        begin?.(transaction, row);
      });
      const stream = this.#add(row);
      this.#run(stream);
      this.#retention.watch();
      return stream;
    });
  }

  /**
   * Changes the destination. Ranges in progress are finished with the old one. Throws ResourceNotFoundException,
   * ResourceInUseException, ConcurrentModificationException, and what `change` throws.
   */
  async update(
    name: string,
    version: string,
    destinationOf: (row: DeliveryStreamRow) => StoredDestination,
    withoutRole?: string,
  ): Promise<void> {
    await this.#inTurn(name, async () => {
      const stream = this.requireActive(name);
      const { row } = stream;
      if (String(row.version) !== version) throw versionsDiffer(name, String(row.version), version);
      const destination = destinationOf(row);
      // As recorded on AWS: the version stays.
      if (areSame(destination, row.destination)) return;
      await this.#check({ name, destination, ...(withoutRole !== undefined && { withoutRole }) });
      const { engine, clock, deliveries } = this.#options;
      await stream.pipeline?.close();
      stream.pipeline = undefined;
      try {
        const inProgress = new Set(
          [mainDelivery(row), backupDelivery(row)].flatMap((id) => [...deliveries.versionsInProgress(id)]),
        );
        const change = { destination, withoutRole, nowMs: clock.now() };
        const changed = nextVersion(row, change, (version) => inProgress.has(version));
        const beginBackup = await backupStart(row, changed, { ...this.#options, putSource: this.#putSource });
        await engine.catalog.commit((transaction) => {
          this.#stored.put(transaction, changed);
          beginBackup?.(transaction);
        });
        stream.row = changed;
      } finally {
        this.#run(stream);
      }
    });
  }

  /** Changes settings that need no restart of the deliveries. Throws the errors of `change`. */
  async change(name: string, change: (row: DeliveryStreamRow) => DeliveryStreamRow): Promise<void> {
    await this.#inTurn(name, async () => {
      const stream = this.require(name);
      const changed = change(stream.row);
      await this.#options.engine.catalog.commit((transaction) => this.#stored.put(transaction, changed));
      stream.row = changed;
      this.#retention.watch();
      if (stream.log !== undefined) stream.log.encrypts = changed.encryption?.enabled === true;
    });
  }

  /**
   * Deletes the delivery stream. Direct puts are delivered first, unless `force` is set; records of a Kinesis stream
   * stay in it. Throws ResourceNotFoundException.
   */
  async delete(name: string, force: boolean): Promise<void> {
    await this.#inTurn(name, async () => {
      const stream = this.require(name);
      if (stream.row.deleting !== true) {
        const row: DeliveryStreamRow = { ...stream.row, deleting: true };
        await this.#options.engine.catalog.commit((transaction) => this.#stored.put(transaction, row));
        stream.row = row;
      }
      // No new put begins from here on.
      await stream.log?.settled();
      if (force || this.#isDrained(stream)) await this.#remove(stream);
      else stream.pipeline?.drain();
    });
  }

  /** Throws InvalidArgumentException. */
  async #check(made: Pick<NewDeliveryStream, 'name' | 'destination' | 'withoutRole'>): Promise<void> {
    const { routes } = this.#options;
    await checkRoles(routes.acting, this.arnOf(made.name), made);
    await checkDestination(made.destination, routes);
  }

  #add(row: DeliveryStreamRow): DeliveryStream {
    const { engine, keys, metrics } = this.#options;
    const { source, encryption, id } = row;
    const log =
      source.type === 'DirectPut'
        ? new PutLog(
            {
              engine,
              log: source.log,
              owner: id,
              cipher: new PayloadCipher(keys.deriveAll(`records of delivery stream ${id}`)),
            },
            encryption?.enabled === true,
          )
        : undefined;
    const stream = new DeliveryStream(
      row,
      this.arnOf(row.name),
      new DeliveryStreamMetrics(metrics, row.name),
      log,
    );
    this.#live.set(row.name, stream);
    return stream;
  }

  #run(stream: DeliveryStream): void {
    if (!this.#running || stream.pipeline !== undefined) return;
    const { deliveries, routes, streams, logs } = this.#options;
    const { metrics, refusals, log } = stream;
    stream.pipeline = new Pipeline(stream, {
      ...routes,
      deliveries,
      logs,
      source: log === undefined ? streams : this.#putSource,
      metrics,
      refusals,
      onCheckpoint: () => this.#afterCheckpoint(stream),
    });
  }

  /** Trims records that all deliveries have passed. */
  #afterCheckpoint(stream: DeliveryStream): void {
    if (stream.log === undefined) return;
    this.#inBackground(this.#trim(stream), `could not free delivered records of ${stream.name}`);
  }

  async #trim(stream: DeliveryStream): Promise<void> {
    const view = this.#putSource.describe(stream.name);
    if (view === undefined || view.incarnation !== stream.id) return;
    const { deliveries } = this.#options;
    const ids = [mainDelivery(stream.row), ...(hasBackup(stream.row) ? [backupDelivery(stream.row)] : [])];
    const until = ids.map((id) => deliveredUntil(stream.row, deliveries.checkpoint(id, view, ONLY_SHARD)));
    await stream.log?.trim(Math.min(...until));
    if (stream.row.deleting === true && this.#isDrained(stream)) this.#drain(stream);
  }

  #isDrained({ log }: DeliveryStream): boolean {
    return log === undefined || log.bounds.firstIndex >= log.bounds.nextIndex;
  }

  /** Removes a delivery stream that is being deleted as soon as everything is delivered. */
  #drain(stream: DeliveryStream): void {
    const { name } = stream;
    const drained = this.#inTurn(name, async () => {
      if (!this.#running || this.#live.get(name) !== stream) return;
      if (this.#isDrained(stream)) await this.#remove(stream);
      else stream.pipeline?.drain();
    });
    this.#inBackground(drained, `could not remove the delivery stream ${name}`);
  }

  /** Runs the changes of a delivery stream one at a time. */
  #inTurn<Result>(name: string, change: () => Promise<Result>): Promise<Result> {
    return this.#tracked(this.#lock.exclusive(name, change));
  }

  #inBackground(work: Promise<void>, failed: string): void {
    void this.#tracked(work).catch((error: unknown) => this.#options.log.error({ err: error }, failed));
  }

  /** Makes `close` wait for the work. */
  #tracked<Result>(work: Promise<Result>): Promise<Result> {
    const ended = (): unknown => this.#underWay.delete(work);
    this.#underWay.add(work);
    work.then(ended, ended);
    return work;
  }

  async #remove(stream: DeliveryStream): Promise<void> {
    const { engine, deliveries } = this.#options;
    const { row, name } = stream;
    await stream.pipeline?.close();
    await engine.catalog.commit((transaction) => {
      this.#stored.delete(transaction, name);
      deliveries.end(transaction, mainDelivery(row));
      deliveries.end(transaction, backupDelivery(row));
      if (row.source.type !== 'DirectPut') return;
      transaction.put(this.#garbage, row.id, { log: row.source.log });
    });
    this.#live.delete(name);
    stream.metrics.release();
    await this.#sweep();
  }

  /** Frees the storage of deleted delivery streams. */
  async #sweep(): Promise<void> {
    const { engine, deliveries } = this.#options;
    for (const [id, { log }] of this.#garbage.entries()) {
      await engine.drop(log);
      await engine.catalog.commit((transaction) => transaction.delete(this.#garbage, id));
    }
    await deliveries.sweep();
  }

  #refuseTaken(name: string): void {
    if (this.#live.has(name)) throw alreadyExists(name, this.accountId);
    const { deliveryStreamsMax } = firehoseLimits;
    if (this.#live.size < deliveryStreamsMax) return;
    throw limitExceeded(`There are already ${deliveryStreamsMax} delivery streams.`);
  }
}

function idsOf({ id, name, arn, createdMs }: DeliveryStream) {
  return { id, name, arn, createdMs };
}
