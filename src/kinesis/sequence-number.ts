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
const ORDINAL_STEP = 2n ** 80n;

export function formatSequenceNumber(number: SequenceNumber): string {
  return toBigInt(number).toString();
}

function toBigInt(number: SequenceNumber): bigint {
  const shard = number.shardIndex.toString(16);
  const created = number.shardCreatedSeconds.toString(16).padStart(9, '0');
  const ordinal = number.ordinal.toString(16).padStart(16, '0');
  const arrival = number.arrivalSeconds.toString(16).padStart(9, '0');
  return BigInt(`0x2${created}${shard.slice(-1)}${ordinal}00${arrival}${shard.padStart(8, '0')}${VERSION}`);
}

/** Undefined for what is not a sequence number of this layout. */
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

const LIMB_DIGITS = 14;
const LIMB = 10 ** LIMB_DIGITS;
const STEP_LOW = Number(ORDINAL_STEP % BigInt(LIMB));
const STEP_HIGH = Number(ORDINAL_STEP / BigInt(LIMB));

/**
 * The numbers of records that follow each other in a shard and arrived together: each is the one before plus 2^80,
 * so that an answer of 10,000 records costs decimal additions instead of BigInt conversions.
 */
export class SequenceRun {
  #head: string;
  #high: number;
  #low: number;

  constructor(first: SequenceNumber) {
    const decimal = toBigInt(first).toString();
    this.#head = decimal.slice(0, -2 * LIMB_DIGITS);
    this.#high = Number(decimal.slice(-2 * LIMB_DIGITS, -LIMB_DIGITS));
    this.#low = Number(decimal.slice(-LIMB_DIGITS));
  }

  next(): string {
    const decimal = this.#head + pad(this.#high) + pad(this.#low);
    this.#low += STEP_LOW;
    this.#high += STEP_HIGH;
    if (this.#low >= LIMB) {
      this.#low -= LIMB;
      this.#high++;
    }
    if (this.#high >= LIMB) {
      this.#high -= LIMB;
      this.#head = (BigInt(this.#head) + 1n).toString();
    }
    return decimal;
  }
}

function pad(limb: number): string {
  return String(limb).padStart(LIMB_DIGITS, '0');
}
