import type { MetricRegistry } from '../metrics.ts';
import { type Ask, type DeliveryRow, placeOf, streamIn } from './delivery-row.ts';
import type { Lags } from './delivery-lags.ts';
import { consoleLimits } from './limits.ts';

interface Freshness {
  readonly DataFreshnessInSeconds?: number;
  readonly DeadLetterQueueS3Configuration?: {
    readonly BucketARN?: string;
    readonly ErrorOutputPrefix?: string;
  };
}

interface Channel {
  readonly ChannelName?: string;
  readonly ChannelARN?: string;
  readonly ChannelId?: string;
  readonly ChannelStatus?: string;
  readonly ChannelStatusReason?: string;
  readonly StreamConfigurationList?: readonly { readonly StreamARN?: string }[];
  readonly S3DestinationConfiguration?: Freshness & {
    readonly StorageConfiguration?: { readonly BucketARN?: string; readonly OutputKeyTemplate?: string };
  };
  readonly S3TablesDestinationConfiguration?: Freshness & {
    readonly S3TablesConfigurationList?: readonly {
      readonly Namespace?: string;
      readonly TableName?: string;
    }[];
  };
}

/** Undefined for a caller who may not list channels. */
export async function channelRows(
  ask: Ask,
  lags: Lags,
  metrics: MetricRegistry,
): Promise<DeliveryRow[] | undefined> {
  const listed = await ask<{ ChannelSummaries?: readonly Channel[] }>('kinesis', 'ListChannels', {
    MaxResults: consoleLimits.deliveriesMax,
  });
  if (listed === undefined) return undefined;
  const rows: DeliveryRow[] = [];
  const refused = refusedByChannel(metrics);
  for (const { ChannelARN } of listed.ChannelSummaries ?? []) {
    const found = await ask<{ ChannelDescription?: Channel }>('kinesis', 'DescribeChannel', { ChannelARN });
    const channel = found?.ChannelDescription;
    if (channel === undefined) continue;
    const { ChannelId: id = '', StreamConfigurationList: [source] = [] } = channel;
    const stream = streamIn(source?.StreamARN) ?? '';
    rows.push(rowOf(channel, { stream, ...(await lags.of(stream, id)) }, refused.get(id) ?? 0));
  }
  return rows;
}

function rowOf(
  channel: Channel,
  lag: Pick<DeliveryRow, 'stream' | 'waiting' | 'behindMs'>,
  refused: number,
): DeliveryRow {
  const { ChannelName = '', ChannelARN = '', ChannelStatus = '', ChannelStatusReason: reason } = channel;
  const { S3DestinationConfiguration: s3, S3TablesDestinationConfiguration: tables } = channel;
  const { DataFreshnessInSeconds: seconds = 0, DeadLetterQueueS3Configuration: letters } = s3 ?? tables ?? {};
  const { BucketARN, OutputKeyTemplate = '' } = s3?.StorageConfiguration ?? {};
  const place = placeOf(BucketARN, OutputKeyTemplate);
  const [table] = tables?.S3TablesConfigurationList ?? [];
  return {
    kind: 'channel',
    name: ChannelName,
    arn: ChannelARN,
    state: ChannelStatus,
    ...lag,
    target:
      place === undefined
        ? `table ${table?.Namespace ?? ''}.${table?.TableName ?? ''}`
        : `s3://${place.bucket}/${OutputKeyTemplate}`,
    place,
    bufferMs: seconds * 1000,
    failure: reason === undefined ? undefined : { reason, sinceMs: undefined },
    refused:
      refused === 0
        ? undefined
        : { records: refused, last: '', place: placeOf(letters?.BucketARN, letters?.ErrorOutputPrefix) },
    lines: undefined,
  };
}

const REFUSED = new Set(['DeliveryToS3.FailedRecordCount', 'DeliveryToIceberg.FailedRowCount']);

/** Keyed by the ID of the channel. */
function refusedByChannel(metrics: MetricRegistry): Map<string, number> {
  const sums = new Map<string, number>();
  for (const { identity, totalSum } of metrics) {
    if (identity.namespace !== 'AWS/Kinesis' || !REFUSED.has(identity.name)) continue;
    const id = identity.dimensions.find(({ name }) => name === 'ChannelId')?.value;
    if (id !== undefined) sums.set(id, (sums.get(id) ?? 0) + totalSum);
  }
  return sums;
}
