import { randomBytes } from 'node:crypto';

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';

/** A random identifier in IAM's form: a prefix for its kind, then capitals and digits. */
export function uniqueId(prefix: string, length: number): string {
  let id = prefix;
  for (const byte of randomBytes(length - prefix.length)) id += ALPHABET[byte % ALPHABET.length];
  return id;
}

/** `AKIA`: a long-term key. `ASIA`: a temporary one. */
export function newAccessKeyId(prefix: 'AKIA' | 'ASIA'): string {
  return uniqueId(prefix, 20);
}

/** 40 characters of base64, as on AWS. */
export function newSecretAccessKey(): string {
  return randomBytes(30).toString('base64');
}
