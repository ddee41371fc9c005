import type { Deliveries } from '../../../delivery/deliveries.ts';
import type { Delivery } from '../../../delivery/delivery.ts';
import type { DeliverySpec, Route } from '../../../delivery/spec.ts';
import type { StreamSource } from '../../../consumers/source.ts';
import type { StoredDestination } from '../configuration/destination.ts';
import { databaseTarget } from '../configuration/database.ts';
import type { PlainS3Settings } from '../configuration/settings.ts';
import type { DeliveryStreamMetrics } from '../metrics.ts';
import type { DeliveryStreamRow } from '../rows.ts';
import type { LogStore } from '../../logs/log-store.ts';
import { convertsFormat } from '../configuration/object-names.ts';
import { permittedSource } from './acting.ts';
import type { Refusals } from './refusals.ts';
import type { RouteParts, RouteStream } from './route-parts.ts';
import { ErrorLog } from './error-log.ts';
import { type CounterOptions, Counters } from './counters.ts';
import { bufferingOf, databaseRoute, httpRoute, icebergRoute, s3BackupRoute, s3Route } from './routes.ts';

/** The dependencies of a delivery stream's pipeline. */
export interface PipelineParts extends RouteParts {
  readonly deliveries: Deliveries;
  readonly source: StreamSource;
  readonly metrics: DeliveryStreamMetrics;
  readonly refusals: Refusals;
  /** The log groups that CloudWatchLoggingOptions writes to. */
  readonly logs: Pick<LogStore, 'named'>;
  /** Called after a checkpoint advanced. */
  readonly onCheckpoint: () => void;
}

/** The id of the delivery to the destination. */
export function mainDelivery({ id }: Pick<DeliveryStreamRow, 'id'>): string {
  return id;
}

/** The id of the backup's delivery of source records, which has its own buffer. */
export function backupDelivery({ id }: Pick<DeliveryStreamRow, 'id'>): string {
  return `${id}-backup`;
}

export function hasBackup({ destination }: Pick<DeliveryStreamRow, 'destination'>): boolean {
  return backupOf(destination) !== undefined;
}

/** The running deliveries of a delivery stream: to its destination, and to the backup of source records. */
export class Pipeline {
  readonly #deliveries: readonly Delivery[];
  /** Why the source cannot be read. */
  #sourceFailure: Delivery['failure'];

  constructor(stream: RouteStream, given: PipelineParts) {
    const source = permittedSource(given.source, stream, given.acting, (refusal) => {
      if (refusal === undefined) this.#sourceFailure = undefined;
      else this.#sourceFailure ??= { sinceMs: given.clock.now(), reason: refusal };
    });
    const parts = { ...given, source };
    const specs = [mainSpec(stream, parts)];
    if (hasBackup(stream.row)) specs.push(backupSpec(stream, parts));
    this.#deliveries = specs.map((spec) => parts.deliveries.run(spec));
  }

  /** Why deliveries fail, and since when. Undefined if they do not. */
  get failure(): Delivery['failure'] {
    const failing = this.#deliveries.find(({ failure }) => failure !== undefined);
    return failing?.failure ?? this.#sourceFailure;
  }

  // These take effect when the attempts in progress have ended. That may take minutes, so that nobody waits for it.

