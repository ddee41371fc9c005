import type { Lags } from './delivery-lags.ts';
import { type Ask, type DeliveryRow, placeOf, streamIn } from './delivery-row.ts';
import { consoleLimits } from './limits.ts';

interface BucketSettings {
  readonly BucketARN?: string;
  readonly Prefix?: string;
  readonly ErrorOutputPrefix?: string;
}

interface Buffered {
  readonly BufferingHints?: { readonly IntervalInSeconds?: number };
}

interface Destination {
  readonly ExtendedS3DestinationDescription?: BucketSettings & Buffered;
  readonly IcebergDestinationDescription?: Buffered & {
    readonly DestinationTableConfigurationList?: readonly {
      readonly DestinationDatabaseName?: string;
      readonly DestinationTableName?: string;
    }[];
    readonly S3DestinationDescription?: BucketSettings;
  };
  readonly HttpEndpointDestinationDescription?: Buffered & {
    readonly EndpointConfiguration?: { readonly Name?: string; readonly Url?: string };
    readonly S3DestinationDescription?: BucketSettings;
  };
}

interface Described {
  readonly DeliveryStreamARN?: string;
  readonly DeliveryStreamStatus?: string;
  readonly Source?: {
    readonly KinesisStreamSourceDescription?: { readonly KinesisStreamARN?: string };
  };
  readonly Destinations?: readonly Destination[];
}

interface Progress {
  readonly DeliveryId?: string;
  readonly WaitingRecords?: number;
  /** Seconds. */
  readonly WaitingSince?: number;
  readonly Failure?: { readonly Reason?: string; readonly Since?: number };
  readonly Refused?: { readonly Records?: number; readonly LastCode?: string; readonly LastMessage?: string };
  readonly Database?: { readonly Type?: string; readonly Location?: string; readonly Table?: string };
}

/** Undefined for a caller who may not list delivery streams. */
export async function deliveryStreamRows(
  ask: Ask,
  lags: Lags,
  nowMs: number,
): Promise<DeliveryRow[] | undefined> {
  const listed = await ask<{ DeliveryStreamNames?: readonly string[] }>('firehose', 'ListDeliveryStreams', {
    Limit: consoleLimits.deliveriesMax,
  });
  if (listed === undefined) return undefined;
  const rows: DeliveryRow[] = [];
  for (const DeliveryStreamName of listed.DeliveryStreamNames ?? []) {
    const input = { DeliveryStreamName };
    const found = await ask<{ DeliveryStreamDescription?: Described }>(
      'firehose',
      'DescribeDeliveryStream',
      input,
    );
    const progress = await ask<Progress>('firehose', 'GetDeliveryStreamProgress', input);
    const description = found?.DeliveryStreamDescription;
    if (description === undefined) continue;
    const stream = streamIn(description.Source?.KinesisStreamSourceDescription?.KinesisStreamARN);
    const lag =
      stream === undefined
        ? ofDirectPuts(progress, nowMs)
        : await lags.of(stream, progress?.DeliveryId ?? '');
    rows.push(deliveryStreamRow(DeliveryStreamName, description, progress, { stream, ...lag }));
  }
  return rows;
}

function ofDirectPuts(progress: Progress | undefined, nowMs: number) {
  const { WaitingRecords: waiting, WaitingSince: since } = progress ?? {};
  return { waiting, behindMs: since === undefined ? 0 : Math.max(0, nowMs - since * 1000) };
}

function deliveryStreamRow(
  name: string,
  { DeliveryStreamARN = '', DeliveryStreamStatus = '', Destinations = [] }: Described,
  { Failure, Refused: refused, Database }: Progress = {},
  lag: Pick<DeliveryRow, 'stream' | 'waiting' | 'behindMs'>,
): DeliveryRow {
  const { ExtendedS3DestinationDescription: s3, ...others } = Destinations[0] ?? {};
  const { IcebergDestinationDescription: iceberg, HttpEndpointDestinationDescription: web } = others;
  const hints = (s3 ?? iceberg ?? web)?.BufferingHints;
  const bucket = s3 ?? (iceberg ?? web)?.S3DestinationDescription;
  const place = s3 && placeOf(s3.BucketARN, s3.Prefix);
  return {
    kind: 'delivery stream',
    name,
    arn: DeliveryStreamARN,
    state: DeliveryStreamStatus,
    ...lag,
    target: place === undefined ? targetOf(others, Database) : `s3://${place.bucket}/${s3?.Prefix ?? ''}`,
    place,
    bufferMs: (hints?.IntervalInSeconds ?? 0) * 1000,
    failure: Failure && { reason: Failure.Reason ?? '', sinceMs: (Failure.Since ?? 0) * 1000 },
    refused: refused && {
      records: refused.Records ?? 0,
      last: `${refused.LastCode ?? ''}: ${refused.LastMessage ?? ''}`,
      place: bucket && placeOf(bucket.BucketARN, bucket.ErrorOutputPrefix ?? bucket.Prefix),
    },
    lines: undefined,
  };
}

function targetOf(
  { IcebergDestinationDescription: iceberg, HttpEndpointDestinationDescription: web }: Destination,
  database: Progress['Database'],
): string {
  if (web !== undefined) {
    const { Name, Url } = web.EndpointConfiguration ?? {};
    return Name ?? Url ?? 'an HTTP endpoint';
  }
  if (iceberg !== undefined) {
    const [table] = iceberg.DestinationTableConfigurationList ?? [];
    if (table === undefined) return 'tables that records name';
    return `table ${table.DestinationDatabaseName ?? ''}.${table.DestinationTableName ?? ''}`;
  }
  if (database === undefined) return 'unknown';
  return `${database.Type ?? 'database'}, table ${database.Table ?? ''} (${database.Location ?? ''})`;
}
