import { isUtf8 } from 'node:buffer';
import type { RefusedRecord } from '../../../delivery/destination.ts';
import type { FormattedRecord } from '../../../delivery/object-destination.ts';
import { invalidJsonAt } from '../../../support/json-check.ts';
import type { RecordFormat } from './rows.ts';

const NEWLINE = Buffer.from('\n');

/**
 * Checks a record against the channel's format and returns it unchanged:
 * https://docs.aws.amazon.com/streams/latest/dev/data-delivery-s3-about.html. That page does not say how records are
 * separated: here JSON and text end with a newline, and bytes are concatenated.
 */
export function formatRecord(format: RecordFormat, data: Uint8Array): FormattedRecord {
  switch (format) {
    case 'BYTE_ARRAY':
      return { parts: [data] };
    case 'STRING':
      return isUtf8(data) ? line(data) : { refusal: 'The record is not valid UTF-8.' };
    case 'JSON':
      return isJson(data) ? line(data) : { refusal: 'The record is not valid JSON.' };
  }
}

function line(data: Uint8Array): FormattedRecord {
  return { parts: data.at(-1) === NEWLINE[0] ? [data] : [data, NEWLINE] };
}

function isJson(data: Uint8Array): boolean {
  return isUtf8(data) && invalidJsonAt(data) === undefined;
}

/** A line of JSON for the dead-letter object: the record, where it was, and why it was refused. */
export function deadLetter(
  streamArn: string,
  { record, errorCode, errorMessage }: Pick<RefusedRecord, 'record' | 'errorCode' | 'errorMessage'>,
): string {
  const { shardId, sequenceNumber, partitionKey, arrivalMs, data } = record;
  const letter = {
    streamARN: streamArn,
    shardId,
    sequenceNumber,
    partitionKey,
    approximateArrivalTimestamp: new Date(arrivalMs).toISOString(),
    errorCode,
    errorMessage,
    data: Buffer.from(data).toString('base64'),
  };
  return `${JSON.stringify(letter)}\n`;
}
