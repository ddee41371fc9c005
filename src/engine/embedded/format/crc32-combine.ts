/** CRC-32 of ISO 3309, as in zlib: the polynomial with its bits reversed, without x^32. */
const POLYNOMIAL = 0xedb88320;
const ONE = 0x80000000;

/** x^(8 * 2^n) modulo the polynomial, for lengths of up to 2^32 bytes. */
const POWERS = new Int32Array(32);
{
  let power = ONE >>> 8;
  for (let n = 0; n < POWERS.length; n++) {
    POWERS[n] = power;
    power = multiply(power, power);
  }
}

/**
 * The CRC-32 of two pieces of bytes one after the other, from those of the two and the length of the second: it takes
 * a microsecond, whatever the lengths (crc32_combine of zlib). Unsigned, as all of them.
 */
export function combineCrc32(first: number, second: number, secondBytes: number): number {
  let shifted = first;
  for (let n = 0, left = secondBytes; left > 0; n++, left = Math.floor(left / 2)) {
    if (left % 2 === 1) shifted = multiply(shifted, POWERS[n] ?? 0);
  }
  return (shifted ^ second) >>> 0;
}

/** Of two polynomials, modulo the one. */
function multiply(a: number, b: number): number {
  let product = 0;
  let shifted = b;
  for (let bit = ONE; bit !== 0; bit >>>= 1) {
    if ((a & bit) !== 0) product ^= shifted;
    shifted = (shifted & 1) === 0 ? shifted >>> 1 : (shifted >>> 1) ^ POLYNOMIAL;
  }
  return product;
}
