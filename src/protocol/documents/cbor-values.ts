import { CborTime } from './cbor.ts';
import type { CborWriter } from './cbor-writer.ts';
import { refuse, treeDecoder, type Decoder } from '../decode-values.ts';
import type { ServiceModel, Shape } from '../model.ts';
import { SerializationError } from '../serialization-error.ts';
import { memoized, membersOf, referenceOf, shapeOf } from '../shapes.ts';

/** CBOR 1.1 has milliseconds in tag 1, as the SDKs for Java send them; RPC v2 has seconds, as RFC 8949 specifies. */
export type TimeUnit = 'milliseconds' | 'seconds';

/** Decodes the results of decodeCbor, by shape. */
export function cborDecoder(model: ServiceModel, unit: TimeUnit): (shapeName: string) => Decoder {
  return treeDecoder(model, {
    blob: (raw) => (raw instanceof Uint8Array ? raw : refuse(raw, 'a Blob')),
    timestamp(raw) {
      const epoch = raw instanceof CborTime ? raw.epoch : raw;
      if (typeof epoch !== 'number') return refuse(raw, 'milliseconds since epoch');
      const date = new Date(unit === 'seconds' ? Math.round(epoch * 1000) : epoch);
      if (Number.isNaN(date.getTime())) {
        throw new SerializationError(`${epoch} can not be converted to a Timestamp`);
      }
      return date;
    },
  });
}

export type CborEncoder = (value: unknown, writer: CborWriter) => void;

/** Encodes a handler's output as CBOR, by shape. */
export function cborEncoder(model: ServiceModel, unit: TimeUnit): (shapeName: string) => CborEncoder {
  const compile: (name: string) => CborEncoder = memoized((name: string) => {
    const shape = shapeOf(model, name);
    switch (shape.type) {
      case 'structure':
        return structureEncoder(shape, compile);
      case 'list':
        return listEncoder(compile(referenceOf(shape, 'member').shape));
      case 'map':
        return mapEncoder(compile(referenceOf(shape, 'value').shape));
      default:
        return scalarEncoder(shape, unit);
    }
  });
  return compile;
}

function structureEncoder(shape: Shape, compile: (name: string) => CborEncoder): CborEncoder {
  const members = membersOf(shape).map(([name, reference]) => ({ name, encode: compile(reference.shape) }));
  return (value, writer) => {
    const structure = value as Record<string, unknown>;
    const present = members.filter(({ name }) => structure[name] !== undefined && structure[name] !== null);
    writer.map(present.length);
    for (const { name, encode } of present) {
      writer.text(name);
      encode(structure[name], writer);
    }
  };
}

function listEncoder(encode: CborEncoder): CborEncoder {
  return (value, writer) => {
    const list = value as readonly unknown[];
    writer.array(list.length);
    for (const item of list) {
      if (item === undefined || item === null) writer.nothing();
      else encode(item, writer);
    }
  };
}

function mapEncoder(encode: CborEncoder): CborEncoder {
  return (value, writer) => {
    const entries = Object.entries(value as object);
    writer.map(entries.length);
    for (const [key, item] of entries) {
      writer.text(key);
      encode(item, writer);
    }
  };
}

function scalarEncoder(shape: Shape, unit: TimeUnit): CborEncoder {
  switch (shape.type) {
    case 'blob':
      return (value, writer) => writer.bytes(value as Uint8Array);
    case 'timestamp':
      return (value, writer) => {
        const milliseconds = (value as Date).getTime();
        writer.time(unit === 'seconds' ? milliseconds / 1000 : milliseconds);
      };
    case 'boolean':
      return (value, writer) => writer.boolean(value === true);
    case 'integer':
    case 'long':
      return (value, writer) => writer.integer(Math.trunc(Number(value)));
    case 'float':
    case 'double':
      return (value, writer) => writer.double(Number(value));
    default:
      return (value, writer) => writer.text(value as string);
  }
}
