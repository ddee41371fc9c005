import { createHmac } from 'node:crypto';
import type { Credentials } from '../sign.ts';

/** Temporary credentials that nobody can guess without the secret: always the same for one purpose. */
export function derivedCredentials(secret: Buffer, purpose: string): Required<Credentials> {
  const part = (name: string): Buffer => createHmac('sha256', secret).update(`${name} ${purpose}`).digest();
  return {
    accessKeyId: `ASIA${base32(part('id')).slice(0, 16)}`,
    secretAccessKey: part('secret').toString('base64'),
    sessionToken: part('token').toString('base64url'),
  };
}

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';

/** One character per byte: the bytes are random. */
function base32(bytes: Buffer): string {
  return Array.from(bytes, (byte) => ALPHABET[byte % 32]).join('');
}
