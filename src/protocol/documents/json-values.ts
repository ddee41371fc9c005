import { rawJson } from '../../support/json-source.ts';
import type { ServiceModel, Shape } from '../model.ts';
import { refuse, treeDecoder, type Decoder, type Scalars } from '../decode-values.ts';
import { SerializationError } from '../serialization-error.ts';
import { memoized, membersOf, referenceOf, shapeOf } from '../shapes.ts';
import { hasStrayBits } from './json-scanner.ts';
import { formatTimestamp, parseTimestamp } from '../timestamps.ts';

const scalars: Scalars = { blob: decodeBase64, timestamp };

/** Decodes parsed JSON, by shape. */
export function jsonDecoder(model: ServiceModel): (shapeName: string) => Decoder {
  return treeDecoder(model, scalars);
}

function timestamp(raw: unknown, format: string | undefined): Date {
  if (typeof raw === 'number') return checked(new Date(Math.round(raw * 1000)), raw);
  // Strings are only accepted for the string formats; elsewhere AWS refuses them.
  const isText = format !== undefined && format !== 'unixTimestamp';
  if (typeof raw === 'string' && isText) return parseTimestamp(raw, format);
  return refuse(raw, 'milliseconds since epoch');
}

function checked(date: Date, raw: unknown): Date {
  if (Number.isNaN(date.getTime()))
    throw new SerializationError(`${String(raw)} can not be converted to a Timestamp`);
  return date;
}

/**
 * Node's decoder skips invalid characters, accepts the URL alphabet, and ignores stray bits in the last character; AWS
 * refuses all three.
 */
export function decodeBase64(raw: unknown): Buffer {
  if (typeof raw !== 'string') return refuse(raw, 'a Blob');
  const length = raw.length;
  if (length % 4 !== 0) {
    throw new SerializationError(
      `'${excerpt(raw)}' can not be converted to a Blob: Base64 encoded length is expected a multiple of 4 bytes but found: ${length}`,
    );
  }
  const bytes = Buffer.from(raw, 'base64');
  const padding = length === 0 ? 0 : raw.endsWith('==') ? 2 : raw.endsWith('=') ? 1 : 0;
  if (hasStrayBits(raw.charCodeAt(length - padding - 1), padding)) {
    throw new SerializationError(
      `'${excerpt(raw)}' can not be converted to a Blob: Last encoded character (before the paddings if any) is a valid base 64 alphabet but not a possible value`,
    );
  }
  const clean = bytes.length === (length / 4) * 3 - padding && !raw.includes('-') && !raw.includes('_');
  if (!clean) {
    const wrong = /[^a-zA-Z0-9+/=]|=[^=]/.exec(raw)?.[0].charAt(0) ?? '=';
    throw new SerializationError(
      `'${excerpt(raw)}' can not be converted to a Blob: Invalid Base64 character: '${wrong}'`,
    );
  }
  return bytes;
}

function excerpt(text: string): string {
  return text.length > 200 ? `${text.slice(0, 200)}...` : text;
}

type Encoder = (value: unknown) => unknown;

/** Encodes a handler's output to the value for JSON.stringify, by shape. */
export function jsonEncoder(model: ServiceModel): (shapeName: string) => Encoder {
  const compile: (name: string) => Encoder = memoized((name: string) => {
    const shape = shapeOf(model, name);
    switch (shape.type) {
      case 'structure':
        return shape.document === true ? same : structureEncoder(shape, compile);
      case 'list': {
        const encode = compile(referenceOf(shape, 'member').shape);
        return encode === same ? same : (value) => (value as readonly unknown[]).map((item) => encode(item));
      }
      case 'map': {
        const encode = compile(referenceOf(shape, 'value').shape);
        if (encode === same) return same;
        return (value) =>
          Object.fromEntries(Object.entries(value as object).map(([key, item]) => [key, encode(item)]));
      }
      default:
        return scalarEncoder(shape);
    }
  });
  return compile;
}

function same(value: unknown): unknown {
  return value;
}

function structureEncoder(shape: Shape, compile: (name: string) => Encoder): Encoder {
  const members = membersOf(shape)
    .filter(([, reference]) => reference.location === undefined)
    .map(([name, reference]) => ({
      name,
      wire: reference.locationName ?? name,
      encode: compile(reference.shape),
    }));
  return (value) => {
    const structure = value as Record<string, unknown>;
    const out: Record<string, unknown> = {};
    for (const { name, wire, encode } of members) {
      const inner = structure[name];
      if (inner !== undefined && inner !== null) out[wire] = encode(inner);
    }
    return out;
  };
}

function scalarEncoder(shape: Shape): Encoder {
  switch (shape.type) {
    case 'blob':
      return (value) => encodeBase64(value as Uint8Array);
    case 'timestamp':
      return (value) =>
        shape.timestampFormat === undefined || shape.timestampFormat === 'unixTimestamp'
          ? (value as Date).getTime() / 1000
          : formatTimestamp(value as Date, shape.timestampFormat);
    case 'float':
    case 'double':
      return (value) => double(value as number);
    case 'long':
      return (value) => (typeof value === 'bigint' ? Number(value) : value);
    default:
      return same;
  }
}

/** Writes 30 as `30.0`, as AWS does: Python and others distinguish integers from doubles by it. */
function double(value: number): unknown {
  if (!Number.isFinite(value)) return String(value);
  return Number.isInteger(value) && Math.abs(value) < LARGEST_PLAIN ? rawJson(`${value}.0`) : value;
}

/** From here on numbers are written with an exponent, which marks them as doubles. */
const LARGEST_PLAIN = 1e21;

export function encodeBase64(bytes: Uint8Array): string {
  const buffer = Buffer.isBuffer(bytes)
    ? bytes
    : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return buffer.toString('base64');
}
