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

const ZERO = 48;
export const SEQUENCE_NUMBER_DIGITS = 56;
/** The decimal digits of 2^80 from the last one on. */
const STEP_DIGITS = Uint8Array.from(ORDINAL_STEP.toString().split(''), Number).toReversed();

/**
 * The numbers of records that follow each other in a shard and arrived together: each is the one before plus 2^80.
 * An answer of 10,000 records is added up digit by digit in place: several times as fast as by way of BigInt.
 */
export class SequenceRun {
  readonly #digits: Buffer;

  constructor(first: SequenceNumber) {
    this.#digits = Buffer.from(toBigInt(first).toString(), 'latin1');
  }

  next(): string {
    const decimal = this.#digits.toString('latin1');
    this.#step();
    return decimal;
  }

  /** Writes the next number into `target` at `offset`, as ASCII; gives its length. */
  writeNext(target: Buffer, offset: number): number {
    const digits = this.#digits;
    for (let i = 0; i < digits.length; i++) target[offset + i] = digits[i] ?? ZERO;
    this.#step();
    return digits.length;
  }

  #step(): void {
    const digits = this.#digits;
    let carry = 0;
    for (let place = 0; place < STEP_DIGITS.length || carry > 0; place++) {
      const at = SEQUENCE_NUMBER_DIGITS - 1 - place;
      const sum = (digits[at] ?? ZERO) + (STEP_DIGITS[place] ?? 0) + carry;
      carry = sum >= ZERO + 10 ? 1 : 0;
      digits[at] = sum - carry * 10;
    }
  }
}
