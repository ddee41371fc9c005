import type { Acting } from '../../../auth/authorization/acting.ts';
import type { ProcessingDependencies } from '../../../delivery/processing/processing.ts';
import type { Clock } from '../../../support/clock.ts';
import type { Functions } from '../../lambda/functions.ts';
import type { ObjectStore } from '../../s3/object-store.ts';
import type { DeliveryStreamMetrics } from '../metrics.ts';
import type { DeliveryStreamRow } from '../rows.ts';
import type { OpenDatabase } from './database-route.ts';
import type { HttpParts } from './http-route.ts';
import type { DeliveryTables } from './iceberg-route.ts';
import type { ParquetParts } from './parquet.ts';

/** The dependencies of routes. */
export interface RouteParts
  extends ParquetParts, HttpParts, Omit<ProcessingDependencies, 'observer' | 'functions'> {
  readonly acting: Acting;
  readonly functions: Pick<Functions, 'invoke' | 'describe'>;
  readonly store: ObjectStore;
  readonly region: string;
  readonly clock: Clock;
  readonly tables: DeliveryTables;
  /** Dynamic partitioning: how many partitions a range may have. */
  readonly activePartitionsMax: number;
  readonly openDatabase: OpenDatabase;
}

/** The delivery stream whose records are delivered. */
export interface RouteStream {
  readonly row: DeliveryStreamRow;
  readonly arn: string;
  readonly metrics: DeliveryStreamMetrics;
}
