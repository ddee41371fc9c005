import { isUtf8 } from 'node:buffer';
import type { Decoder } from '../decode-values.ts';
import { textDecoder } from './form.ts';
import type { ServiceModel, Shape } from '../model.ts';
import { SerializationError } from '../serialization-error.ts';
import { decodedElementsMax, memoized, membersOf, referenceOf, shapeOf } from '../shapes.ts';
import { parseXml, XmlElement } from './xml-parser.ts';

/** Returns the root element of a body. Throws SerializationError for malformed XML. */
export function parseXmlBody(body: Buffer): XmlElement {
  if (!isUtf8(body)) throw new SerializationError('', true);
  return parseXml(body.toString());
}

/** Converts parsed XML elements to a handler's input, by shape. Unknown elements are ignored. */
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
        const elementsMax = decodedElementsMax(shape);
        return (raw) =>
          childrenOf(raw, inner)
            .slice(0, elementsMax)
            .map((child) => decode(child));
      }
      case 'map':
        throw new Error('maps are not supported in XML');
      default: {
        const decode = textDecoder(shape);
        return (raw) => decodeScalar(decode, raw);
      }
    }
  });
  return compile;
}

/** S3 reports a value of the wrong type in the same way as a malformed document. */
function decodeScalar(decode: (text: string) => unknown, raw: unknown): unknown {
  try {
    return decode(raw instanceof XmlElement ? raw.text : '');
  } catch {
    throw new SerializationError('', true);
  }
}

function structureDecoder(model: ServiceModel, shape: Shape, compile: (name: string) => Decoder): Decoder {
  const members = membersOf(shape)
    .filter(([, reference]) => reference.location === undefined && reference.xmlAttribute !== true)
    .map(([name, reference]) => {
      const inner = shapeOf(model, reference.shape);
      const flattened = inner.type === 'list' && (inner.flattened === true || reference.flattened === true);
      const decode = compile(flattened ? referenceOf(inner, 'member').shape : reference.shape);
      return {
        name,
        wire: reference.locationName ?? name,
        elementsMax: flattened ? decodedElementsMax(inner) : undefined,
        decode,
      };
    });
  const attributes = membersOf(shape)
    .filter(([, reference]) => reference.xmlAttribute === true)
    .map(([name, { locationName = name }]) => ({ name, wire: locationName.replace(/^.*:/, '') }));
  return (raw) => {
    const out: Record<string, unknown> = {};
    for (const { name, wire } of attributes) {
      const value = raw instanceof XmlElement ? raw.attribute(wire) : undefined;
      if (value !== undefined) out[name] = value;
    }
    for (const { name, wire, elementsMax, decode } of members) {
      const children = childrenOf(raw, wire);
      if (children.length === 0) continue;
      out[name] =
        elementsMax === undefined
          ? decode(children[0])
          : children.slice(0, elementsMax).map((child) => decode(child));
    }
    return out;
  };
}

function childrenOf(raw: unknown, name: string): readonly XmlElement[] {
  return raw instanceof XmlElement ? (raw.children.get(name) ?? []) : [];
}
