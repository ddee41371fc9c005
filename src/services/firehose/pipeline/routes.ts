import type { ObjectNames } from '../../../delivery/object-name.ts';
import type { ProcessingSettings } from '../../../delivery/processing/configuration.ts';
import { createProcessing } from '../../../delivery/processing/processing.ts';
import type { Buffering, Route } from '../../../delivery/spec.ts';
import { objectNames } from '../configuration/object-names.ts';
import { partsOf } from '../configuration/parts.ts';
import { databaseProcessing, type DatabaseSettings } from '../configuration/database.ts';
import { httpProcessing, type HttpSettings } from '../configuration/http.ts';
import { errorSettings, icebergProcessing, type IcebergSettings } from '../configuration/iceberg.ts';
import { bucketOf } from '../configuration/s3.ts';
import type { PlainS3Settings, S3Settings } from '../configuration/settings.ts';
import { firehoseLimits } from '../limits.ts';
import type { RouteParts, RouteStream } from './route-parts.ts';
import { permittedParts } from './acting.ts';
import { compressedFormat } from './compressed.ts';
import type { ErrorInfo } from './error-entries.ts';
import { ErrorObjects } from './error-objects.ts';
import { httpDestination } from './http-route.ts';
import { icebergDestination, TableErrors, TableRouter } from './iceberg-route.ts';
import { dataCatalogTable, parquetObjects } from './parquet.ts';
import { processingMetrics } from './processing-metrics.ts';
import { S3Destination, type S3DestinationOptions } from './s3-destination.ts';

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

/** Creates the route to the S3 destination, with all of its settings. */
export function s3Route(
  stream: RouteStream,
  settings: S3Settings,
  version: number,
  parts: RouteParts,
): Route {
  const { names, processing: processors, format } = partsOf(settings, stream.row.name);
  const { metrics } = stream;
  const permitted = permittedParts(parts, stream, version);
  const processing = processingOf(stream, processors, version, parts);
  return {
    ...objectsRoute(
      { stream, settings, version, parts, names },
      {
        format:
          format === undefined
            ? compressedFormat(settings)
            : parquetObjects(format, { ...parts, schemas: permitted.schemas(format.schema.roleArn) }),
        info: {
          lambdaArn: processors.lambda?.functionArn,
          dataCatalogTable: format && dataCatalogTable(format.schema, stream.arn),
        },
        onPartitions(count, exceeded) {
          metrics.add('PartitionCount', 'Count', count);
          metrics.add('ActivePartitionsLimit', 'Count', parts.activePartitionsMax);
          metrics.add('PartitionCountExceeded', 'Count', exceeded ? 1 : 0);
        },
      },
    ),
    ...(processing !== undefined && { processing }),
  };
}

/** Creates the route to Iceberg tables. Records that they refuse are written to the destination's bucket. */
export function icebergRoute(
  stream: RouteStream,
  settings: IcebergSettings,
  version: number,
  parts: RouteParts,
): Route {
  const { row } = stream;
  const { clock } = parts;
  const permitted = permittedParts(parts, stream, version);
  const tables = permitted.tables(settings.RoleARN ?? settings.S3DestinationDescription.RoleARN);
  const processors = icebergProcessing(settings);
  const processing = processingOf(stream, processors, version, parts);
  const router = new TableRouter(settings);
  return {
    deaggregates: row.source.type === 'KinesisStreamAsSource',
    ...(processing !== undefined && { processing }),
    destination: icebergDestination(settings, router, { tables, deliveryId: row.id, clock }),
    errorOutput: new TableErrors(router, (table) => {
      const output = errorSettings(settings, table);
      return new ErrorObjects({
        store: permitted.store(output.RoleARN),
        bucket: bucketOf(output.BucketARN),
        names: objectNames(output, row.name),
        version,
        outputType: 'iceberg-failed',
        info: { lambdaArn: processors.lambda?.functionArn },
        clock,
      });
    }),
  };
}

/** Creates the route to an HTTP endpoint. Records that it does not accept are written to the destination's bucket. */
export function httpRoute(
  stream: RouteStream,
  settings: HttpSettings,
  version: number,
  parts: RouteParts,
): Route {
  const { row, arn } = stream;
  const { clock } = parts;
  const processors = httpProcessing(settings);
  const processing = processingOf(stream, processors, version, parts);
  const output = settings.S3DestinationDescription;
  return {
    deaggregates: row.source.type === 'KinesisStreamAsSource',
    ...(processing !== undefined && { processing }),
    destination: httpDestination(settings, arn, parts),
    errorOutput: new ErrorObjects({
      store: permittedParts(parts, stream, version).store(output.RoleARN),
      bucket: bucketOf(output.BucketARN),
      names: objectNames(output, row.name),
      version,
      outputType: 'http-endpoint-failed',
      info: { lambdaArn: processors.lambda?.functionArn },
      clock,
    }),
  };
}

/** To a table of a database. What does not fit goes to the error table beside it. */
export function databaseRoute(stream: RouteStream, settings: DatabaseSettings, parts: RouteParts): Route {
  const { row } = stream;
  const processing = processingOf(stream, databaseProcessing(settings), row.version, parts);
  const destination = parts.openDatabase(settings, row.id);
  return {
    deaggregates: row.source.type === 'KinesisStreamAsSource',
    ...(processing !== undefined && { processing }),
    destination,
    errorOutput: destination,
  };
}

/** Creates the route of unprocessed source records to the backup. */
export function s3BackupRoute(
  stream: RouteStream,
  settings: PlainS3Settings,
  version: number,
  parts: RouteParts,
): Route {
  const names = objectNames(settings, stream.row.name);
  return objectsRoute(
    { stream, settings, version, parts, names },
    { format: compressedFormat(settings), info: {} },
  );
}

interface ObjectsRoute {
  readonly stream: RouteStream;
  readonly settings: PlainS3Settings;
  readonly version: number;
  readonly parts: RouteParts;
  readonly names: ObjectNames;
}

interface ObjectContents extends Pick<S3DestinationOptions, 'format' | 'onPartitions'> {
  readonly info: ErrorInfo;
}

function objectsRoute(
  { stream, settings, version, parts, names }: ObjectsRoute,
  { info, ...contents }: ObjectContents,
): Route {
  const { clock, activePartitionsMax } = parts;
  const store = permittedParts(parts, stream, version).store(settings.RoleARN);
  const bucket = bucketOf(settings.BucketARN);
  const outputType = 'processing-failed';
  return {
    deaggregates: stream.row.source.type === 'KinesisStreamAsSource',
    destination: new S3Destination({ store, bucket, names, version, activePartitionsMax, ...contents }),
    errorOutput: new ErrorObjects({ store, bucket, names, version, outputType, info, clock }),
  };
}

function processingOf(
  stream: RouteStream,
  processors: ProcessingSettings,
  version: number,
  parts: RouteParts,
): Route['processing'] {
  return createProcessing(processors, originOf(stream, parts), {
    ...parts,
    functions: permittedParts(parts, stream, version).functions(processors.lambda?.roleArn ?? ''),
    observer: processingMetrics(stream.metrics),
  });
}

function originOf({ row, arn }: RouteStream, { region }: RouteParts) {
  const { source } = row;
  return {
    deliveryStreamArn: arn,
    region,
    ...(source.type === 'KinesisStreamAsSource' && { sourceStreamArn: source.streamArn }),
  };
}
