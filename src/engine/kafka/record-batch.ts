import { promisify } from 'node:util';
import { zstdCompress, zstdDecompress } from 'node:zlib';
import { crc32c } from './crc32c.ts';
import { kafkaLimits } from './limits.ts';
import { WireError, WireReader } from './wire-reader.ts';
import { WireWriter } from './wire-writer.ts';

/**
 * Record batches of format 2 (https://kafka.apache.org/documentation/#recordbatch), each with one record: a frame of
 * the shared log.
 *
 *   base_offset INT64, batch_length INT32, partition_leader_epoch INT32, magic INT8, crc UINT32,
 *   attributes INT16, last_offset_delta INT32, base_timestamp INT64, max_timestamp INT64,
 *   producer_id INT64, producer_epoch INT16, base_sequence INT32, records_count INT32, records
 *
 * A record: length VARINT, attributes INT8, timestamp_delta VARINT, offset_delta VARINT, key_length VARINT, key,
 * value_length VARINT, value, headers_count VARINT. The CRC covers what follows it.
 */
const HEADER_BYTES = 61;
const MAGIC_AT = 16;
const AFTER_CRC = 21;
const PRODUCER_AT = 43;
const MAGIC = 2;
const ZSTD = 4;
const COMPRESSION = 7;
const CONTROL = 32;
/**
 * The topic has LogAppendTime: the broker sets the time. It would refuse one that is far from its own clock, and it
 * forgets a producer whose batches are old by their times.
 */
const NO_TIME = -1;
const NO_HEADERS = Buffer.of(0);

const compress = promisify(zstdCompress);
const decompress = promisify(zstdDecompress);

/** Who writes, so that the broker stores a repeated batch once and refuses those of an older owner. */
export interface ProducerState {
  readonly id: bigint;
  readonly epoch: number;
}

export type Compression = 'none' | 'zstd';

/** The bytes of a batch with one record, whose value is not copied. */
export async function encodeBatch(
  value: readonly Uint8Array[],
  producer: ProducerState,
  sequence: number,
  compression: Compression,
): Promise<readonly Uint8Array[]> {
  const record = recordAround(value);
  const compressed = compression === 'zstd' ? await compress(Buffer.concat(record)) : undefined;
  const isSmaller = compressed !== undefined && compressed.length < lengthOf(record);
  const records = isSmaller ? [compressed] : record;
  const rest = new WireWriter(HEADER_BYTES)
    .int16(isSmaller ? ZSTD : 0)
    .int32(0)
    .int64(NO_TIME)
    .int64(NO_TIME)
    .int64(producer.id)
    .int16(producer.epoch)
    .int32(sequence)
    .int32(1)
    .append(records);
  const covered = rest.finish();
  return new WireWriter(AFTER_CRC)
    .int64(0)
    .int32(rest.length + AFTER_CRC - 12)
    .int32(-1)
    .int8(MAGIC)
    .uint32(crc32c(covered))
    .append(covered)
    .finish();
}

function recordAround(value: readonly Uint8Array[]): Uint8Array[] {
  const length = lengthOf(value);
  const fields = new WireWriter(32).int8(0).varint(0).varint(0).varint(-1).varint(length);
  const head = new WireWriter(32).varint(fields.length + length + NO_HEADERS.length).append(fields.finish());
  return [...head.finish(), ...value, NO_HEADERS];
}

function lengthOf(parts: readonly Uint8Array[]): number {
  let length = 0;
  for (const part of parts) length += part.length;
  return length;
}

export interface StoredRecord {
  readonly offset: number;
  readonly producer: ProducerState;
  /** Of its batch. */
  readonly sequence: number;
  readonly value: Buffer;
}

/**
 * The records in the answer to a fetch, those before an offset left out. A batch that is cut at the end is left for the
 * next fetch. The checksum is not verified: that of the frame inside covers its bytes from one nagare to the other.
 */
export async function readBatches(fetched: Buffer, from: number): Promise<StoredRecord[]> {
  const found: StoredRecord[] = [];
  for (let at = 0; fetched.length - at >= HEADER_BYTES;) {
    const length = fetched.readInt32BE(at + 8) + 12;
    if (length < HEADER_BYTES) throw new WireError(`a record batch of ${length} bytes`);
    if (length > fetched.length - at) break;
    const magic = fetched.readInt8(at + MAGIC_AT);
    if (magic !== MAGIC) throw new WireError(`a record batch of format ${magic}`);
    const attributes = fetched.readInt16BE(at + AFTER_CRC);
    const reader = new WireReader(fetched, at, at + length);
    at += length;
    // Markers of transactions: none of ours.
    if ((attributes & CONTROL) !== 0) continue;
    const header = readHeader(reader);
    // Awaited only where it takes a while: there are thousands of small batches in a fetch.
    const compression = attributes & COMPRESSION;
    const inside = compression === 0 ? reader : await decompressed(reader, compression);
    addRecords(found, header, inside, from);
  }
  return found;
}

interface BatchHeader {
  readonly base: number;
  readonly producer: ProducerState;
  readonly sequence: number;
  readonly count: number;
}

function readHeader(reader: WireReader): BatchHeader {
  const base = reader.number64();
  reader.skip(PRODUCER_AT - 8);
  const producer = { id: reader.int64(), epoch: reader.int16() };
  return { base, producer, sequence: reader.int32(), count: reader.int32() };
}

function addRecords(
  found: StoredRecord[],
  { base, producer, sequence, count }: BatchHeader,
  reader: WireReader,
  from: number,
): void {
  if (count < 0 || count > reader.left) throw new WireError(`${count} records`);
  for (let index = 0; index < count; index++) {
    const length = reader.varint();
    const end = reader.left - length;
    reader.int8();
    reader.varint();
    const offset = base + reader.varint();
    reader.skip(Math.max(0, reader.varint()));
    const value = reader.raw(Math.max(0, reader.varint()));
    if (offset >= from) found.push({ offset, producer, sequence, value });
    reader.skip(reader.left - end);
  }
}

async function decompressed(reader: WireReader, compression: number): Promise<WireReader> {
  if (compression === ZSTD) {
    const records = reader.raw(reader.left);
    return new WireReader(await decompress(records, { maxOutputLength: kafkaLimits.recordBytesMax }));
  }
  throw new WireError(`compression ${compression}, which nagare does not write`);
}
