import { startingPositions } from '../../../consumers/checkpoints.ts';
import type { Acting } from '../../../auth/authorization/acting.ts';
import type { StreamSource } from '../../../consumers/source.ts';
import type { Catalog, Transaction } from '../../../engine/catalog.ts';
import { deliveryLimits } from '../../../delivery/limits.ts';
import { kinesisLimits } from '../limits.ts';
import { KeyedLock } from '../../../support/keyed-lock.ts';
import { invalidArgument, limitExceeded, resourceInUse, streamNotFound } from '../errors.ts';
import type { Stream } from '../streams/stream.ts';
import type { Streams } from '../streams/streams.ts';
import type { Tags } from '../../../aws/tags.ts';
import type { Delivery } from '../../../delivery/delivery.ts';
import type { ChannelDeliveries } from './deliveries.ts';
import { channelActor, permittedParts } from './acting.ts';
import { ChannelList, type ChannelListOptions } from './channel-list.ts';
import { channelCounters, channelRoute, type ChannelTables, type RouteParts } from './channel-route.ts';
import type { NewChannel } from './new-channel.ts';
import type { ChannelRow } from './rows.ts';

export interface ChannelsOptions extends ChannelListOptions {
  readonly acting: Acting;
  readonly streams: Streams;
  readonly catalog: Catalog;
  /** Without it no channel can be created: there is nowhere to deliver to. */
  readonly deliveries: ChannelDeliveries | undefined;
  readonly tables: ChannelTables;
}

/** The changeable properties of a channel. */
export interface ChannelChange {
  readonly freshnessSeconds?: number;
  readonly logging: Partial<ChannelRow['logging']>;
}

/** Creates, finds, changes, deletes and runs channels. */
export class Channels extends ChannelList {
  readonly #options: ChannelsOptions;
  readonly #running = new Map<string, Delivery>();
  readonly #lock = new KeyedLock();
  #source: StreamSource | undefined;

  constructor(options: ChannelsOptions) {
    super(options);
    this.#options = options;
  }

  /** What all channels read. */
  readFrom(source: StreamSource): void {
    this.#source = source;
  }

  /** Starts the existing channels. */
  start(): void {
    for (const [, row] of this.table.entries()) if (row.status !== 'DELETING') this.#run(row);
  }

