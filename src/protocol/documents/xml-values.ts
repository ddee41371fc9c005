import type { ServiceModel, Shape, ShapeReference } from '../model.ts';
import { encodeBase64 } from './json-values.ts';
import { memoized, membersOf, referenceOf, shapeOf } from '../shapes.ts';
import { formatTimestamp } from '../timestamps.ts';

/** Returns the elements of a value under a name. */
export type XmlEncoder = (value: unknown, element: string) => string;

/** Encodes a handler's output as XML elements, by shape. */
export function xmlEncoder(model: ServiceModel): (shapeName: string) => XmlEncoder {
  const compile: (name: string) => XmlEncoder = memoized((name: string) => {
    const shape = shapeOf(model, name);
    switch (shape.type) {
      case 'structure': {
        const encode = xmlMembers(shape, compile);
        const attributes = xmlAttributes(shape);
        if (attributes === undefined) return (value, element) => wrap(element, encode(value));
        return (value, element) => `<${element}${attributes(value)}>${encode(value)}</${element}>`;
      }
      case 'list':
        return listEncoder(shape, compile);
      case 'map':
        return mapEncoder(shape, compile);
      default:
        return (value, element) => wrap(element, xmlScalar(shape, value));
    }
  });
  return compile;
}

/** The content of a structure's element: its members without the element itself. */
export function xmlMembers(shape: Shape, compile: (name: string) => XmlEncoder): (value: unknown) => string {
  const members = membersOf(shape)
    .filter(([, reference]) => reference.location === undefined && reference.xmlAttribute !== true)
    .map(([name, reference]) => ({
      name,
      element: elementName(name, reference),
      encode: compile(reference.shape),
    }));
  return (value) => {
    const structure = value as Record<string, unknown>;
    let content = '';
    for (const { name, element, encode } of members) {
      const inner = structure[name];
      if (inner !== undefined && inner !== null) content += encode(inner, element);
    }
    return content;
  };
}

/** Members that are attributes of the element (`xsi:type`), with the namespace of their prefix. */
function xmlAttributes(shape: Shape): ((value: unknown) => string) | undefined {
  const members = membersOf(shape).filter(([, reference]) => reference.xmlAttribute === true);
  if (members.length === 0) return undefined;
  const { uri, prefix } = shape.xmlNamespace ?? {};
  const namespace = uri === undefined ? '' : ` xmlns${prefix === undefined ? '' : `:${prefix}`}="${uri}"`;
  return (value) => {
    // Attributes are scalars.
    const structure = value as Record<string, string | number | boolean | undefined>;
    let attributes = namespace;
    for (const [name, reference] of members) {
      const inner = structure[name];
      if (inner === undefined) continue;
      attributes += ` ${elementName(name, reference)}="${escapeXml(String(inner))}"`;
    }
    return attributes;
  };
}

export function elementName(member: string, reference: ShapeReference): string {
  return reference.locationName ?? member;
}

function listEncoder(shape: Shape, compile: (name: string) => XmlEncoder): XmlEncoder {
  const reference = referenceOf(shape, 'member');
  const encode = compile(reference.shape);
  const inner = reference.locationName ?? 'member';
  return (value, element) => {
    const list = value as readonly unknown[];
    if (shape.flattened === true) return list.map((item) => encode(item, element)).join('');
    return wrap(element, list.map((item) => encode(item, inner)).join(''));
  };
}

function mapEncoder(shape: Shape, compile: (name: string) => XmlEncoder): XmlEncoder {
  const key = referenceOf(shape, 'key').locationName ?? 'key';
  const valueReference = referenceOf(shape, 'value');
  const encode = compile(valueReference.shape);
  const name = valueReference.locationName ?? 'value';
  return (value, element) => {
    const flattened = shape.flattened === true;
    const entries = Object.entries(value as object).map(([entryKey, item]) =>
      wrap(flattened ? element : 'entry', wrap(key, escapeXml(entryKey)) + encode(item, name)),
    );
    return flattened ? entries.join('') : wrap(element, entries.join(''));
  };
}

function xmlScalar(shape: Shape, value: unknown): string {
  switch (shape.type) {
    case 'blob':
      return encodeBase64(value as Uint8Array);
    case 'timestamp':
      return formatTimestamp(value as Date, shape.timestampFormat ?? 'iso8601');
    default:
      return escapeXml(String(value));
  }
}

export function wrap(element: string, content: string): string {
  return `<${element}>${content}</${element}>`;
}

// eslint-disable-next-line no-control-regex -- these are what XML cannot hold
const SPECIAL = /[&<>"'\r\n\u0085\u2028\u0000-\u001f]/g;

/** Line ends are escaped because a parser would turn \r\n into \n; what XML cannot hold at all becomes U+FFFD. */
export function escapeXml(text: string): string {
  return text.replaceAll(SPECIAL, (char) => {
    switch (char) {
      case '&':
        return '&amp;';
      case '<':
        return '&lt;';
      case '>':
        return '&gt;';
      case '"':
        return '&quot;';
      case "'":
        return '&apos;';
      case '\n':
      case '\t':
        return char;
      case '\r':
      case '\u0085':
      case '\u2028':
        return `&#x${char.charCodeAt(0).toString(16).toUpperCase()};`;
      default:
        return '\uFFFD';
    }
  });
}
