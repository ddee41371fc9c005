import type { Buffering, Route } from '../../../delivery/spec.ts';
import type { Clock } from '../../../support/clock.ts';
import type { ObjectStore } from '../../s3/object-store.ts';
import { objectNames } from '../configuration/object-names.ts';
import { bucketOf } from '../configuration/s3.ts';
import type { PlainS3Settings, S3Settings } from '../configuration/settings.ts';
import { firehoseLimits } from '../limits.ts';
import type { DeliveryStreamRow } from '../rows.ts';
import { compressedFormat } from './compressed.ts';
import { ErrorObjects } from './error-objects.ts';
import { S3Destination } from './s3-destination.ts';

/** What routes are made of. */
export interface RouteParts {
  readonly store: ObjectStore;
  readonly clock: Clock;
}

const MIB = 1024 * 1024;

export function bufferingOf({ BufferingHints }: Pick<PlainS3Settings, 'BufferingHints'>): Buffering {
  const { bufferMiBDefault, bufferSecondsDefault, objectRecordsMax } = firehoseLimits;
  const { SizeInMBs = bufferMiBDefault, IntervalInSeconds = bufferSecondsDefault } = BufferingHints;
  return {
    bytesMax: SizeInMBs * MIB,
    recordsMax: objectRecordsMax,
    ageMsMax: IntervalInSeconds * 1000,
  };
}

/** To the S3 destination, with everything that its settings ask for. */
export function s3Route(
  row: DeliveryStreamRow,
  settings: S3Settings,
  version: number,
  parts: RouteParts,
): Route {
  return s3Objects(row, settings, version, parts);
}

/** Of the source records, as they are, to the backup. */
export function s3BackupRoute(
  row: DeliveryStreamRow,
  settings: PlainS3Settings,
  version: number,
  parts: RouteParts,
): Route {
  return s3Objects(row, settings, version, parts);
}

function s3Objects(
  row: DeliveryStreamRow,
  settings: PlainS3Settings,
  version: number,
  { store, clock }: RouteParts,
): Route {
  const names = objectNames(settings, row.name);
  const bucket = bucketOf(settings.BucketARN);
  return {
    deaggregates: row.source.type === 'KinesisStreamAsSource',
    destination: new S3Destination({ store, bucket, names, version, format: compressedFormat(settings) }),
    errorOutput: new ErrorObjects({
      store,
      bucket,
      names,
      version,
      outputType: 'processing-failed',
      facts: {},
      clock,
      report: () => {},
    }),
  };
}
