import { type Ask, type DeliveryRow, streamIn } from './delivery-row.ts';
import type { Lags } from './delivery-lags.ts';
import { consoleLimits } from './limits.ts';

interface ListLog {
  readonly ListLogName?: string;
  readonly Stream?: string;
  readonly Bucket?: string;
  readonly Key?: string;
  readonly Endpoint?: string;
  readonly Status?: string;
  readonly StatusReason?: string;
  readonly Lines?: number;
  readonly RawLines?: number;
  readonly Shards?: Parameters<Lags['ofPositions']>[1];
}

/** Undefined for a caller who may not list them. */
export async function listLogRows(ask: Ask, lags: Lags): Promise<DeliveryRow[] | undefined> {
  const listed = await ask<{ ListLogs?: readonly ListLog[] }>('listlog', 'ListListLogs', {
    Limit: consoleLimits.deliveriesMax,
  });
  if (listed === undefined) return undefined;
  const rows: DeliveryRow[] = [];
  for (const log of listed.ListLogs ?? []) {
    const stream = streamIn(log.Stream) ?? '';
    rows.push(rowOf(log, { stream, ...(await lags.ofPositions(stream, log.Shards)) }));
  }
  return rows;
}

function rowOf(log: ListLog, lag: Pick<DeliveryRow, 'stream' | 'waiting' | 'behindMs'>): DeliveryRow {
  const { ListLogName = '', Bucket = '', Key = '', Endpoint, Status = '', StatusReason, Lines } = log;
  const { RawLines: raw = 0 } = log;
  return {
    kind: 'list log',
    name: ListLogName,
    arn: '',
    state: Status,
    ...lag,
    target: `${Endpoint === undefined ? 's3:/' : Endpoint.replace(/\/$/, '')}/${Bucket}/${Key}`,
    // The objects of another S3 are not shown.
    place: Endpoint === undefined ? { bucket: Bucket, prefix: Key } : undefined,
    bufferMs: 0,
    failure: StatusReason === undefined ? undefined : { reason: StatusReason, sinceMs: undefined },
    refused:
      raw === 0
        ? undefined
        : {
            records: raw,
            last: 'They do not match the format: their text is a line as it is.',
            place: undefined,
          },
    lines: Lines,
  };
}
