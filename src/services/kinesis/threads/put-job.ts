import { unpack } from '../../../engine/packed-records.ts';
import type { RequestBody } from '../../../http/request-body.ts';
import type { OffloadedParser, ParsedInput } from '../../../protocol/fast-parser.ts';
import { viewOf } from '../../../support/as-buffer.ts';
import { acquireBuffer, releaseBuffer, transferable, adoptBuffer } from '../../../support/buffer-pool.ts';
import type { Transfer, ThreadPool } from '../../../support/thread-pool.ts';
import { hashKeyOf, pack } from '../put/pack.ts';
import { PutRecordsEntry, parsePutRecords } from '../put/put-body-parser.ts';
import { PreparsedPutRecords } from '../put/preparsed.ts';
import { keyEnd, keyStart, unpackRecord } from '../records/record-codec.ts';
import { threadsFor } from './threads.ts';

/** Parses the body of PutRecords in a thread. */
export interface PutJob {
  readonly kind: 'put';
  readonly body: ArrayBuffer;
  readonly bytes: number;
  /** Memory for the packed records: as large as the body, which is always enough. */
  readonly packed: ArrayBuffer;
}

interface Read {
  readonly body: ArrayBuffer;
  readonly packed: ArrayBuffer;
  /** Undefined if the body does not have the usual form. */
  readonly puts: PutsRead | undefined;
}

interface PutsRead {
  readonly streamName: string | undefined;
  readonly streamArn: string | undefined;
  readonly count: number;
  /** The size of the packed records. */
  readonly bytes: number;
  /**
   * All partition keys and hash keys, concatenated: transferring one string is many times as fast as many strings.
   */
  readonly keys: string;
  readonly hashKeys: string;
}

/** Readers for the bodies that threads parse. */
export function offloadedPutParsers(threads: ThreadPool | undefined): Record<string, OffloadedParser> {
  if (threads === undefined) return {};
  return {
    PutRecords(body) {
      const free = threadsFor(body.bytes.length, threads);
      return free && parsePutRecordsInThread(free, body);
    },
  };
}

/** Parses, packs and hashes in a thread, like parsePutRecords. Undefined if the body's memory cannot be transferred. */
export function parsePutRecordsInThread(
  threads: ThreadPool,
  body: RequestBody,
): Promise<ParsedInput | undefined> | undefined {
  const bytes = body.bytes.length;
  const memory = body.detach();
  if (memory === undefined) return undefined;
  const packed = transferable(acquireBuffer(bytes));
  return parseMoved(threads, body, { kind: 'put', body: memory, bytes, packed });
}

async function parseMoved(
  threads: ThreadPool,
  body: RequestBody,
  message: PutJob,
): Promise<ParsedInput | undefined> {
  const {
    body: memory,
    packed,
    puts,
  } = await threads.run<Read>({ message, moved: [message.body, message.packed] });
  body.adopt(memory, message.bytes);
  const records = adoptBuffer(packed, puts?.bytes ?? 0);
  if (puts !== undefined) return { input: inputOf(puts, records), memory: records };
  releaseBuffer(records);
  return undefined;
}

/** In the form that parsePutRecords returns. */
function inputOf(
  { count, keys, hashKeys, streamName, streamArn }: PutsRead,
  bytes: Buffer,
): PreparsedPutRecords {
  const puts = new PreparsedPutRecords({ count, bytes, hashKeys });
  puts.StreamName = streamName;
  puts.StreamARN = streamArn;
  puts.Records = [];
  const records = puts.Records;
  const view = viewOf(bytes);
  let keyAt = 0;
  unpack({ count, bytes }, (_ordinal, offset, length) => {
    const entry = new PutRecordsEntry();
    const afterKey = keyEnd(view, offset);
    // The usual form is ASCII only and has no empty key.
    const keyLength = afterKey - keyStart(offset);
    if (keyLength > 0) entry.PartitionKey = keys.slice(keyAt, keyAt + keyLength);
    keyAt += keyLength;
    if (bytes[offset] === 0) entry.Data = bytes.subarray(afterKey, offset + length);
    else {
      const { explicitHashKey, data } = unpackRecord(bytes, offset, length);
      entry.ExplicitHashKey = explicitHashKey;
      entry.Data = data;
    }
    records.push(entry);
  });
  return puts;
}

/** Runs in the thread. */
export function put({ body, bytes, packed }: PutJob): Transfer<Read> {
  const read = parsePutRecords(Buffer.from(body, 0, bytes));
  const moved = [body, packed];
  if (read === undefined) return { message: { body, packed, puts: undefined }, moved };
  const entries = (read.input.Records ?? []).map(({ PartitionKey, ExplicitHashKey, Data }) => ({
    partitionKey: PartitionKey ?? '',
    explicitHashKey: ExplicitHashKey,
    data: Data ?? NOTHING,
  }));
  const records = pack(entries, () => Buffer.from(packed));
  let keys = '';
  let hashKeys = '';
  for (const entry of entries) {
    keys += entry.partitionKey;
    hashKeys += hashKeyOf(entry);
  }
  if (read.memory !== undefined) releaseBuffer(read.memory);
  const puts = {
    streamName: read.input.StreamName,
    streamArn: read.input.StreamARN,
    count: records.count,
    bytes: records.bytes.length,
    keys,
    hashKeys,
  };
  return { message: { body, packed, puts }, moved };
}

const NOTHING = Buffer.alloc(0);
