/**
 * Sequence numbers of direct puts: decimals of one length that increase with the record's index in the log. They
 * consist of `49`, the creation time of the delivery stream in seconds (11 digits), and the index (43 digits).
 */
const PREFIX = '49';
const SECONDS_DIGITS = 11;
const INDEX_DIGITS = 43;

/** The common prefix of a delivery stream's sequence numbers. */
export function sequencePrefix(createdMs: number): string {
  return PREFIX + String(Math.floor(createdMs / 1000)).padStart(SECONDS_DIGITS, '0');
}

export function sequenceNumber(prefix: string, index: number): string {
  return prefix + String(index).padStart(INDEX_DIGITS, '0');
}

/** Returns the index; undefined for a sequence number of another delivery stream. */
export function indexOf(prefix: string, number: string): number | undefined {
  if (number.length !== prefix.length + INDEX_DIGITS || !number.startsWith(prefix)) return undefined;
  const index = Number(number.slice(prefix.length));
  return Number.isSafeInteger(index) ? index : undefined;
}

/** The `RecordId` of a put, also used in the events of transforming functions. */
export function recordId(number: string): string {
  return `${number}000000`;
}
