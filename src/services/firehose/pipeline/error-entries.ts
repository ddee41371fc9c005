import type { RefusedRecord } from '../../../delivery/destination.ts';

/** What the entries of error objects say besides the record. */
export interface ErrorFacts {
  /** Of the transforming function. */
  readonly lambdaArn?: string | undefined;
  /** Of the table whose schema a format conversion follows. */
  readonly dataCatalogTable?: object | undefined;
}

/** A line of an error object, in the form that Firehose has for the type of error. */
export function errorEntry(
  { record, errorCode, errorMessage, attempts }: RefusedRecord,
  outputType: string,
  endedMs: number,
  facts: ErrorFacts,
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
        dataCatalogTable: facts.dataCatalogTable,
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
        // Only of what the function decided, or did not.
        ...(errorCode.startsWith('Lambda.') && { lambdaArn: facts.lambdaArn }),
      });
  }
}

function line(entry: object): string {
  return `${JSON.stringify(entry)}\n`;
}
