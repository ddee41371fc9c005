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
 * Decodes and validates the bodies of PutRecord and PutRecordBatch in the form that clients usually send, in one pass.
 * Returns undefined for any other form; the general decoder then reads it, with the same result.
 */
export const putBodyParsers: Readonly<Record<string, FastParser>> = {
  PutRecord: parsePutRecord,
  PutRecordBatch: parsePutRecordBatch,
};

const { shapes } = api;
const { max: recordsMax } = shapes.PutRecordBatchRequestEntryList;
const { max: dataBytesMax } = shapes.Data;
const { max: nameLengthMax, pattern: namePattern } = shapes.DeliveryStreamName;
const NAME = new RegExp(`^(?:${namePattern})$`, 'u');

const DATA = Buffer.from('Data');
const DELIVERY_STREAM_NAME = Buffer.from('DeliveryStreamName');
const RECORD = Buffer.from('Record');
const RECORDS = Buffer.from('Records');

/** Absent members are set to undefined, so that all inputs have the same hidden class. */
class PutInput {
  DeliveryStreamName: string | undefined = undefined;
  Record: RecordEntry | undefined = undefined;
  Records: RecordEntry[] | undefined = undefined;
}

class RecordEntry {
  readonly Data: Buffer;

  constructor(data: Buffer) {
    this.Data = data;
  }
}

function parsePutRecord(body: Buffer): ParsedInput | undefined {
  return parse(body, (scan, input) => {
    if (!scan.takeName(RECORD) || input.Record !== undefined) return false;
    input.Record = parseRecord(scan);
    return input.Record !== undefined;
  });
}

function parsePutRecordBatch(body: Buffer): ParsedInput | undefined {
  return parse(body, (scan, input) => {
    if (!scan.takeName(RECORDS) || input.Records !== undefined || !scan.take(OPEN_LIST)) return false;
    const records: RecordEntry[] = [];
    do {
      const record = parseRecord(scan);
      if (record === undefined || records.push(record) > recordsMax) return false;
    } while (scan.take(COMMA));
    input.Records = records;
    return scan.take(CLOSE_LIST);
  });
}

function parse(
  body: Buffer,
  takeContent: (scan: JsonScanner, input: PutInput) => boolean,
): ParsedInput | undefined {
  const scan = new JsonScanner(body);
  const input = new PutInput();
  if (!scan.take(OPEN)) return undefined;
  do {
    if (!(takeName(scan, input) ?? takeContent(scan, input))) return undefined;
  } while (scan.take(COMMA));
  const isWhole = scan.take(CLOSE) && scan.atEnd();
  const hasContent = input.Record !== undefined || input.Records !== undefined;
  if (!isWhole || !hasContent || input.DeliveryStreamName === undefined) return undefined;
  return { input, memory: scan.blobs };
}

/** Returns undefined if the next member has another name. */
function takeName(scan: JsonScanner, input: PutInput): boolean | undefined {
  if (!scan.takeName(DELIVERY_STREAM_NAME)) return undefined;
  if (input.DeliveryStreamName !== undefined) return false;
  const name = scan.text();
  if (name === undefined || name.length > nameLengthMax || !NAME.test(name)) return false;
  input.DeliveryStreamName = name;
  return true;
}

function parseRecord(scan: JsonScanner): RecordEntry | undefined {
  if (!scan.take(OPEN) || !scan.takeName(DATA)) return undefined;
  const data = scan.blob();
  if (data === undefined || data.length > dataBytesMax || !scan.take(CLOSE)) return undefined;
  return new RecordEntry(data);
}