  /** Retries failed deliveries immediately. */
  retry(): void {
    for (const delivery of this.#deliveries) void delivery.retry();
  }

  /** Delivers the records that have arrived so far, and retries failed deliveries. */
  flush(): void {
    for (const delivery of this.#deliveries) void delivery.flush();
  }

  /** Delivers without waiting for buffers to fill from now on. */
  drain(): void {
    for (const delivery of this.#deliveries) void delivery.setFreshness(0);
  }

  async close(): Promise<void> {
    await Promise.all(this.#deliveries.map((delivery) => delivery.close()));
  }
}

function mainSpec(stream: RouteStream, parts: PipelineParts): DeliverySpec {
  const { row } = stream;
  const { destination, version, earlier = [] } = row;
  return {
    ...commonSpec(stream, parts, countedOf(destination)),
    id: mainDelivery(row),
    called: `the delivery stream ${row.name}`,
    buffering: bufferingOf(destination.settings),
    route: routeTo(destination, stream, version, parts),
    version,
    earlierRoute(before) {
      const known = earlier.find((one) => one.version === before);
      return known && routeTo(known.destination, stream, before, parts);
    },
  };
}

/**
 * Stored settings that cannot be used any more, for example a time zone that was removed, keep the records from being
 * delivered until they are updated, and nothing else: neither the server from starting nor other delivery streams. No
 * range begins.
 */
function usable(make: () => Route): Route {
  try {
    return make();
  } catch (error) {
    const fail = () => Promise.reject(error);
    return { destination: { decide: fail, deliver: fail, async close() {} }, errorOutput: { write: fail } };
  }
}

function routeTo(
  destination: StoredDestination,
  stream: RouteStream,
  version: number,
  parts: PipelineParts,
): Route {
  return usable(() => newRoute(destination, stream, version, parts));
}

function newRoute(
  { kind, settings }: StoredDestination,
  stream: RouteStream,
  version: number,
  parts: PipelineParts,
): Route {
  switch (kind) {
    case 'S3':
      return s3Route(stream, settings, version, parts);
    case 'Iceberg':
      return icebergRoute(stream, settings, version, parts);
    case 'HttpEndpoint':
      return httpRoute(stream, settings, version, parts);
    case 'Database':
      return databaseRoute(stream, settings, parts);
  }
}

/** The settings of the backup of source records, if there is one. */
function backupOf({ kind, settings }: StoredDestination): PlainS3Settings | undefined {
  if (kind === 'S3' && settings.S3BackupMode === 'Enabled') return settings.S3BackupDescription;
  if (kind === 'HttpEndpoint' && settings.S3BackupMode === 'AllData')
    return settings.S3DestinationDescription;
  return undefined;
}

function backupSpec(stream: RouteStream, parts: PipelineParts): DeliverySpec {
  const { row } = stream;
  const backup = backupOf(row.destination);
  if (backup === undefined) throw new RangeError('an enabled backup has a configuration');
  return {
    ...commonSpec(stream, parts, {
      prefix: 'BackupToS3',
      converts: false,
      logging: backup.CloudWatchLoggingOptions,
      target: backup.BucketARN,
    }),
    id: backupDelivery(row),
    called: `the backup of the delivery stream ${row.name}`,
    buffering: bufferingOf(backup),
    route: usable(() => s3BackupRoute(stream, backup, row.version, parts)),
    version: row.version,
    earlierRoute(before) {
      const known = row.earlier?.find(({ version }) => version === before);
      const settings = known && backupOf(known.destination);
      return settings && usable(() => s3BackupRoute(stream, settings, before, parts));
    },
  };
}

/** The counters and log settings of a delivery. */
interface Counted extends Pick<CounterOptions, 'prefix' | 'converts'> {
  readonly logging: PlainS3Settings['CloudWatchLoggingOptions'];
  /** The name in log lines. */
  readonly target: string;
}

function countedOf({ kind, settings }: StoredDestination): Counted {
  if (kind === 'Database') {
    const target = databaseTarget(settings);
    return { prefix: 'DeliveryToDatabase', converts: false, logging: undefined, target };
  }
  const { CloudWatchLoggingOptions: logging } = settings;
  if (kind === 'S3') {
    const converts = convertsFormat(settings);
    return { prefix: 'DeliveryToS3', converts, logging, target: settings.BucketARN };
  }
  if (kind === 'HttpEndpoint') {
    const { Url: target } = settings.EndpointConfiguration;
    return { prefix: 'DeliveryToHttpEndpoint', converts: false, logging, target };
  }
  const { CatalogARN: target } = settings.CatalogConfiguration;
  return { prefix: 'DeliveryToIceberg', converts: false, logging, target };
}

function commonSpec(
  { row, arn }: RouteStream,
  parts: PipelineParts,
  { prefix, converts, logging, target }: Counted,
) {
  const { source, name, version } = row;
  const { metrics, refusals, logs, clock } = parts;
  const readsKinesis = source.type === 'KinesisStreamAsSource' && prefix !== 'BackupToS3';
  const { Enabled, LogGroupName, LogStreamName } = logging ?? {};
  const errorLog =
    Enabled === true && LogGroupName !== undefined && LogStreamName !== undefined
      ? new ErrorLog({
          logs,
          clock,
          groupName: LogGroupName,
          streamName: LogStreamName,
          deliveryStreamArn: arn,
          destination: target,
          version,
        })
      : undefined;
  return {
    source: parts.source,
    stream: source.type === 'KinesisStreamAsSource' ? source.streamArn : name,
    counters: new Counters({
      metrics,
      prefix,
      readsKinesis,
      converts,
      errorLog,
      onRefused: (refused) => refusals.add(refused, clock.now()),
    }),
    onCheckpoint: parts.onCheckpoint,
  };
}
