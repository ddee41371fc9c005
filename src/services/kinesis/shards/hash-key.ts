import { hash } from 'node:crypto';
import { kinesisLimits } from '../limits.ts';

/**
 * A 128-bit hash key as 32 lower-case hex digits: strings of equal length compare as the numbers do, so the hot path
 * needs no BigInt. In the API it is a decimal.
 */
export type HashKey = string;

/** The number of digits. */
export const HASH_KEY_DIGITS = 32;
const END = 2n ** 128n;

export const FIRST_HASH_KEY: HashKey = '0'.repeat(HASH_KEY_DIGITS);
export const LAST_HASH_KEY: HashKey = 'f'.repeat(HASH_KEY_DIGITS);

/**
 * MD5 of the partition key's UTF-8: the hash key of a record without an explicit one. Producers repeat their keys,
 * and a lookup takes a tenth of the time of hashing.
 */
export function hashPartitionKey(partitionKey: string): HashKey {
  const known = recent.get(partitionKey) ?? earlier.get(partitionKey);
  if (known !== undefined) return known;
  const key = hash('md5', partitionKey, 'hex');
  if (recent.size >= kinesisLimits.hashKeysKept) {
    earlier = recent;
    recent = new Map();
  }
  recent.set(partitionKey, key);
  return key;
}

/** The newest keys, and the generation before them, which is dropped as a whole. */
let recent = new Map<string, HashKey>();
let earlier: ReadonlyMap<string, HashKey> = new Map();

/** Parses the API's decimal; undefined unless it is a number below 2^128. */
export function parseHashKey(decimal: string): HashKey | undefined {
  if (!/^\d{1,39}$/.test(decimal)) return undefined;
  const value = BigInt(decimal);
  return value < END ? hashKeyFromBigInt(value) : undefined;
}

export function formatHashKey(key: HashKey): string {
  return hashKeyToBigInt(key).toString();
}

export function hashKeyToBigInt(key: HashKey): bigint {
  return BigInt(`0x${key}`);
}

export function hashKeyFromBigInt(value: bigint): HashKey {
  return value.toString(16).padStart(HASH_KEY_DIGITS, '0');
}

/** The key after this one, or before it with a negative step. */
export function stepHashKey(key: HashKey, step: 1n | -1n): HashKey {
  return hashKeyFromBigInt(hashKeyToBigInt(key) + step);
}

/**
 * Whether `next` is the key after `key`. Faster than computing that key, which matters for streams with many shards.
 */
export function isNextHashKey(key: HashKey, next: HashKey): boolean {
  let at = HASH_KEY_DIGITS - 1;
  while (at > 0 && key[at] === 'f' && next[at] === '0') at--;
  return (
    Number.parseInt(key[at] ?? '', 16) + 1 === Number.parseInt(next[at] ?? '', 16) &&
    key.slice(0, at) === next.slice(0, at)
  );
}

/** The starts of `count` even ranges of floor(2^128 / count) keys each; the last range also has the remainder. */
export function evenStarts(count: number): HashKey[] {
  const size = END / BigInt(count);
  return Array.from({ length: count }, (_, ordinal) => hashKeyFromBigInt(BigInt(ordinal) * size));
}
