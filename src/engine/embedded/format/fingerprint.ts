/** 64 bits of an idempotency key, as two numbers. Two keys may share a fingerprint: the frame has the full key. */
export interface Fingerprint {
  readonly low: number;
  readonly high: number;
}

export function fingerprint(id: Uint8Array, digest: Uint8Array): Fingerprint {
  return finish(mixed(mixed(START, id, 0, id.length), digest, 0, digest.length));
}

/** Of a key whose digest follows its id at `at` of the bytes. */
export function fingerprintAt(
  bytes: Uint8Array,
  at: number,
  idBytes: number,
  digestBytes: number,
): Fingerprint {
  const digestAt = at + idBytes;
  return finish(mixed(mixed(START, bytes, at, digestAt), bytes, digestAt, digestAt + digestBytes));
}

const START: Fingerprint = { low: 0x81_1c_9d_c5, high: 0x9e_37_79_b9 };

function mixed(start: Fingerprint, bytes: Uint8Array, from: number, end: number): Fingerprint {
  let { low, high } = start;
  // By index: an iterator takes several times as long.
  for (let at = from; at < end; at++) {
    const byte = bytes[at] ?? 0;
    low = Math.imul(low ^ byte, 0x01_00_01_93);
    high = Math.imul(high ^ (low >>> 15) ^ byte, 0x85_eb_ca_6b);
  }
  return { low: Math.imul(low ^ (end - from), 0xc2_b2_ae_35), high };
}

function finish({ low, high }: Fingerprint): Fingerprint {
  return { low: low >>> 0, high: (high ^ (high >>> 13)) >>> 0 };
}
