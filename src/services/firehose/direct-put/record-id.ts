/**
 * Sequence numbers of records that were put directly: decimals of one length that rise with the record's index in the
 * log. `49`, the creation of the delivery stream in seconds (11 digits), the index (43 digits).
 */
const PREFIX = '49';
const SECONDS_DIGITS = 11;
const INDEX_DIGITS = 43;

/** What the sequence numbers of a delivery stream begin with. */
export function sequencePrefix(createdMs: number): string {
  return PREFIX + String(Math.floor(createdMs / 1000)).padStart(SECONDS_DIGITS, '0');
}

export function sequenceNumber(prefix: string, index: number): string {
  return prefix + String(index).padStart(INDEX_DIGITS, '0');
}

/** Undefined for a sequence number of another delivery stream. */
export function indexOf(prefix: string, number: string): number | undefined {
  if (number.length !== prefix.length + INDEX_DIGITS || !number.startsWith(prefix)) return undefined;
  const index = Number(number.slice(prefix.length));
  return Number.isSafeInteger(index) ? index : undefined;
}

/** `RecordId`, also in the event of a transforming function. */
export function recordId(number: string): string {
  return `${number}000000`;
}
