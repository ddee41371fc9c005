import type { Destination } from '../../../delivery/destination.ts';
import { DeliveryCounters, objectMetrics, tableMetrics } from '../../../delivery/counters.ts';
import { IcebergDestination } from '../../../delivery/iceberg/iceberg-destination.ts';
import type { IcebergTables } from '../../../delivery/iceberg/tables.ts';
import { ErrorObject, ObjectDestination } from '../../../delivery/object-destination.ts';
import type { Route } from '../../../delivery/spec.ts';
import type { Clock } from '../../../support/clock.ts';
import type { ChannelDeliveries } from './deliveries.ts';
import { deadLetterKey, objectKey } from './key-template.ts';
import { deadLetter, formatRecord } from './record-format.ts';
import type { BucketChannelRow, ChannelRow, TableChannelRow } from './rows.ts';

/** The part of Iceberg's tables that channels use. */
export type ChannelTables = Pick<IcebergTables, 'append' | 'settings'>;

/** Where no catalog is declared. */
export const noTables: ChannelTables = {
  settings: () => undefined,
  append: () => Promise.reject(new Error('there are no tables')),
};

export interface RouteParts {
  readonly deliveries: Pick<ChannelDeliveries, 'store' | 'metrics'>;
  readonly tables: ChannelTables;
  readonly clock: Clock;
}

/** Where the records of a channel go. */
export function channelRoute(row: ChannelRow, parts: RouteParts): Route {
  const { stream, deadLetters } = row;
  const { store } = parts.deliveries;
  return {
    destination: row.table === undefined ? bucketDestination(row, parts) : tableDestination(row, parts),
    errorOutput: new ErrorObject({
      store,
      bucket: deadLetters.bucket,
      keyOf: (range) => deadLetterKey(row, range),
      write: (refused) => deadLetter(stream.arn, refused),
    }),
  };
}

function bucketDestination(row: BucketChannelRow, { deliveries: { store } }: RouteParts): Destination {
  const { storage, format } = row;
  return new ObjectDestination({
    store,
    bucket: storage.bucket,
    compression: storage.compression,
    keyOf: (range) => objectKey(row, range),
    format: ({ data }) => formatRecord(format, data),
  });
}

const CODECS = { NONE: 'UNCOMPRESSED', ZSTD: 'ZSTD', SNAPPY: 'SNAPPY' } as const;

function tableDestination({ id, table }: TableChannelRow, { tables, clock }: RouteParts): Destination {
  const target = {
    catalogArn: table.bucketArn,
    name: { database: table.namespace, table: table.name },
    codec: CODECS[table.compression],
    // As on AWS, the columns do not change.
    addsColumns: false,
    create: { partitions: table.hoursOf.map((name) => ({ name, transform: 'hour' as const })) },
  };
  return new IcebergDestination({
    tables,
    deliveryId: id,
    route: () => target,
    // As with buckets, records wait for as long as the stream keeps them.
    retryMs: Infinity,
    clock,
  });
}

export function channelCounters({ id, name, stream, table }: ChannelRow, { deliveries }: RouteParts) {
  const dimensions = { StreamName: stream.name, ChannelName: name, ChannelId: id };
  const place = { namespace: 'AWS/Kinesis', dimensions };
  return new DeliveryCounters(deliveries.metrics, place, table === undefined ? objectMetrics : tableMetrics);
}
