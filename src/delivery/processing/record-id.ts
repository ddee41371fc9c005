import type { DeliveryRecord } from '../destination.ts';

/** The identity of a record for a function: its sequence number, and its number within an aggregated record. */
export function recordIdOf({ sequenceNumber, subSequenceNumber }: DeliveryRecord): string {
  return sequenceNumber + String(subSequenceNumber).padStart(6, '0');
}
