/**
 * Two CRCs that Node does not have: CRC-32C (Castagnoli) and CRC-64/NVME, both reflected. With eight tables, each step
 * processes eight bytes ("slicing by 8", Kounavis and Berry 2005).
 */
const SLICES = 8;

const castagnoli = tables32(0x82f63b78);

/** Like zlib's crc32: continues the crc `before` with `bytes`. */
export function crc32c(bytes: Uint8Array, before = 0): number {
  const t = castagnoli;
  let crc = ~before;
  let i = 0;
  for (const end = bytes.length - 7; i < end; i += 8) {
    const low = crc ^ word(bytes, i);
    crc =
      at(t, 7, low & 0xff) ^
      at(t, 6, (low >>> 8) & 0xff) ^
      at(t, 5, (low >>> 16) & 0xff) ^
      at(t, 4, low >>> 24) ^
      at(t, 3, bytes[i + 4] ?? 0) ^
      at(t, 2, bytes[i + 5] ?? 0) ^
      at(t, 1, bytes[i + 6] ?? 0) ^
      at(t, 0, bytes[i + 7] ?? 0);
  }
  for (; i < bytes.length; i++) crc = at(t, 0, (crc ^ (bytes[i] ?? 0)) & 0xff) ^ (crc >>> 8);
  return ~crc >>> 0;
}

/** CRC-64/NVME in two 32-bit halves; a BigInt would be a hundred times slower. */
export class Crc64Nvme {
  #high = -1;
  #low = -1;

  update(bytes: Uint8Array): void {
    const { high: th, low: tl } = nvme;
    let high = this.#high;
    let low = this.#low;
    let i = 0;
    for (const end = bytes.length - 7; i < end; i += 8) {
      const a = low ^ word(bytes, i);
      const b = high ^ word(bytes, i + 4);
      const [i0, i1, i2, i3] = [a & 0xff, (a >>> 8) & 0xff, (a >>> 16) & 0xff, a >>> 24];
      const [i4, i5, i6, i7] = [b & 0xff, (b >>> 8) & 0xff, (b >>> 16) & 0xff, b >>> 24];
      high =
        at(th, 7, i0) ^
        at(th, 6, i1) ^
        at(th, 5, i2) ^
        at(th, 4, i3) ^
        at(th, 3, i4) ^
        at(th, 2, i5) ^
        at(th, 1, i6) ^
        at(th, 0, i7);
      low =
        at(tl, 7, i0) ^
        at(tl, 6, i1) ^
        at(tl, 5, i2) ^
        at(tl, 4, i3) ^
        at(tl, 3, i4) ^
        at(tl, 2, i5) ^
        at(tl, 1, i6) ^
        at(tl, 0, i7);
    }
    for (; i < bytes.length; i++) {
      const index = (low ^ (bytes[i] ?? 0)) & 0xff;
      low = at(tl, 0, index) ^ ((low >>> 8) | (high << 24));
      high = at(th, 0, index) ^ (high >>> 8);
    }
    this.#high = high;
    this.#low = low;
  }

  value(): string {
    const bytes = Buffer.alloc(8);
    bytes.writeUInt32BE(~this.#high >>> 0, 0);
    bytes.writeUInt32BE(~this.#low >>> 0, 4);
    return bytes.toString('base64');
  }
}

const nvme = tables64(0x9a6c9329, 0xac4bc9b5);

function word(bytes: Uint8Array, at: number): number {
  return (
    (bytes[at] ?? 0) |
    ((bytes[at + 1] ?? 0) << 8) |
    ((bytes[at + 2] ?? 0) << 16) |
    ((bytes[at + 3] ?? 0) << 24)
  );
}

function at(table: Int32Array, slice: number, index: number): number {
  return table[slice * 256 + index] ?? 0;
}

function tables32(polynomial: number): Int32Array {
  const table = new Int32Array(256 * SLICES);
  for (let i = 0; i < 256; i++) {
    let crc = i;
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ polynomial : crc >>> 1;
    table[i] = crc;
  }
  for (let i = 256; i < table.length; i++) {
    const before = at(table, 0, i - 256);
    table[i] = at(table, 0, before & 0xff) ^ (before >>> 8);
  }
  return table;
}

function tables64(polynomialHigh: number, polynomialLow: number): { high: Int32Array; low: Int32Array } {
  const high = new Int32Array(256 * SLICES);
  const low = new Int32Array(256 * SLICES);
  for (let i = 0; i < 256; i++) {
    let h = 0;
    let l = i;
    for (let bit = 0; bit < 8; bit++) {
      const odd = l & 1;
      l = (l >>> 1) | (h << 31);
      h >>>= 1;
      if (odd) {
        h ^= polynomialHigh;
        l ^= polynomialLow;
      }
    }
    high[i] = h;
    low[i] = l;
  }
  for (let i = 256; i < high.length; i++) {
    const h = at(high, 0, i - 256);
    const l = at(low, 0, i - 256);
    high[i] = at(high, 0, l & 0xff) ^ (h >>> 8);
    low[i] = at(low, 0, l & 0xff) ^ ((l >>> 8) | (h << 24));
  }
  return { high, low };
}
