import type { RefusedRecord } from '../../../delivery/destination.ts';

/** Details in the entries of error objects, besides the record. */
export interface ErrorInfo {
  /** The ARN of the transforming function. */
  readonly lambdaArn?: string | undefined;
  /** The table whose schema a format conversion uses. */
  readonly dataCatalogTable?: object | undefined;
}

/** A line of an error object, in Firehose's form for the type of error. */
export function errorEntry(
  { record, errorCode, errorMessage, attempts }: RefusedRecord,
  outputType: string,
  endedMs: number,
  info: ErrorInfo,
): string {
  const { arrivalMs, sequenceNumber, subSequenceNumber, data } = record;
  const rawData = Buffer.from(data.buffer, data.byteOffset, data.byteLength).toString('base64');
  const common = { attemptsMade: attempts, arrivalTimestamp: arrivalMs };
  const ended = { attemptEndingTimestamp: endedMs, rawData };
  switch (outputType) {
    case 'format-conversion-failed':
      return line({
        ...common,
        lastErrorCode: errorCode,
        lastErrorMessage: errorMessage,
        ...ended,
        sequenceNumber,
        subSequenceNumber,
        dataCatalogTable: info.dataCatalogTable,
      });
    case 'http-endpoint-failed':
      return line({
        ...common,
        errorCode,
        errorMessage,
        ...ended,
        subsequenceNumber: subSequenceNumber,
        dataId: `${sequenceNumber}.${subSequenceNumber}`,
      });
    default:
      return line({
        ...common,
        errorCode,
        errorMessage,
        ...ended,
        // Only for errors of the function.
        ...(errorCode.startsWith('Lambda.') && { lambdaArn: info.lambdaArn }),
      });
  }
}

function line(entry: object): string {
  return `${JSON.stringify(entry)}\n`;
}
