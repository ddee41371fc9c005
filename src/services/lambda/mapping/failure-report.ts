import type { TargetEvent } from '../../../aws/targets.ts';
import { LATEST } from '../versions/version-row.ts';
import type { DiscardedRecords } from './batch-run.ts';

/**
 * A report on discarded records. Topics get the message: JSON with the records' place in the stream, but without their
 * data. Buckets get the object: the same with the event.
 */
export type FailureReport = Required<Pick<TargetEvent, 'message' | 'subject' | 'object'>>;

export interface FailureInfo {
  readonly mappingUuid: string;
  readonly functionArn: string;
  readonly streamArn: string;
  readonly shardId: string;
  readonly nowMs: number;
  /** Makes the object's key unique. */
  readonly reportId: string;
  readonly event: Buffer;
}

/** The report in the format of Lambda's guide "Retain discarded batches". */
export function failureReport(discarded: DiscardedRecords, info: FailureInfo): FailureReport {
  const { records, last, condition } = discarded;
  const [first] = records;
  const final = records.at(-1);
  if (first === undefined || final === undefined) throw new RangeError('a report needs at least one record');
  const time = new Date(info.nowMs).toISOString();
  const report = {
    requestContext: {
      requestId: last?.requestId ?? info.reportId,
      functionArn: info.functionArn,
      condition,
      approximateInvokeCount: discarded.invokeCount,
    },
    ...(condition === 'RecordAgeExceeded'
      ? {}
      : {
          responseContext: {
            statusCode: 200,
            executedVersion: last?.executedVersion ?? LATEST,
            functionError: last?.functionError ?? null,
          },
        }),
    version: '1.0',
    timestamp: time,
    KinesisBatchInfo: {
      shardId: info.shardId,
      startSequenceNumber: first.sequenceNumber,
      endSequenceNumber: final.sequenceNumber,
      approximateArrivalOfFirstRecord: new Date(first.arrivalMs).toISOString(),
      approximateArrivalOfLastRecord: new Date(final.arrivalMs).toISOString(),
      batchSize: records.length,
      streamArn: info.streamArn,
    },
  };
  const [day = '', rest = ''] = time.split('T');
  const stamp = `${day}T${rest.slice(0, 8).replaceAll(':', '.')}`;
  const folder = `aws/lambda/${info.mappingUuid}/${info.shardId}/${day.replaceAll('-', '/')}`;
  return {
    subject: 'Event source mapping failure',
    message: JSON.stringify(report),
    object: {
      key: `${folder}/${stamp}-${info.reportId}`,
      body: JSON.stringify({ ...report, payload: info.event.toString() }),
    },
  };
}
