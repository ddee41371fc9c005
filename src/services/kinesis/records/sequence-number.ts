/**
 * Sequence numbers in AWS's layout: 47 hex digits, written as a decimal of 56.
 *
 *     digit 0      2, so that all have one length
 *     1-9          the shard's creation in seconds: a child's is later than its parents'
 *     10           the last hex digit of the shard's index
 *     11-26        the record's ordinal in the shard, from 1 on (top bit 0)
 *     27-28        00
 *     29-37        arrival in seconds
 *     38-45        the shard's index
 *     46           2, the version of the layout
 *
 * A record's ordinal is its index in the log plus one, so a position is read out of the number without a lookup;
 * ordinal 0 is the shard's own StartingSequenceNumber, the highest ordinal its EndingSequenceNumber.
 */
export interface SequenceNumber {
  readonly shardCreatedSeconds: number;
  readonly shardIndex: number;
  readonly ordinal: bigint;
  readonly arrivalSeconds: number;
}

export const LAST_ORDINAL = 2n ** 63n - 1n;
export const SHARD_INDEX_MAX = 2 ** 31 - 1;

const VERSION = '2';
const HEX_DIGITS = 47;
export const SEQUENCE_NUMBER_DIGITS = 56;
/** The difference between consecutive records that arrived in the same second. */
export const ORDINAL_STEP = 2n ** 80n;

export function formatSequenceNumber(number: SequenceNumber): string {
  const { shardCreatedSeconds, shardIndex, ordinal, arrivalSeconds } = number;
  return numberOf(shardPart(shardCreatedSeconds, shardIndex), ordinal, arrivalSeconds).toString();
}

/** The part that all sequence numbers of a shard share. */
export function shardPart(createdSeconds: number, index: number): bigint {
  const shard = BigInt(index);
  return (2n << 184n) | (BigInt(createdSeconds) << 148n) | ((shard & 15n) << 144n) | (shard << 4n) | 2n;
}

export function numberOf(shard: bigint, ordinal: bigint, arrivalSeconds: number): bigint {
  return shard | (ordinal << 80n) | (BigInt(arrivalSeconds) << 36n);
}

/** The sequence number of the record at `index` in its shard's log. */
export function numberAt(shard: bigint, index: number, arrivalMs: number): bigint {
  return numberOf(shard, BigInt(index + 1), Math.floor(arrivalMs / 1000));
}

/** Returns undefined for anything but a sequence number of this layout. */
export function parseSequenceNumber(decimal: string): SequenceNumber | undefined {
  if (!/^\d{56}$/.test(decimal)) return undefined;
  const hex = BigInt(decimal).toString(16);
  if (hex.length !== HEX_DIGITS || !hex.startsWith('2') || !hex.endsWith(VERSION)) return undefined;
  const number = {
    shardCreatedSeconds: Number.parseInt(hex.slice(1, 10), 16),
    ordinal: BigInt(`0x${hex.slice(11, 27)}`),
    arrivalSeconds: Number.parseInt(hex.slice(29, 38), 16),
    shardIndex: Number.parseInt(hex.slice(38, 46), 16),
  };
  const wellFormed =
    number.ordinal <= LAST_ORDINAL &&
    number.shardIndex <= SHARD_INDEX_MAX &&
    hex[10] === hex[45] &&
    hex.slice(27, 29) === '00';
  return wellFormed ? number : undefined;
}
