import type { DeliveryRecord } from '../destination.ts';

/** Identifies a record to a function: its sequence number, and its index within an aggregated record. */
export function recordIdOf({ sequenceNumber, subSequenceNumber }: DeliveryRecord): string {
  return sequenceNumber + String(subSequenceNumber).padStart(6, '0');
}
