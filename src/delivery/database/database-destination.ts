import type { DeliveryRecord, Destination, ErrorOutput, RefusedRecord } from '../destination.ts';
import { databaseLimits } from './limits.ts';

/**
 * Writes one row for each record, those that do not fit to the error table, and the position of the shard, in one
 * transaction. Records up to the position that is there are not written again. As an error output it writes what was
 * refused before to the error table, unless it is there. Throws DatabaseError.
 */
export interface DatabaseDestination extends Destination, ErrorOutput {}

export const OUTPUT_TYPE = 'database-failed';

export function refusedRecord(
  record: DeliveryRecord,
  { code, message }: { readonly code: string; readonly message: string },
): RefusedRecord {
  return { record, errorCode: code, errorMessage: message, attempts: 1, outputType: OUTPUT_TYPE };
}

/** As a text that every database stores. */
export function storableMessage(message: string): string {
  return message
    .slice(0, databaseLimits.errorMessageCharactersMax)
    .replaceAll('\0', '\u{fffd}')
    .toWellFormed();
}
