import type { DeliveryRecord, Destination, ErrorOutput, RefusedRecord } from '../destination.ts';
import { databaseLimits } from './limits.ts';

/**
 * Writes one row for each record, refused records to the error table, and the position of the shard, in one
 * transaction. Records up to the stored position are not written again. As an error output, it writes refused records
 * to the error table, unless they are there already. Throws DatabaseError.
 */
export interface DatabaseDestination extends Destination, ErrorOutput {}

export const OUTPUT_TYPE = 'database-failed';

export function refusedRecord(
  record: DeliveryRecord,
  { code, message }: { readonly code: string; readonly message: string },
): RefusedRecord {
  return { record, errorCode: code, errorMessage: message, attempts: 1, outputType: OUTPUT_TYPE };
}

/** Converts to a text that every database can store. */
export function storableMessage(message: string): string {
  return message
    .slice(0, databaseLimits.errorMessageCharactersMax)
    .replaceAll('\0', '\u{fffd}')
    .toWellFormed();
}
