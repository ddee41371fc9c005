import { createHash } from 'node:crypto';
import { crc32 } from 'node:zlib';
import { CommandError } from '../terminal.ts';
import { type Address, addressText } from './address.ts';
import { checksumText } from './parts.ts';
import { Patience } from './patience.ts';
import type { S3 } from './s3.ts';

/** What is read of an object. */
export interface Found {
  readonly etag: string;
  /** Where in the object it begins. */
  readonly start: number;
  readonly bytes: number;
  /** Of the object; undefined for a part of it, and without one that is known here. */
  readonly checksum: Digest | undefined;
}

interface Digest {
  readonly name: string;
  readonly value: string;
  readonly hash: () => { update(bytes: Uint8Array): void; value(): string };
}

export async function find(
  { client, sdk }: S3,
  { bucket, key }: Address,
  Range: string | undefined,
): Promise<Found> {
  const input = { Bucket: bucket, Key: key, Range, ChecksumMode: 'ENABLED' as const };
  const head = await client.send(new sdk.HeadObjectCommand(input));
  const { ETag: etag = '', ContentLength: bytes = 0, ContentRange: range = '', ChecksumType: type } = head;
  const { ChecksumCRC32: crc, ChecksumSHA256: sha } = head;
  const isWhole = Range === undefined && type !== 'COMPOSITE';
  const checksum = !isWhole
    ? undefined
    : crc !== undefined
      ? { name: 'CRC32', value: crc, hash: crcOf }
      : sha !== undefined
        ? { name: 'SHA256', value: sha, hash: shaOf }
        : undefined;
  return { etag, start: Number(/^bytes (\d+)-/.exec(range)?.[1] ?? 0), bytes, checksum };
}

function crcOf() {
  let crc = 0;
  return { update: (bytes: Uint8Array) => void (crc = crc32(bytes, crc)), value: () => checksumText(crc) };
}

function shaOf() {
  const hash = createHash('sha256');
  return { update: (bytes: Uint8Array) => void hash.update(bytes), value: () => hash.digest('base64') };
}

/** What arrived is not what the object has. */
export class WrongContentError extends CommandError {
  override readonly name = 'WrongContentError';
}

/**
 * Passes on what follows the content that was there `before`; rejects with WrongContentError at its end unless both
 * together have the object's size and checksum.
 */
export async function* checked(
  address: Address,
  { bytes, checksum }: Found,
  before: AsyncIterable<Uint8Array> | undefined,
  content: AsyncIterable<Uint8Array>,
): AsyncGenerator<Uint8Array, void, undefined> {
  const hash = checksum?.hash();
  let arrived = 0;
  const take = (chunk: Uint8Array): void => {
    arrived += chunk.length;
    hash?.update(chunk);
  };
  if (before !== undefined) for await (const chunk of before) take(chunk);
  for await (const chunk of content) {
    take(chunk);
    yield chunk;
  }
  const value = hash?.value();
  if (arrived === bytes && value === checksum?.value) return;
  const why =
    arrived === bytes
      ? `its ${checksum?.name} is ${value}, and should be ${checksum?.value}`
      : `it has ${arrived} B, and should have ${bytes} B`;
  throw new WrongContentError(`what arrived is not ${addressText(address)}`, { why });
}

/**
 * The bytes from `from` on, of this version of the object. A connection that breaks is made again, and goes on where it
 * was.
 */
export async function* contentFrom(
  { client, sdk }: S3,
  { bucket, key }: Address,
  { etag, start, bytes }: Found,
  { from, signal }: { readonly from: number; readonly signal: AbortSignal },
): AsyncGenerator<Uint8Array, void, undefined> {
  const patience = new Patience(signal);
  let broken: unknown;
  for (let done = from; done < bytes;) {
    try {
      const input = {
        Bucket: bucket,
        Key: key,
        IfMatch: etag,
        Range: `bytes=${start + done}-${start + bytes - 1}`,
      };
      const answer = await client.send(new sdk.GetObjectCommand(input), { abortSignal: signal });
      const { Body, ContentRange: range = 'bytes 0-' } = answer;
      if (!range.startsWith(`bytes ${start + done}-`))
        throw broken ?? new CommandError(`${key} has no ranges`);
      // In Node it is a stream.
      for await (const chunk of Body as unknown as AsyncIterable<Uint8Array>) {
        patience.renew();
        done += chunk.length;
        yield chunk;
      }
      if (done < bytes) throw Object.assign(new Error('the answer ended early'), { code: 'ECONNRESET' });
    } catch (error) {
      if (error === broken) throw error;
      broken = error;
      await patience.after(error);
    }
  }
}
