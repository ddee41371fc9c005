import { Encoder } from 'cbor-x';

/** Values of an input as the protocols carry them, right or wrong: what the shape would be is not asked. */

const cbor = new Encoder({ useRecords: false, tagUint8Array: false });

/** Data as base64, times as seconds. */
export function asJson(value: unknown): Buffer {
  return Buffer.from(JSON.stringify(portable(value)) ?? 'null');
}

export function asCbor(value: unknown): Buffer {
  return Buffer.from(cbor.encode(value));
}

/** `a.member.1.b=value`, as the query protocol has it. */
export function asForm(action: string, version: string, value: unknown): Buffer {
  const form = new URLSearchParams({ Action: action, Version: version });
  flatten(portable(value), '', form);
  return Buffer.from(form.toString());
}

/** `<A><B>value</B></A>`. */
export function asXml(value: unknown, name = 'Root'): Buffer {
  return Buffer.from(xml(portable(value), name));
}

function portable(value: unknown): unknown {
  if (value instanceof Uint8Array) return Buffer.from(value).toString('base64');
  if (value instanceof Date) return value.getTime() / 1000;
  if (Array.isArray(value)) return value.map(portable);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, portable(inner)]));
}

function flatten(value: unknown, path: string, form: URLSearchParams): void {
  if (typeof value !== 'object' || value === null) {
    form.append(path, String(value));
    return;
  }
  const prefix = path === '' ? '' : `${path}.`;
  for (const [key, inner] of Object.entries(value)) {
    flatten(inner, Array.isArray(value) ? `${prefix}member.${Number(key) + 1}` : `${prefix}${key}`, form);
  }
}

function xml(value: unknown, name: string): string {
  if (Array.isArray(value)) return value.map((item) => xml(item, name)).join('');
  if (typeof value !== 'object' || value === null) {
    const text = String(value);
    return `<${name}>${text.replaceAll('&', '&amp;').replaceAll('<', '&lt;')}</${name}>`;
  }
  const inner = Object.entries(value).map(([key, each]) => xml(each, key));
  return `<${name}>${inner.join('')}</${name}>`;
}
