import { Distribution } from '../../../support/distribution.ts';

/** The digits of the bins when they were the same of all distributions, which then did not say so. */
const FORMER_DIGITS = 4;

/** The numbers that a distribution is written as: how many bins, and of each what it adds to the one before, and its count. */
function* numbersOf(distribution: Distribution): Generator<number> {
  yield distribution.size;
  let last = 0;
  for (const [bin, times] of distribution.counts()) {
    yield bin - last;
    yield times;
    last = bin;
  }
}

export function distributionBytes(distribution: Distribution): number {
  let bytes = 1;
  for (const number of numbersOf(distribution))
    for (let left = number; ; left = upper(left)) {
      bytes++;
      if (left < 0x80) break;
    }
  return bytes;
}

/** Returns where it ends. */
export function writeDistribution(bytes: Buffer, offset: number, distribution: Distribution): number {
  let next = bytes.writeInt8(distribution.digits, offset);
  for (const number of numbersOf(distribution)) {
    let left = number;
    for (; left >= 0x80; left = upper(left)) bytes[next++] = (left % 0x80) | 0x80;
    bytes[next++] = left;
  }
  return next;
}

/** `hasDigits` is false for one that was written before distributions had numbers of digits. */
export function readDistribution(
  bytes: Buffer,
  offset: number,
  hasDigits: boolean,
): { readonly distribution: Distribution; readonly end: number } {
  let end = offset;
  const digits = hasDigits ? bytes.readInt8(end++) : FORMER_DIGITS;
  const number = (): number => {
    let value = 0;
    for (let scale = 1; ; scale *= 0x80) {
      const byte = bytes.readUInt8(end++);
      value += (byte & 0x7f) * scale;
      if (byte < 0x80) return value;
    }
  };
  const counts = new Map<number, number>();
  const size = number();
  let bin = 0;
  for (let at = 0; at < size; at++) {
    bin += number();
    counts.set(bin, number());
  }
  return { distribution: new Distribution(digits, counts), end };
}

/** Without its lowest seven bits; numbers have more than 32. */
function upper(number: number): number {
  return Math.floor(number / 0x80);
}
