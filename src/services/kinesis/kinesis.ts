import { join } from 'node:path';
import { PageTokens } from '../../aws/page-token.ts';
import type { Declarer } from '../../declarations/plan.ts';
import { Deliveries } from '../../delivery/deliveries.ts';
import { register } from '../registration.ts';
import type { DeclaredLimits } from '../../config/kinesis-limits.ts';
import { describeStreamRecords } from './streams/describe-records.ts';
import type { StreamSource } from '../../consumers/source.ts';
import type { Engine } from '../../engine/engine.ts';
import { kinesisLimits } from './limits.ts';
import type { MetricRegistry } from '../../metrics.ts';
import { type Service, service } from '../../protocol/service.ts';
import type { Clock } from '../../support/clock.ts';
import type { Log } from '../../support/log.ts';
import unsupported from './unsupported.json' with { type: 'json' };
import api from './api.json' with { type: 'json' };
import { Channels } from './channels/channels.ts';
import type { ChannelTables } from './channels/channel-route.ts';
import type { ChannelDeliveries } from './channels/deliveries.ts';
import { checkCatalog } from './streams/check-catalog.ts';
import type { Kinesis } from './context.ts';
import { Ciphers } from './records/ciphers.ts';
import { IteratorCodec } from './read/iterator.ts';
import { openKeyStore } from '../../engine/key-store.ts';
import { storedKey, verifyKey } from './stored-key.ts';
import { expiredNextToken, invalidArgument } from './errors.ts';
import { OnDemandScaling } from './shards/on-demand.ts';
import { operations } from './operations/index.ts';
import { putBodyParsers } from './put/put-body-parser.ts';
import { RetentionSweeper } from './streams/retention-sweeper.ts';
import { openTables } from './streams/rows.ts';
import { streamSource } from './read/source.ts';
import { RoundRobin } from './put/round-robin.ts';
import { streamDeclarer } from './declared/declarer.ts';
import { streams as streamsSection } from './declared/section.ts';
import { Streams } from './streams/streams.ts';
import { Subscriptions } from './read/subscriptions.ts';
import { withCallRates } from './throttle/api-rate-limits.ts';
import { offloadedPutParsers } from './threads/put-job.ts';
import { startThreads } from './threads/threads.ts';
import { Throttles } from './throttle/throttles.ts';

export interface KinesisOptions {
  readonly engine: Engine;
  readonly clock: Clock;
  readonly metrics: MetricRegistry;
  readonly log: Log;
  readonly region: string;
  readonly accountId: string;
  /** The data folder: the master key is in `keys/` below it, unless it is given as a file or as base64. */
  readonly folder: string;
  readonly masterKey?: string | undefined;
  readonly masterKeyFile?: string | undefined;
  /**
   * How long a stream or consumer stays CREATING, UPDATING or DELETING; 0 (default): changes are complete when the call
   * returns.
   */
  readonly lifecycleMs?: number;
  /** Worker threads that parse large requests and encode large responses; none by default. */
  readonly workers?: number;
  /** Whether DescribeStreamSummary returns the StreamId; hidden by default. */
  readonly streamIds?: 'shown' | 'hidden';
  /** Delivers the records of channels; without it no channel can be created. */
  readonly deliveries?: ChannelDeliveries;
  /** The tables of channels; without them no channel can deliver to any. */
  readonly tables?: ChannelTables;
  /** Limits enforced on streams; none by default. */
  readonly limits?: DeclaredLimits;
}

export interface KinesisService {
  readonly service: Service;
  readonly source: StreamSource;
  readonly declarer: Declarer;
  /** Frees expired records now instead of at the next sweep. */
  sweep(): Promise<void>;
  /** Checks the traffic of on-demand streams now instead of at the next interval. */
  scale(): Promise<void>;
  close(): Promise<void>;
}

export const kinesis = register({
  name: 'kinesis',
  needs: ['buckets', 'icebergTables'],
  offers: ['streams'],
  declares: [streamsSection],
  describeRecords: describeStreamRecords,
  storedFiles: storedKey,
  async open({ config, ...context }, { buckets, icebergTables }) {
    const deliveries = new Deliveries({ ...context, store: buckets.store });
    const opened = await openKinesis({
      ...context,
      folder: config.dataDir,
      lifecycleMs: config.lifecycleMs,
      workers: config.workers,
      streamIds: config.streamIds,
      masterKey: config.masterKey,
      masterKeyFile: config.masterKeyFile,
      deliveries,
      tables: icebergTables,
      limits: config.limits,
    });
    return {
      service: opened.service,
      offers: { streams: opened.source },
      declarer: opened.declarer,
      scrub: () => verifyKey(context.engine.catalog, config.dataDir),
      backup: { hold: () => deliveries.holdPositions() },
      close: () => opened.close(),
    };
  },
});

function pageTokens(key: Buffer, clock: Clock): PageTokens {
  const ms = kinesisLimits.nextTokenLifeMs;
  return new PageTokens({
    key,
    life: { ms, clock, expired: (createdMs, nowMs) => expiredNextToken(createdMs, nowMs, ms) },
    invalid: () => invalidArgument('NextToken is invalid.'),
  });
}

/** Where no catalog is declared. */
const noTables: ChannelTables = {
  settings: () => undefined,
  append: () => Promise.reject(new Error('there are no tables')),
};

/**
 * Opens Kinesis Data Streams on an engine. Work that a crash interrupted is completed in the background. Throws
 * StreamsDamagedError.
 */
export async function openKinesis(options: KinesisOptions): Promise<KinesisService> {
  const { engine, clock, log, folder, masterKey, masterKeyFile, lifecycleMs = 0, workers = 0 } = options;
  const keys = await openKeyStore({
    catalog: engine.catalog,
    folder: join(folder, 'keys'),
    masterKey,
    masterKeyFile,
  });
  checkCatalog(engine, openTables(engine.catalog), log);
  const streams = new Streams({ ...options, lifecycleMs });
  const retention = new RetentionSweeper({ engine, clock, log, streams });
  const scaling = new OnDemandScaling({ clock, log, streams });
  const subscriptions = new Subscriptions(clock);
  const throttles = new Throttles(options);
  const channels = new Channels({
    deliveries: undefined,
    tables: noTables,
    ...options,
    streams,
    catalog: engine.catalog,
  });
  const context: Kinesis = {
    streams,
    engine,
    clock,
    iterators: new IteratorCodec(keys.derive('shard iterators')),
    ciphers: new Ciphers(keys),
    pages: pageTokens(keys.derive('page tokens'), clock),
    retention,
    subscriptions,
    channels,
    throttles,
    roundRobin: new RoundRobin(),
    threads: workers === 0 ? undefined : startThreads(workers, log),
    showsStreamIds: options.streamIds === 'shown',
    region: options.region,
    accountId: options.accountId,
  };
  const source = streamSource(context);
  channels.start(source);
  return {
    service: service(
      'kinesis',
      api,
      withCallRates(operations, context),
      context,
      kinesisLimits.bodyBytesMax,
      { fastParsers: putBodyParsers, offloadedParsers: offloadedPutParsers(context.threads), unsupported },
    ),
    source,
    declarer: streamDeclarer(context),
    sweep: () => retention.sweep(),
    scale: () => scaling.check(),
    async close() {
      subscriptions.close();
      await channels.close();
      await retention.close();
      await scaling.close();
      await streams.close();
      await context.threads?.close();
    },
  };
}
