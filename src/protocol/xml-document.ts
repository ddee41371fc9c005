import { XMLParser } from 'fast-xml-parser';
import type { Decoder } from './decode-values.ts';
import { textDecoder } from './form.ts';
import type { ServiceModel, Shape } from './model.ts';
import { SerializationError } from './serialization-error.ts';
import { memoized, membersOf, referenceOf, shapeOf } from './shapes.ts';

const TEXT = '#text';

const parser = new XMLParser({
  ignoreAttributes: true,
  removeNSPrefix: true,
  parseTagValue: false,
  trimValues: false,
  textNodeName: TEXT,
  alwaysCreateTextNode: true,
  isArray: () => true,
  // A request has no use for a document type, and its entities are how parsers are attacked.
  processEntities: true,
});

/** The root element's content. Throws SerializationError for what is no XML. */
export function parseXml(body: Buffer): unknown {
  const text = body.toString();
  if (text.includes('<!DOCTYPE')) throw new SerializationError('', true);
  let parsed: unknown;
  try {
    parsed = parser.parse(text, true);
  } catch {
    throw new SerializationError('', true);
  }
  const roots = Object.entries(parsed as Record<string, unknown>).filter(
    ([name]) => name !== TEXT && !name.startsWith('?'),
  );
  const root = roots[0]?.[1];
  if (!Array.isArray(root) || roots.length !== 1) throw new SerializationError('', true);
  return root[0];
}

/** From a parsed XML element to the value a handler gets, by shape. Elements that are not known are passed over. */
export function xmlDecoder(model: ServiceModel): (shapeName: string) => Decoder {
  const compile: (name: string) => Decoder = memoized((name: string) => {
    const shape = shapeOf(model, name);
    switch (shape.type) {
      case 'structure':
        return structureDecoder(model, shape, compile);
      case 'list': {
        const reference = referenceOf(shape, 'member');
        const decode = compile(reference.shape);
        const inner = reference.locationName ?? 'member';
        return (raw) => childrenOf(raw, inner).map((child) => decode(child));
      }
      case 'map':
        throw new Error('no operation takes a map in XML');
      default: {
        const decode = textDecoder(shape);
        return (raw) => decode(textOf(raw));
      }
    }
  });
  return compile;
}

function structureDecoder(model: ServiceModel, shape: Shape, compile: (name: string) => Decoder): Decoder {
  const members = membersOf(shape)
    .filter(([, reference]) => reference.location === undefined)
    .map(([name, reference]) => {
      const inner = shapeOf(model, reference.shape);
      const flattened = inner.type === 'list' && (inner.flattened === true || reference.flattened === true);
      const decode = compile(flattened ? referenceOf(inner, 'member').shape : reference.shape);
      return { name, wire: reference.locationName ?? name, flattened, decode };
    });
  return (raw) => {
    const out: Record<string, unknown> = {};
    for (const { name, wire, flattened, decode } of members) {
      const children = childrenOf(raw, wire);
      if (children.length === 0) continue;
      out[name] = flattened ? children.map((child) => decode(child)) : decode(children[0]);
    }
    return out;
  };
}

function childrenOf(raw: unknown, name: string): readonly unknown[] {
  if (typeof raw !== 'object' || raw === null || !Object.hasOwn(raw, name)) return [];
  const children = (raw as Record<string, unknown>)[name];
  return Array.isArray(children) ? children : [];
}

function textOf(raw: unknown): string {
  if (typeof raw === 'string') return raw;
  const text = (raw as Record<string, unknown> | null)?.[TEXT];
  return typeof text === 'string' ? text : '';
}
