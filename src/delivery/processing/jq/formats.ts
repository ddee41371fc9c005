import { isObject, JqError, type Json, shown, toText, tostring } from './values.ts';

/** `@name`: https://jqlang.github.io/jq/manual/v1.6/#format-strings-and-escaping */
export const FORMATS = {
  text: tostring,
  json: toText,
  html: (value: Json) => tostring(value).replaceAll(/[<>&'"]/g, (character) => HTML[character] ?? character),
  uri: (value: Json) =>
    // encodeURIComponent keeps the same characters as jq 1.6.
    encodeURIComponent(tostring(value)),
  csv: (value: Json) => row(value, 'csv', (text) => `"${text.replaceAll('"', '""')}"`).join(','),
  tsv: (value: Json) =>
    row(value, 'tsv', (text) =>
      text.replaceAll(/[\t\n\r\\]/g, (character) => TSV[character] ?? character),
    ).join('\t'),
  sh: (value: Json) => (Array.isArray(value) ? value : [value]).map(shellText).join(' '),
  base64: (value: Json) => Buffer.from(tostring(value)).toString('base64'),
  base64d: (value: Json) => decodeBase64(tostring(value)),
} as const satisfies Record<string, (value: Json) => string>;

export function isFormat(name: string): name is keyof typeof FORMATS {
  return Object.hasOwn(FORMATS, name);
}

const HTML: Readonly<Record<string, string>> = {
  '<': '&lt;',
  '>': '&gt;',
  '&': '&amp;',
  "'": '&apos;',
  '"': '&quot;',
};
const TSV: Readonly<Record<string, string>> = {
  '\t': String.raw`\t`,
  '\n': String.raw`\n`,
  '\r': String.raw`\r`,
  '\\': String.raw`\\`,
};

function row(value: Json, format: string, quote: (text: string) => string): string[] {
  if (!Array.isArray(value))
    throw new JqError(`${shown(value)} cannot be ${format}-formatted, only an array can be`);
  return value.map((item) => {
    if (item === null) return '';
    if (typeof item === 'string') return quote(item);
    if (typeof item === 'object') throw new JqError(`${shown(item)} is not valid in a ${format} row`);
    return tostring(item);
  });
}

function shellText(value: Json): string {
  if (typeof value === 'string') return `'${value.replaceAll("'", String.raw`'\''`)}'`;
  if (Array.isArray(value) || isObject(value))
    throw new JqError(`${shown(value)} can not be escaped for shell`);
  return tostring(value);
}

function decodeBase64(text: string): string {
  const bytes = Buffer.from(text, 'base64');
  if (text !== '' && bytes.length === 0) throw new JqError(`${shown(text)} is not valid base64 data`);
  return bytes.toString();
}
