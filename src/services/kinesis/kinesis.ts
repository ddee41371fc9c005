import type { Acting } from '../../auth/authorization/acting.ts';
import { join } from 'node:path';
import type { TagSource } from '../../aws/tagged-resources.ts';
import type { PolicySource } from '../../aws/resource-policies.ts';
import type { Declarer } from '../../declarations/plan.ts';
import { Deliveries } from '../../delivery/deliveries.ts';
import { register } from '../registration.ts';
import { describeStreamRecords } from './streams/describe-records.ts';
import type { StreamSource } from '../../consumers/source.ts';
import type { StreamInspector } from '../../consumers/stream-inspector.ts';
import type { StreamWriter } from '../../consumers/stream-writer.ts';
import { kinesisLimits } from './limits.ts';
import type { MetricRegistry } from '../../metrics.ts';
import { type Service, service } from '../../protocol/service.ts';
import api from './api.json' with { type: 'json' };
import { Channels } from './channels/channels.ts';
import { type ChannelTables, noTables } from './channels/channel-route.ts';
import type { ChannelDeliveries } from './channels/deliveries.ts';
import { checkCatalog } from './streams/check-catalog.ts';
import type { Kinesis } from './context.ts';
import { openKeyStore } from '../../engine/key-store.ts';
import { storedKey, verifyKey } from './stored-key.ts';
import { OnDemandScaling } from './shards/on-demand.ts';
import { operations } from './operations/index.ts';
import { putBodyParsers } from './put/put-body-parser.ts';
import { RetentionSweeper } from './streams/retention-sweeper.ts';
import { openTables } from './streams/rows.ts';
import { policyOf } from './streams/tags-and-policies.ts';
import { streamInspector } from './read/inspector.ts';
import { streamSource } from './read/source.ts';
import { type ReadsOptions, readsOf, tablesOf } from './reads.ts';
import { openAtStandby } from './standby.ts';
import { RoundRobin } from './put/round-robin.ts';
import { streamWriter } from './put/stream-writer.ts';
import { streamDeclarer } from './declared/declarer.ts';
import { streams as streamsSection } from './declared/section.ts';
import { streamTags } from './streams/tag-source.ts';
import { Streams } from './streams/streams.ts';
import { withCallRates } from './throttle/api-rate-limits.ts';
import { offloadedPutParsers } from './threads/put-job.ts';

export interface KinesisOptions extends ReadsOptions {
  readonly metrics: MetricRegistry;
  /** The data folder: the master key is in `keys/` below it, unless it is given as a file or as base64. */
  readonly folder: string;
  readonly masterKey?: string | undefined;
  readonly masterKeyFile?: string | undefined;
  /**
   * How long a stream or consumer stays CREATING, UPDATING or DELETING; 0 (default): changes are complete when the call
   * returns.
   */
  readonly lifecycleMs?: number;
  /** Delivers the records of channels; without it no channel can be created. */
  readonly deliveries?: ChannelDeliveries;
  /** Decides what the roles of channels may do. */
  readonly acting: Acting;
  /** The tables of channels; without them no channel can deliver to any. */
  readonly tables?: ChannelTables;
}

export interface KinesisService {
  readonly service: Service;
  readonly source: StreamSource;
  readonly writer: StreamWriter;
  readonly inspector: StreamInspector;
  readonly declarer: Declarer;
  readonly policies: PolicySource;
  readonly tags: TagSource;
  /** Starts the deliveries of channels, which need the policies of other services. */
  start(): void;
  /** Frees expired records now instead of at the next sweep. */
  sweep(): Promise<void>;
  /** Checks the traffic of on-demand streams now instead of at the next interval. */
  scale(): Promise<void>;
  /** Ends what takes its time. */
  quiesce(): Promise<void>;
  close(): Promise<void>;
}

export const kinesis = register({
  name: 'kinesis',
  needs: ['buckets', 'icebergTables'],
  offers: ['streams'],
  declares: [streamsSection],
  describeRecords: describeStreamRecords,
  storedFiles: storedKey,
  atStandby: { needs: [], offers: [], open: openAtStandby },
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
    context.resourcePolicies.register('kinesis', opened.policies);
    context.taggedResources.register('kinesis', opened.tags);
    return {
      service: opened.service,
      streamWriter: opened.writer,
      streamInspector: opened.inspector,
      offers: { streams: opened.source },
      declarer: opened.declarer,
      start: () => opened.start(),
      scrub: () => verifyKey(context.engine.catalog, config.dataDir),
      backup: { hold: () => deliveries.holdPositions() },
      quiesce: () => opened.quiesce(),
      close: () => opened.close(),
    };
  },
});

/**
 * Opens Kinesis Data Streams on an engine. Work that a crash interrupted is completed in the background. Throws
 * StreamsDamagedError.
 */
export async function openKinesis(options: KinesisOptions): Promise<KinesisService> {
  const { engine, clock, log, folder, masterKey, masterKeyFile, lifecycleMs = 0 } = options;
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
  const channels = new Channels({
    deliveries: undefined,
    tables: noTables,
    ...options,
    streams,
    catalog: engine.catalog,
  });
  const reads = readsOf(options, { keys, channels, streams });
  const context: Kinesis = {
    ...reads,
    streams,
    channels,
    retention,
    roundRobin: new RoundRobin(),
  };
  const source = streamSource(context);
  channels.readFrom(source);
  const quiesce = async (): Promise<void> => {
    await Promise.all([channels.close(), retention.close(), scaling.close()]);
  };
  return {
    service: service(
      'kinesis',
      api,
      withCallRates(operations, context),
      context,
      kinesisLimits.bodyBytesMax,
      {
        ...tablesOf(context),
        fastParsers: putBodyParsers,
        offloadedParsers: offloadedPutParsers(context.threads),
      },
    ),
    source,
    writer: streamWriter(context),
    inspector: streamInspector(context),
    declarer: streamDeclarer(context),
    ...resourcesByArn(context),
    start: () => channels.start(),
    sweep: () => retention.sweep(),
    scale: () => scaling.check(),
    quiesce,
    async close() {
      context.subscriptions.close();
      // Channels may have been created meanwhile.
      await quiesce();
      await streams.close();
      await context.threads?.close();
    },
  };
}

function resourcesByArn(context: Kinesis): Pick<KinesisService, 'policies' | 'tags'> {
  return { policies: { policyOf: (arn) => policyOf(context, arn) }, tags: streamTags(context) };
}
