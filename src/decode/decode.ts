import { deaggregate, mayBeAggregated } from '../consumers/kpl.ts';
import { decodeAvro } from './avro.ts';
import { decodeCbor } from './cbor.ts';
import { compressions } from './compression.ts';
import { parseExactly } from './exact.ts';
import { hexDump } from './hex.ts';
import { decodeLimits } from './limits.ts';
import { decodeMessagePack } from './messagepack.ts';
import { decodeProtobuf } from './protobuf.ts';
import { NotDecodable, textOf } from './reader.ts';

export type Format = 'json' | 'avro' | 'text' | 'messagepack' | 'cbor' | 'protobuf' | 'hex' | 'empty';

/** A layer that was removed from a payload, such as gzip. */
export interface DecodeStep {
  readonly name: string;
  readonly says: string;
}

/** A decoder that does not read the payload, and why. */
export interface RefusedDecoder {
  readonly decoder: string;
  readonly why: string;
}

export interface DecodedPart {
  /** Of an aggregated record. */
  readonly partitionKey?: string;
  readonly format: Format;
  readonly steps: readonly DecodeStep[];
  readonly refused: readonly RefusedDecoder[];
  /** Undefined for text and hex. Numbers that a double would round are ExactNumber. */
  readonly value?: unknown;
  /** The payload on one line, or as many as it has. JSON keeps its numbers digit by digit. */
  readonly text: string;
  readonly bytes: number;
}

/** What a payload is, layer by layer. An aggregated record has a part for each of its records; others have one. */
export interface Decoded {
  readonly steps: readonly DecodeStep[];
  readonly parts: readonly DecodedPart[];
  /** Records of an aggregated record; more than `parts` if it has too many. */
  readonly partCount: number;
}

/** Never throws, whatever the payload is. */
export function decodePayload(data: Uint8Array): Decoded {
  const steps: DecodeStep[] = [];
  const refused: RefusedDecoder[] = [];
  const bytes = unpack(data, steps, refused);
  if (mayBeAggregated(bytes)) {
    const records = deaggregate(asRecord(bytes));
    if (records[0]?.aggregated === true) {
      steps.push({ name: 'KPL', says: `an aggregated record of ${records.length}` });
      const parts = records.slice(0, decodeLimits.partsMax).map(({ partitionKey, data: part }) => ({
        ...decodeOne(part),
        partitionKey,
      }));
      return { steps, parts, partCount: records.length };
    }
    refused.push({ decoder: 'KPL', why: 'it begins like an aggregated record, but its checksum is wrong' });
  } else refused.push({ decoder: 'KPL', why: 'it does not begin with F3 89 9A C2' });
  return { steps, parts: [decodeContent(bytes, [], refused)], partCount: 1 };
}

function asRecord(data: Uint8Array) {
  return { data, sequenceNumber: '', partitionKey: '', explicitHashKey: undefined, arrivalMs: 0 };
}

/** A part of an aggregated record, which may be compressed itself. */
function decodeOne(data: Uint8Array): DecodedPart {
  const steps: DecodeStep[] = [];
  const refused: RefusedDecoder[] = [];
  return decodeContent(unpack(data, steps, refused), steps, refused);
}

/** Removes compressions, also within each other. */
function unpack(data: Uint8Array, steps: DecodeStep[], refused: RefusedDecoder[]): Uint8Array {
  let bytes = data;
  for (let left: number = decodeLimits.stepsMax; left > 0; left--) {
    const found = compressions.find((one) => one.matches(bytes));
    if (found === undefined) break;
    try {
      const unpacked = found.unpack(bytes);
      steps.push({ name: found.name, says: `${bytes.length} to ${unpacked.length} bytes` });
      bytes = unpacked;
    } catch (error) {
      refused.push({ decoder: found.name, why: reason(error) });
      break;
    }
  }
  return bytes;
}

interface Decoder {
  readonly format: Format;
  decode(bytes: Uint8Array): { readonly value?: unknown; readonly text: string };
}

function structured(format: Format, read: (bytes: Uint8Array) => unknown): Decoder {
  return {
    format,
    decode(bytes) {
      const value = read(bytes);
      if (typeof value !== 'object' || value === null) {
        throw new NotDecodable('a single value could be anything');
      }
      return { value, text: JSON.stringify(value) };
    },
  };
}

const decoders: readonly Decoder[] = [
  structured('avro', decodeAvro),
  { format: 'json', decode: decodeJson },
  { format: 'text', decode: (bytes) => ({ text: decodeText(bytes) }) },
  structured('messagepack', decodeMessagePack),
  structured('cbor', decodeCbor),
  structured('protobuf', decodeProtobuf),
];

function decodeContent(bytes: Uint8Array, steps: DecodeStep[], refused: RefusedDecoder[]): DecodedPart {
  const common = { steps, refused, bytes: bytes.length };
  if (bytes.length === 0) return { ...common, format: 'empty', text: '' };
  for (const decoder of decoders) {
    const { format } = decoder;
    try {
      const decoded = decoder.decode(bytes);
      const logs = format === 'json' ? cloudWatchLogs(decoded.value) : undefined;
      if (logs !== undefined) steps.push(logs);
      return { ...common, format, ...decoded };
    } catch (error) {
      refused.push({ decoder: format, why: reason(error) });
    }
  }
  return { ...common, format: 'hex', text: hexDump(bytes.subarray(0, decodeLimits.hexBytesMax)) };
}

/** A library may throw anything about bytes that are not its format. */
function reason(error: unknown): string {
  if (error instanceof NotDecodable) return error.message;
  return error instanceof RangeError ? 'it is nested too deep' : 'it is damaged';
}

const JSON_BEGINS = /^[\s\uFEFF]*[[{"\-\dtfn]/;

function decodeJson(bytes: Uint8Array): { value: unknown; text: string } {
  const text = textOf(bytes).replace(/^\uFEFF/, '');
  if (!JSON_BEGINS.test(text))
    throw new NotDecodable(`it begins with ${JSON.stringify(text.trimStart().slice(0, 1))}`);
  try {
    return { value: parseExactly(text), text };
  } catch {
    throw new NotDecodable('it does not parse');
  }
}

function decodeText(bytes: Uint8Array): string {
  const text = textOf(bytes);
  let controls = 0;
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    // Tabs, ends of lines, and the escape sequences of terminals are in texts.
    if ((code < 32 && (code < 9 || code > 13) && code !== 27) || code === 127) controls++;
  }
  if (controls * 20 > text.length) throw new NotDecodable(`${controls} control characters`);
  return text;
}

/** What CloudWatch Logs sends to a stream: https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/SubscriptionFilters.html */
function cloudWatchLogs(value: unknown): DecodeStep | undefined {
  if (typeof value !== 'object' || value === null || !('messageType' in value) || !('logEvents' in value)) {
    return undefined;
  }
  const group = 'logGroup' in value ? String(value.logGroup) : '';
  const count = Array.isArray(value.logEvents) ? value.logEvents.length : 0;
  return { name: 'CloudWatch Logs', says: `${count} events of ${group}` };
}
