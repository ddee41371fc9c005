import type { ServiceModel, Shape } from './model.ts';
import { SerializationError } from './serialization-error.ts';
import { decodedElementsMax, memoized, membersOf, referenceOf, shapeOf } from './shapes.ts';

export type Decoder = (raw: unknown) => unknown;

/** The differences between JSON and CBOR. Each method throws SerializationError for a value of another type. */
export interface Scalars {
  blob(raw: unknown): Uint8Array;
  timestamp(raw: unknown, format: string | undefined): Date;
}

/**
 * Converts a parsed JSON or CBOR document to a handler's input: known members only, no nulls, every value of the
 * model's type. Bounds are checked in validation.ts.
 */
export function treeDecoder(model: ServiceModel, scalars: Scalars): (shapeName: string) => Decoder {
  const compile: (name: string) => Decoder = memoized((name: string) => {
    const shape = shapeOf(model, name);
    switch (shape.type) {
      case 'structure':
        return shape.document === true ? (raw) => raw : structureDecoder(shape, compile);
      case 'list':
        return listDecoder(compile(referenceOf(shape, 'member').shape), decodedElementsMax(shape));
      case 'map':
        return mapDecoder(compile(referenceOf(shape, 'value').shape), decodedElementsMax(shape));
      default:
        return scalarDecoder(shape, scalars);
    }
  });
  return compile;
}

function structureDecoder(shape: Shape, compile: (name: string) => Decoder): Decoder {
  const members = membersOf(shape)
    .filter(([, reference]) => reference.location === undefined)
    .map(([name, reference]) => ({
      name,
      wire: reference.locationName ?? name,
      decode: compile(reference.shape),
    }));
  return (raw) => {
    if (typeof raw !== 'object' || raw === null || raw instanceof Uint8Array) {
      throw new SerializationError('Unexpected value type in payload');
    }
    if (Array.isArray(raw)) throw new SerializationError('Start of list found where not expected');
    // A JSON or CBOR map: its members are looked up by name only.
    const map = raw as Record<string, unknown>;
    const out: Record<string, unknown> = {};
    for (const { name, wire, decode } of members) {
      const value = map[wire];
      if (value !== undefined && value !== null) out[name] = decode(value);
    }
    return out;
  };
}

function listDecoder(decode: Decoder, elementsMax: number): Decoder {
  return (raw) => {
    if (!Array.isArray(raw)) {
      if (typeof raw === 'object' && !(raw instanceof Uint8Array)) {
        throw new SerializationError('Start of structure or map found where not expected.');
      }
      throw new SerializationError('Expected list or null');
    }
    const list: unknown[] = raw.length > elementsMax ? raw.slice(0, elementsMax) : raw;
    return list.map((item) => (item === null || item === undefined ? undefined : decode(item)));
  };
}

function mapDecoder(decode: Decoder, entriesMax: number): Decoder {
  return (raw) => {
    if (Array.isArray(raw)) throw new SerializationError('Start of list found where not expected');
    if (typeof raw !== 'object' || raw === null || raw instanceof Uint8Array) {
      throw new SerializationError('Expected map or null');
    }
    // fromEntries defines properties, so that a key such as __proto__ stays an ordinary key.
    return Object.fromEntries(
      Object.entries(raw)
        .filter(([, value]) => value !== null && value !== undefined)
        .slice(0, entriesMax)
        .map(([key, value]) => [key, decode(value)]),
    );
  };
}

function scalarDecoder(shape: Shape, scalars: Scalars): Decoder {
  switch (shape.type) {
    case 'string':
    case 'character':
      return (raw) => (typeof raw === 'string' ? raw : refuse(raw, 'a String'));
    case 'boolean':
      return (raw) => (typeof raw === 'boolean' ? raw : refuse(raw, 'a Boolean'));
    case 'integer':
    case 'long':
      return integerDecoder(shape.type === 'integer' ? 'an Integer' : 'a Long');
    case 'float':
    case 'double':
      return floatDecoder;
    case 'blob':
      return (raw) => scalars.blob(raw);
    case 'timestamp':
      return (raw) => scalars.timestamp(raw, shape.timestampFormat);
    default:
      throw new Error(`a model with the type ${shape.type}`);
  }
}

function integerDecoder(wanted: string): Decoder {
  const bound = wanted === 'an Integer' ? 2 ** 31 : 2 ** 63;
  return (raw) => {
    const number = typeof raw === 'bigint' ? Number(raw) : raw;
    if (typeof number !== 'number' || Number.isNaN(number)) return refuse(raw, wanted);
    if (number >= bound || number < -bound)
      throw new SerializationError(`${number} can not be converted to ${wanted}`);
    return Math.trunc(number);
  };
}

function floatDecoder(raw: unknown): unknown {
  if (typeof raw === 'number') return raw;
  if (typeof raw === 'bigint') return Number(raw);
  if (raw === 'NaN' || raw === 'Infinity' || raw === '-Infinity') return Number(raw);
  return refuse(raw, 'a Double');
}

const tokens: ReadonlyMap<string, string> = new Map([
  ['string', 'STRING'],
  ['number', 'NUMBER'],
  ['bigint', 'NUMBER'],
  ['true', 'TRUE'],
  ['boolean', 'FALSE'],
]);

/** Names the JSON token that was found instead, as AWS's messages do. */
export function refuse(raw: unknown, wanted: string): never {
  if (Array.isArray(raw)) throw new SerializationError('Start of list found where not expected');
  const token = tokens.get(raw === true ? 'true' : typeof raw);
  if (token === undefined)
    throw new SerializationError('Start of structure or map found where not expected.');
  throw new SerializationError(`${token}_VALUE can not be converted to ${wanted}`);
}