  async close(): Promise<void> {
    await Promise.all([...this.#running.values()].map((running) => running.close()));
    this.#running.clear();
  }

  /** Why nothing can be delivered. A channel that is ACTIVE tries again. */
  reason(row: ChannelRow): string | undefined {
    const failure = row.failure ?? this.#running.get(row.id)?.failure?.reason;
    return failure?.slice(0, kinesisLimits.channelReasonCharactersMax) || undefined;
  }

  /** For changes of a stream that would end its channels. Throws ResourceInUseException if it has any. */
  refuseWithChannels(stream: Stream, transaction: Transaction): void {
    for (const [, row] of transaction.entries(this.table)) {
      if (row.stream.id !== stream.id || this.isGone(row) || this.status(row) === 'FAILED') continue;
      const { accountId } = this.#options;
      throw resourceInUse(
        `Stream ${stream.name} under account ${accountId} has the channel ${row.name}. Delete its channels first.`,
      );
    }
  }

  /**
   * Creates a channel that delivers records from now on; returns the reason if it cannot deliver. Throws
   * ResourceInUseException, LimitExceededException, InvalidArgumentException.
   */
  async create(stream: Stream, made: NewChannel): Promise<ChannelRow> {
    const { streams, clock, deliveries, accountId } = this.#options;
    const source = this.#source;
    if (deliveries === undefined || source === undefined)
      throw invalidArgument('There is nothing to deliver to.');
    this.#refuseUnknownCatalog(made);
    await this.#checkRole(made);
    const failure = await this.#failureOf(made, deliveries);
    const view = source.describe(stream.arn);
    if (view === undefined) throw streamNotFound(stream.name, accountId);
    const starts = await startingPositions(source, view, { type: 'LATEST' });
    const { lifecycleMs } = streams;
    const row: ChannelRow = {
      ...made,
      ...(lifecycleMs > 0
        ? { status: 'CREATING', dueMs: clock.now() + lifecycleMs }
        : { status: 'ACTIVE' as const }),
      ...(failure !== undefined && { failure }),
    };
    await streams.change(stream, (streamRow, transaction) => {
      if (streamRow.mode !== 'ON_DEMAND') throw onDemandOnly(stream, accountId);
      this.#sweep(transaction);
      this.#refuseTaken(row, transaction);
      transaction.put(this.table, row.id, row);
      if (failure === undefined) deliveries.begin(transaction, row.id, view, starts);
      return streamRow;
    });
    this.#run(row);
    return row;
  }

  /** Throws ResourceNotFoundException, or ResourceInUseException if the channel is not ACTIVE. */
  async update(arn: string, change: ChannelChange): Promise<ChannelRow> {
    const { catalog, streams, clock } = this.#options;
    const { id } = this.byArn(arn);
    return await this.#lock.exclusive(id, async () => {
      const updated = await catalog.commit((transaction) => {
        const row = this.#current(transaction, arn);
        const status = this.status(row);
        if (status !== 'ACTIVE') throw notActive(row, status);
        const { lifecycleMs } = streams;
        const changed: ChannelRow = {
          ...row,
          freshnessSeconds: change.freshnessSeconds ?? row.freshnessSeconds,
          logging: { ...row.logging, ...change.logging },
          ...(lifecycleMs > 0 && { status: 'UPDATING', dueMs: clock.now() + lifecycleMs }),
        };
        transaction.put(this.table, id, changed);
        return changed;
      });
      if (change.freshnessSeconds !== undefined) {
        await this.#running.get(id)?.setFreshness(change.freshnessSeconds * 1000);
      }
      return updated;
    });
  }

