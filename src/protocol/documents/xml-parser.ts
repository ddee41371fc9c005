import { protocolLimits } from '../limits.ts';
import { SerializationError } from '../serialization-error.ts';

/** No request is nested deeper. */
const DEPTH_MAX = 32;

/** An element: its text, and its children by their names without prefix. */
export class XmlElement {
  text = '';
  /** As they are written. */
  readonly #attributes: string;
  #children: Map<string, XmlElement[]> | undefined;

  constructor(attributes = '') {
    this.#attributes = attributes;
  }

  /** The value of an attribute, by its name without prefix. Throws SerializationError for malformed text. */
  attribute(name: string): string | undefined {
    for (const { groups } of this.#attributes.matchAll(ATTRIBUTE)) {
      if (groups?.['name'] === name) return decodeText(groups['quoted'] ?? groups['single'] ?? '');
    }
    return undefined;
  }

  get children(): ReadonlyMap<string, readonly XmlElement[]> {
    return this.#children ?? NO_CHILDREN;
  }

  add(name: string, attributes = ''): XmlElement {
    const element = new XmlElement(attributes);
    this.#children ??= new Map();
    const siblings = this.#children.get(name);
    if (siblings === undefined) this.#children.set(name, [element]);
    else siblings.push(element);
    return element;
  }
}

const NO_CHILDREN: ReadonlyMap<string, readonly XmlElement[]> = new Map();

const NAME = String.raw`[\p{L}_][\p{L}\p{N}._-]*`;
const TAG = new RegExp(
  String.raw`<(?:(?<closing>/(?:${NAME}:)?(?<closed>${NAME})\s*)|(?:${NAME}:)?(?<opened>${NAME})(?<attributes>(?:\s+(?:${NAME}:)?${NAME}\s*=\s*(?:"[^"<]*"|'[^'<]*'))*)\s*(?<empty>/)?)>`,
  'uy',
);
const ATTRIBUTE = new RegExp(
  String.raw`\s(?:${NAME}:)?(?<name>${NAME})\s*=\s*(?:"(?<quoted>[^"]*)"|'(?<single>[^']*)')`,
  'gu',
);

/**
 * Parses a document and returns its root element. Namespaces, comments and processing instructions are ignored,
 * because no request of the APIs uses them. Throws SerializationError for malformed XML and for document
 * types, whose entities are a known attack on parsers.
 */
export function parseXml(text: string): XmlElement {
  const holder = new XmlElement();
  const open: { readonly name: string; readonly element: XmlElement }[] = [{ name: '', element: holder }];
  let position = text.startsWith('\uFEFF') ? 1 : 0;
  let elementsLeft: number = protocolLimits.requestNodesMax;
  while (position < text.length) {
    const top = open.at(-1);
    if (top === undefined) throw malformed();
    const next = text.indexOf('<', position);
    const end = next === -1 ? text.length : next;
    top.element.text += decodeText(text.slice(position, end));
    if (next === -1) break;
    const skipped = skip(text, next, top.element);
    if (skipped !== undefined) {
      position = skipped;
      continue;
    }
    TAG.lastIndex = next;
    const groups = TAG.exec(text)?.groups;
    if (groups === undefined) throw malformed();
    position = TAG.lastIndex;
    if (groups['closing'] !== undefined) {
      if (top.name !== groups['closed'] || open.length === 1) throw malformed();
      open.pop();
      continue;
    }
    if (--elementsLeft < 0) {
      throw new SerializationError(`the document has more than ${protocolLimits.requestNodesMax} elements`);
    }
    const name = groups['opened'] ?? '';
    const element = top.element.add(name, groups['attributes']);
    if (groups['empty'] === undefined) open.push({ name, element });
    if (open.length > DEPTH_MAX) throw malformed();
  }
  const roots = [...holder.children.values()].flat();
  const [root] = roots;
  if (open.length !== 1 || roots.length !== 1 || root === undefined || holder.text.trim() !== '')
    throw malformed();
  return root;
}

/** Skips comments, processing instructions and the declaration; adds CDATA as text. Returns undefined for a tag. */
function skip(text: string, at: number, into: XmlElement): number | undefined {
  const kind = text.charAt(at + 1);
  if (kind === '?') return after(text, '?>', at);
  if (kind !== '!') return undefined;
  if (text.startsWith('<!--', at)) return after(text, '-->', at);
  if (!text.startsWith('<![CDATA[', at)) throw malformed();
  const end = after(text, ']]>', at);
  into.text += text.slice(at + '<![CDATA['.length, end - ']]>'.length);
  return end;
}

function after(text: string, mark: string, from: number): number {
  const found = text.indexOf(mark, from);
  if (found === -1) throw malformed();
  return found + mark.length;
}

const ENTITIES: ReadonlyMap<string, string> = new Map([
  ['amp', '&'],
  ['lt', '<'],
  ['gt', '>'],
  ['quot', '"'],
  ['apos', "'"],
]);

function decodeText(raw: string): string {
  const text = raw.includes('\r') ? raw.replaceAll(/\r\n?/g, '\n') : raw;
  if (!text.includes('&')) return text;
  return text.replaceAll(/&([^;]{0,12})(;?)/g, (_all, entity: string, end: string) => {
    const known = ENTITIES.get(entity);
    if (end === '' || entity === '') throw malformed();
    if (known !== undefined) return known;
    const [, hex, decimal] = /^#(?:x([0-9a-fA-F]{1,6})|(\d{1,7}))$/.exec(entity) ?? [];
    const code = hex === undefined ? Number(decimal) : Number.parseInt(hex, 16);
    if (!(code > 0 && code <= 0x10ffff)) throw malformed();
    return String.fromCodePoint(code);
  });
}

function malformed(): SerializationError {
  return new SerializationError('', true);
}
