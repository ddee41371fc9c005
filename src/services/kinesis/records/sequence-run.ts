import { writeEightDigits } from '../../../protocol/documents/json-output.ts';
import { ORDINAL_STEP, SEQUENCE_NUMBER_DIGITS } from './sequence-number.ts';

/** A limb holds eight decimal digits. */
const LIMB = 100_000_000;
const LIMB_DIGITS = 8;
const LIMBS = SEQUENCE_NUMBER_DIGITS / LIMB_DIGITS;
/** The step, in limbs from the most significant one on. */
const STEP = limbsOf(ORDINAL_STEP.toString().padStart(SEQUENCE_NUMBER_DIGITS, '0'));

/**
 * The sequence numbers of consecutive records that arrived in the same second: each is the previous one plus 2^80.
 * Adding limb by limb is many times as fast as BigInt, which matters for a response with 10,000 records.
 */
export class SequenceRun {
  readonly #limbs: Int32Array;

  constructor(first: bigint) {
    this.#limbs = limbsOf(first.toString());
  }

  /** Writes the next number at `offset`, as ASCII: 56 digits. */
  writeNext(target: DataView, offset: number): void {
    const limbs = this.#limbs;
    let at = offset;
    for (let place = LIMBS - 1; place >= 0; place--) {
      writeEightDigits(target, at, limbs[place] ?? 0);
      at += LIMB_DIGITS;
    }
    this.#step();
  }

  next(): string {
    this.writeNext(scratchView, 0);
    return scratch.toString('latin1');
  }

  #step(): void {
    const limbs = this.#limbs;
    let carry = 0;
    for (let place = 0; place < LIMBS; place++) {
      const sum = (limbs[place] ?? 0) + (STEP[place] ?? 0) + carry;
      carry = sum >= LIMB ? 1 : 0;
      limbs[place] = sum - carry * LIMB;
    }
  }
}

const scratch = Buffer.alloc(SEQUENCE_NUMBER_DIGITS);
const scratchView = new DataView(scratch.buffer, scratch.byteOffset, scratch.length);

function limbsOf(decimal: string): Int32Array {
  return Int32Array.from({ length: LIMBS }, (_, place) => {
    const end = SEQUENCE_NUMBER_DIGITS - place * LIMB_DIGITS;
    return Number(decimal.slice(end - LIMB_DIGITS, end));
  });
}