  /** Throws ResourceNotFoundException, or ResourceInUseException if the channel is changing. */
  async changeTags(arn: string, change: (tags: Tags) => Tags): Promise<void> {
    await this.#options.catalog.commit((transaction) => {
      const row = this.#current(transaction, arn);
      const status = this.status(row);
      if (status !== 'ACTIVE' && status !== 'FAILED') throw notActive(row, status);
      transaction.put(this.table, row.id, { ...row, tags: change(row.tags) });
    });
  }

  #current(transaction: Transaction, arn: string): ChannelRow {
    const row = transaction.get(this.table, this.byArn(arn).id);
    if (row !== undefined && !this.isGone(row)) return row;
    throw this.notFound(arn);
  }

  /** Stops the delivery; records that are not delivered yet never are. Throws ResourceNotFoundException. */
  async delete(arn: string): Promise<void> {
    const { catalog, streams, clock, deliveries } = this.#options;
    const { id } = this.byArn(arn);
    await this.#lock.exclusive(id, async () => {
      await this.#running.get(id)?.close();
      this.#running.delete(id);
      await catalog.commit((transaction) => {
        const row = transaction.get(this.table, id);
        if (row === undefined || row.status === 'DELETING') return;
        deliveries?.end(transaction, id);
        const { lifecycleMs } = streams;
        if (lifecycleMs === 0) transaction.delete(this.table, id);
        else {
          const dueMs = clock.now() + lifecycleMs;
          transaction.put(this.table, id, { ...row, status: 'DELETING', dueMs });
        }
      });
    });
  }

  #run(row: ChannelRow): void {
    const { deliveries } = this.#options;
    const source = this.#source;
    if (deliveries === undefined || source === undefined || row.failure !== undefined) return;
    if (this.#running.has(row.id)) return;
    const { id, name, stream, freshnessSeconds } = row;
    const parts = this.#partsOf(row, deliveries);
    const running = deliveries.run({
      id,
      called: `the channel ${name} of ${stream.name}`,
      source,
      stream: stream.arn,
      buffering: {
        bytesMax: deliveryLimits.objectBytesMax,
        recordsMax: deliveryLimits.objectRecordsMax,
        ageMsMax: freshnessSeconds * 1000,
      },
      route: channelRoute(row, parts),
      counters: channelCounters(row, parts),
    });
    this.#running.set(id, running);
  }

  #partsOf({ id, roleArn }: ChannelRow, deliveries: ChannelDeliveries): RouteParts {
    const { tables, clock, acting } = this.#options;
    const actor = () => ({
      ...channelActor(this.arn({ id }), roleArn),
      // Read each time: `nagare apply` may declare a channel that was made with a role.
      isUnlimited: this.table.get(id)?.isUnlimited === true,
    });
    return permittedParts({ deliveries, tables, clock }, acting, actor);
  }

  #refuseUnknownCatalog({ table }: NewChannel): void {
    if (table === undefined || this.#options.tables.settings(table.bucketArn) !== undefined) return;
    throw invalidArgument(
      `${table.bucketArn} is not known: nagare.yaml names the catalog of a table bucket in its section catalogs.`,
    );
  }

  async #checkRole({ id, roleArn, isUnlimited = false }: NewChannel): Promise<void> {
    if (
      isUnlimited ||
      (await this.#options.acting.mayAssume(roleArn, channelActor(this.arn({ id }), roleArn)))
    )
      return;
    throw invalidArgument(
      `Kinesis is unable to assume the role ${roleArn}. Please check the ServiceExecutionRoleARN.`,
    );
  }

  /** Only `nagare.yaml` declares channels without a role. */
  async setUnlimited(arn: string): Promise<void> {
    await this.#options.catalog.commit((transaction) => {
      const row = this.#current(transaction, arn);
      transaction.put(this.table, row.id, { ...row, isUnlimited: true });
    });
  }

  async #failureOf(
    { storage, deadLetters }: NewChannel,
    deliveries: ChannelDeliveries,
  ): Promise<string | undefined> {
    const buckets = storage === undefined ? [deadLetters] : [storage, deadLetters];
    for (const { bucket, bucketOwner } of buckets) {
      if (!(await deliveries.bucketExists(bucket))) return `The bucket ${bucket} does not exist.`;
      if (bucketOwner !== this.#options.accountId) {
        return `The bucket ${bucket} is not owned by the expected account ${bucketOwner}.`;
      }
    }
    return undefined;
  }

  #refuseTaken(row: ChannelRow, transaction: Transaction): void {
    const { accountId } = this.#options;
    const others = Array.from(transaction.entries(this.table), ([, other]) => other);
    if (others.some(({ name }) => name === row.name)) {
      throw resourceInUse(`Channel ${row.name} under account ${accountId} already exists.`);
    }
    if (others.length >= kinesisLimits.channelsMax) {
      throw limitExceeded(`Account ${accountId} has ${kinesisLimits.channelsMax} channels already.`);
    }
    const ofStream = others.filter(({ stream }) => stream.id === row.stream.id).length;
    if (ofStream >= kinesisLimits.streamChannelsMax) {
      throw limitExceeded(
        `Stream ${row.stream.name} under account ${accountId} has ${kinesisLimits.streamChannelsMax} channels already.`,
      );
    }
  }

  /** Removes the rows of channels whose DELETING is over. */
  #sweep(transaction: Transaction): void {
    const gone = Array.from(transaction.entries(this.table)).filter(([, row]) => this.isGone(row));
    for (const [id] of gone) transaction.delete(this.table, id);
  }
}

export function onDemandOnly(stream: Stream, accountId: string) {
  return invalidArgument(
    `Stream ${stream.name} under account ${accountId} is in PROVISIONED mode. Channels are only supported for ` +
      'streams in ON_DEMAND mode.',
  );
}

function notActive(row: ChannelRow, status: string) {
  return resourceInUse(`Channel ${row.name} is not ACTIVE, instead in state ${status}.`);
}
