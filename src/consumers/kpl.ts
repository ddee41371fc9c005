import { hash } from 'node:crypto';
import { ProtobufError, ProtobufReader, wireType } from '../support/protobuf-reader.ts';
import type { ShardView, StreamRecord } from './source.ts';

/** A record as its producer sent it: one of an aggregated record, or a plain record. */
export interface UserRecord extends StreamRecord {
  /**
   * The index within the aggregated record, from 0; 0 for a plain record. Together with `sequenceNumber` it is unique
   * and ordered.
   */
  readonly subSequenceNumber: number;
  readonly aggregated: boolean;
}

const MAGIC = Buffer.from([0xf3, 0x89, 0x9a, 0xc2]);
const DIGEST_BYTES = 16;

/**
 * Returns the user records in a record of the Kinesis Producer Library, in order:
 * https://github.com/awslabs/amazon-kinesis-producer/blob/master/aggregation-format.md (magic, AggregatedRecord in
 * Protocol Buffers, MD5 of it). Anything not exactly of that form is one plain record.
 *
 * With `shard`, as in the Kinesis Client Library: if one of the keys does not belong to this shard (the producer did
 * not know about a reshard yet), none of the aggregated record's user records is returned, because the producer puts
 * them again elsewhere.
 */
export function deaggregate(
  record: StreamRecord,
  shard?: Pick<ShardView, 'startingHashKey' | 'endingHashKey'>,
): readonly UserRecord[] {
  const message = aggregatedMessage(record.data);
  if (message === undefined) return [plain(record)];
  try {
    const parts = readAggregatedRecord(message);
    if (shard !== undefined && !parts.every((part) => belongs(part, shard))) return [];
    return parts.map((part, index) => ({
      ...part,
      sequenceNumber: record.sequenceNumber,
      arrivalMs: record.arrivalMs,
      subSequenceNumber: index,
      aggregated: true,
    }));
  } catch (error) {
    if (error instanceof ProtobufError) return [plain(record)];
    throw error;
  }
}

function plain(record: StreamRecord): UserRecord {
  return { ...record, subSequenceNumber: 0, aggregated: false };
}

/** Whether `deaggregate` may find records in it: a check without an allocation, for readers of many plain records. */
export function mayBeAggregated(data: Uint8Array): boolean {
  return data[0] === MAGIC[0] && data[1] === MAGIC[1] && data[2] === MAGIC[2] && data[3] === MAGIC[3];
}

/** Returns the message between magic and digest if both are valid. */
function aggregatedMessage(data: Uint8Array): Uint8Array | undefined {
  if (data.length < MAGIC.length + DIGEST_BYTES || MAGIC.compare(data, 0, MAGIC.length) !== 0)
    return undefined;
  const message = data.subarray(MAGIC.length, data.length - DIGEST_BYTES);
  const digest = data.subarray(data.length - DIGEST_BYTES);
  return hash('md5', message, 'buffer').equals(digest) ? message : undefined;
}

type RecordFields = Pick<UserRecord, 'partitionKey' | 'explicitHashKey' | 'data'>;

interface RawPart {
  readonly partitionKeyIndex: number;
  readonly explicitHashKeyIndex: number | undefined;
  readonly data: Uint8Array;
}

/** AggregatedRecord: 1 partition_key_table, 2 explicit_hash_key_table (both strings), 3 records. */
function readAggregatedRecord(message: Uint8Array): RecordFields[] {
  const reader = new ProtobufReader(message);
  const partitionKeys: string[] = [];
  const explicitHashKeys: string[] = [];
  const parts: RawPart[] = [];
  for (let field = reader.next(); field !== undefined; field = reader.next()) {
    const { number, type } = field;
    if (type !== wireType.lengthDelimited || number > 3) reader.skip(type);
    else if (number === 1) partitionKeys.push(text(reader.bytes()));
    else if (number === 2) explicitHashKeys.push(text(reader.bytes()));
    else parts.push(readRecord(reader.bytes()));
  }
  return parts.map(({ partitionKeyIndex, explicitHashKeyIndex, data }) => ({
    partitionKey: entry(partitionKeys, partitionKeyIndex),
    explicitHashKey:
      explicitHashKeyIndex === undefined ? undefined : decimal(entry(explicitHashKeys, explicitHashKeyIndex)),
    data,
  }));
}

/** Record: 1 partition_key_index, 2 explicit_hash_key_index, 3 data, 4 tags (which KPL does not use). */
function readRecord(message: Uint8Array): RawPart {
  const reader = new ProtobufReader(message);
  let partitionKeyIndex: number | undefined;
  let explicitHashKeyIndex: number | undefined;
  let data: Uint8Array | undefined;
  for (let field = reader.next(); field !== undefined; field = reader.next()) {
    const { number, type } = field;
    if (number === 1 && type === wireType.varint) partitionKeyIndex = reader.varint();
    else if (number === 2 && type === wireType.varint) explicitHashKeyIndex = reader.varint();
    else if (number === 3 && type === wireType.lengthDelimited) data = reader.bytes();
    else reader.skip(type);
  }
  if (partitionKeyIndex === undefined || data === undefined) {
    throw new ProtobufError('a record lacks its key or its data');
  }
  return { partitionKeyIndex, explicitHashKeyIndex, data };
}

function belongs(part: RecordFields, shard: Pick<ShardView, 'startingHashKey' | 'endingHashKey'>): boolean {
  const key =
    part.explicitHashKey === undefined
      ? BigInt(`0x${hash('md5', part.partitionKey, 'hex')}`)
      : BigInt(part.explicitHashKey);
  return key >= shard.startingHashKey && key <= shard.endingHashKey;
}

function entry(table: readonly string[], index: number): string {
  const value = table[index];
  if (value === undefined) throw new ProtobufError(`there is no key ${index}`);
  return value;
}

function decimal(value: string): string {
  if (!/^\d{1,39}$/.test(value)) throw new ProtobufError('an explicit hash key is no number');
  return value;
}

function text(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString();
}
