import type { Deliveries } from '../../../delivery/deliveries.ts';
import type { Delivery } from '../../../delivery/delivery.ts';
import type { DeliverySpec } from '../../../delivery/spec.ts';
import type { StreamSource } from '../../../consumers/source.ts';
import type { DeliveryStreamMetrics } from '../metrics.ts';
import type { DeliveryStreamRow } from '../rows.ts';
import type { LogStore } from '../../logs/log-store.ts';
import { convertsFormat } from '../configuration/object-names.ts';
import type { PlainS3Settings, S3Settings } from '../configuration/settings.ts';
import { Counters } from './counters.ts';
import { ErrorLog } from './error-log.ts';
import { bufferingOf, type RouteParts, type RouteStream, s3BackupRoute, s3Route } from './routes.ts';

/** What a delivery stream's pipeline runs on. */
export interface PipelineParts extends RouteParts {
  readonly deliveries: Deliveries;
  readonly source: StreamSource;
  readonly metrics: DeliveryStreamMetrics;
  /** Where CloudWatchLoggingOptions writes to. */
  readonly logs: Pick<LogStore, 'named'>;
  /** Called after a checkpoint advanced. */
  readonly onCheckpoint: () => void;
}

/** The id of the delivery to the destination. */
export function mainDelivery({ id }: Pick<DeliveryStreamRow, 'id'>): string {
  return id;
}

/** The id of the delivery of the source records to the backup, which has a buffer of its own. */
export function backupDelivery({ id }: Pick<DeliveryStreamRow, 'id'>): string {
  return `${id}-backup`;
}

export function hasBackup({ destination }: Pick<DeliveryStreamRow, 'destination'>): boolean {
  return destination.settings.S3BackupMode === 'Enabled';
}

/** The running deliveries of a delivery stream: to its destination, and of its source records to the backup. */
export class Pipeline {
  readonly #deliveries: readonly Delivery[];

  constructor(stream: RouteStream, parts: PipelineParts) {
    const specs = [mainSpec(stream, parts)];
    if (hasBackup(stream.row)) specs.push(backupSpec(stream, parts));
    this.#deliveries = specs.map((spec) => parts.deliveries.run(spec));
  }

  /** Why nothing can be delivered, and since when. */
  get failure(): Delivery['failure'] {
    return this.#deliveries.find(({ failure }) => failure !== undefined)?.failure;
  }

  /** Tries at once what failed. */
  async retry(): Promise<void> {
    await Promise.all(this.#deliveries.map((delivery) => delivery.retry()));
  }

  /** Delivers what has arrived until now, and tries again what failed. */
  async flush(): Promise<void> {
    await Promise.all(this.#deliveries.map((delivery) => delivery.flush()));
  }

  /** From now on delivers without waiting for a buffer to fill. */
  async drain(): Promise<void> {
    await Promise.all(this.#deliveries.map((delivery) => delivery.setFreshness(0)));
  }

  async close(): Promise<void> {
    await Promise.all(this.#deliveries.map((delivery) => delivery.close()));
  }
}

function mainSpec(stream: RouteStream, parts: PipelineParts): DeliverySpec {
  const { row } = stream;
  const { destination, version, earlier = [] } = row;
  return {
    ...commonSpec(stream, parts, 'DeliveryToS3', destination.settings),
    id: mainDelivery(row),
    called: `the delivery stream ${row.name}`,
    buffering: bufferingOf(destination.settings),
    route: s3Route(stream, destination.settings, version, parts),
    version,
    earlierRoute(before) {
      const known = earlier.find((one) => one.version === before);
      return known && s3Route(stream, known.destination.settings, before, parts);
    },
  };
}

function backupSpec(stream: RouteStream, parts: PipelineParts): DeliverySpec {
  const { row } = stream;
  const { S3BackupDescription: backup } = row.destination.settings;
  if (backup === undefined) throw new RangeError('an enabled backup has a configuration');
  return {
    ...commonSpec(stream, parts, 'BackupToS3', backup),
    id: backupDelivery(row),
    called: `the backup of the delivery stream ${row.name}`,
    buffering: bufferingOf(backup),
    route: s3BackupRoute(stream, backup, row.version, parts),
    version: row.version,
    earlierRoute(before) {
      const known = row.earlier?.find(({ version }) => version === before);
      const settings = known?.destination.settings.S3BackupDescription;
      return settings && s3BackupRoute(stream, settings, before, parts);
    },
  };
}

function commonSpec(
  { row, arn }: RouteStream,
  parts: PipelineParts,
  prefix: 'DeliveryToS3' | 'BackupToS3',
  settings: PlainS3Settings & Pick<S3Settings, 'DataFormatConversionConfiguration'>,
) {
  const { source, name, version } = row;
  const { metrics, logs, clock } = parts;
  const readsKinesis = source.type === 'KinesisStreamAsSource' && prefix !== 'BackupToS3';
  const { Enabled, LogGroupName, LogStreamName } = settings.CloudWatchLoggingOptions ?? {};
  const errorLog =
    Enabled === true && LogGroupName !== undefined && LogStreamName !== undefined
      ? new ErrorLog({
          logs,
          clock,
          groupName: LogGroupName,
          streamName: LogStreamName,
          deliveryStreamArn: arn,
          destination: settings.BucketARN,
          version,
        })
      : undefined;
  return {
    source: parts.source,
    stream: source.type === 'KinesisStreamAsSource' ? source.streamArn : name,
    counters: new Counters({ metrics, prefix, readsKinesis, converts: convertsFormat(settings), errorLog }),
    onCheckpoint: parts.onCheckpoint,
  };
}
