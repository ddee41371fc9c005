import {
  CLOSE,
  CLOSE_LIST,
  COMMA,
  JsonScanner,
  OPEN,
  OPEN_LIST,
} from '../../../protocol/documents/json-scanner.ts';
import type { FastParser, ParsedInput } from '../../../protocol/fast-parser.ts';
import api from '../api.json' with { type: 'json' };

/**
 * Decodes and validates the bodies of PutRecord and PutRecords in the form in which clients write them, in one pass;
 * returns undefined for any other form, which the general decoder handles with the same result.
 */
export const putBodyParsers: Readonly<Record<string, FastParser>> = {
  PutRecord: parsePutRecord,
  PutRecords: parsePutRecords,
};

const { shapes } = api;
const { max: recordsMax } = shapes.PutRecordsRequestEntryList;

const DATA = Buffer.from('Data');
const EXPLICIT_HASH_KEY = Buffer.from('ExplicitHashKey');
const PARTITION_KEY = Buffer.from('PartitionKey');
const RECORDS = Buffer.from('Records');
const STREAM_ARN = Buffer.from('StreamARN');
const STREAM_NAME = Buffer.from('StreamName');

/** Absent members are undefined, so that all entries have the same hidden class. */
export class PutRecordsEntry {
  Data: Buffer | undefined = undefined;
  PartitionKey: string | undefined = undefined;
  ExplicitHashKey: string | undefined = undefined;

  /** Reads one member. Returns false if the next member is unknown, repeated, or out of bounds. */
  take(scan: JsonScanner): boolean {
    if (scan.takeName(DATA)) {
      if (this.Data !== undefined) return false;
      this.Data = scan.blob();
      return this.Data !== undefined && this.Data.length <= shapes.Data.max;
    }
    if (scan.takeName(PARTITION_KEY)) {
      if (this.PartitionKey !== undefined) return false;
      this.PartitionKey = scan.text();
      return isWithin(this.PartitionKey, shapes.PartitionKey);
    }
    if (!scan.takeName(EXPLICIT_HASH_KEY) || this.ExplicitHashKey !== undefined) return false;
    this.ExplicitHashKey = scan.text();
    return this.ExplicitHashKey !== undefined && HASH_KEY.test(this.ExplicitHashKey);
  }
}

class PutRecordInput extends PutRecordsEntry {
  StreamName: string | undefined = undefined;
  StreamARN: string | undefined = undefined;
}

export class PutRecordsInput {
  Records: PutRecordsEntry[] | undefined = undefined;
  StreamName: string | undefined = undefined;
  StreamARN: string | undefined = undefined;
}

function parsePutRecord(body: Buffer): ParsedInput | undefined {
  const scan = new JsonScanner(body);
  const put = new PutRecordInput();
  const whole = parseStructure(scan, () => takeStream(scan, put) ?? put.take(scan));
  return whole && put.Data !== undefined && scan.atEnd() ? { input: put, memory: scan.blobs } : undefined;
}

export function parsePutRecords(
  body: Buffer,
): (ParsedInput & { readonly input: PutRecordsInput }) | undefined {
  const scan = new JsonScanner(body);
  const puts = new PutRecordsInput();
  const whole = parseStructure(scan, () => takeStream(scan, puts) ?? takeRecords(scan, puts));
  return whole && puts.Records !== undefined && scan.atEnd()
    ? { input: puts, memory: scan.blobs }
    : undefined;
}

function parseStructure(scan: JsonScanner, takeMember: () => boolean): boolean {
  if (!scan.take(OPEN)) return false;
  do if (!takeMember()) return false;
  while (scan.take(COMMA));
  return scan.take(CLOSE);
}

/** Returns undefined if the next member is another one. */
function takeStream(scan: JsonScanner, put: PutRecordInput | PutRecordsInput): boolean | undefined {
  if (scan.takeName(STREAM_NAME)) {
    if (put.StreamName !== undefined) return false;
    put.StreamName = scan.text();
    return isWithin(put.StreamName, shapes.StreamName) && NAME.test(put.StreamName);
  }
  if (!scan.takeName(STREAM_ARN)) return undefined;
  if (put.StreamARN !== undefined) return false;
  put.StreamARN = scan.text();
  return isWithin(put.StreamARN, shapes.StreamARN) && ARN.test(put.StreamARN);
}

function takeRecords(scan: JsonScanner, puts: PutRecordsInput): boolean {
  if (!scan.takeName(RECORDS) || puts.Records !== undefined || !scan.take(OPEN_LIST)) return false;
  const records: PutRecordsEntry[] = [];
  do {
    const entry = parseEntry(scan);
    if (entry === undefined || records.push(entry) > recordsMax) return false;
  } while (scan.take(COMMA));
  puts.Records = records;
  return scan.take(CLOSE_LIST);
}

function parseEntry(scan: JsonScanner): PutRecordsEntry | undefined {
  if (!scan.take(OPEN)) return undefined;
  const entry = new PutRecordsEntry();
  do if (!entry.take(scan)) return undefined;
  while (scan.take(COMMA));
  return scan.take(CLOSE) && entry.Data !== undefined ? entry : undefined;
}

const HASH_KEY = whole(shapes.HashKey.pattern);
const NAME = whole(shapes.StreamName.pattern);
const ARN = whole(shapes.StreamARN.pattern);

function whole(pattern: string): RegExp {
  return new RegExp(`^(?:${pattern})$`, 'u');
}

function isWithin(
  text: string | undefined,
  bounds: { readonly min: number; readonly max: number },
): text is string {
  return text !== undefined && text.length >= bounds.min && text.length <= bounds.max;
}
