import { createHash, type Hash } from 'node:crypto';
import { crc32 } from 'node:zlib';
import { crc32c, Crc64Nvme } from './crc.ts';

/** Supported checksum algorithms; others of the API are refused by name. */
export const checksumAlgorithms = ['CRC32', 'CRC32C', 'CRC64NVME', 'SHA1', 'SHA256'] as const;
export type ChecksumAlgorithm = (typeof checksumAlgorithms)[number];

export interface Digest {
  update(bytes: Uint8Array): void;
  /** Base64, as in headers. Ends the digest. */
  value(): string;
}

const makers: Readonly<Record<ChecksumAlgorithm, () => Digest>> = {
  CRC32: () => new Crc(crc32),
  CRC32C: () => new Crc(crc32c),
  CRC64NVME: () => new Crc64Nvme(),
  SHA1: () => new CryptoDigest(createHash('sha1')),
  SHA256: () => new CryptoDigest(createHash('sha256')),
};

export function digestOf(algorithm: ChecksumAlgorithm): Digest {
  return makers[algorithm]();
}

class Crc implements Digest {
  readonly #step: (bytes: Uint8Array, before: number) => number;
  #crc = 0;

  constructor(step: (bytes: Uint8Array, before: number) => number) {
    this.#step = step;
  }

  update(bytes: Uint8Array): void {
    this.#crc = this.#step(bytes, this.#crc);
  }

  value(): string {
    const bytes = Buffer.alloc(4);
    bytes.writeUInt32BE(this.#crc >>> 0);
    return bytes.toString('base64');
  }
}

class CryptoDigest implements Digest {
  readonly #hash: Hash;

  constructor(hash: Hash) {
    this.#hash = hash;
  }

  update(bytes: Uint8Array): void {
    this.#hash.update(bytes);
  }

  value(): string {
    return this.#hash.digest('base64');
  }
}

/** The composite checksum of a multipart object: the digest of its parts' digests. */
export function compositeChecksum(algorithm: ChecksumAlgorithm, parts: readonly string[]): string {
  const digest = digestOf(algorithm);
  for (const part of parts) digest.update(Buffer.from(part, 'base64'));
  return `${digest.value()}-${parts.length}`;
}
