/**
 * A row's key in the table files. It is a sequence of bytes, held as a latin1 string (one character per byte), which
 * takes less memory than a Buffer and compares faster. Rows are sorted by these bytes:
 *   u8 storage: "c" catalog, "d" disk | name of the table, UTF-8 | u8 0 | key
 * Keys of disk tables are UTF-8. Keys of the catalog are big-endian UTF-16: this is the catalog's order, also for
 * strings that are not well formed.
 */
export type RowKey = string;

/** Bounds of the rows of all catalog tables. */
export const CATALOG_START: RowKey = 'c';
export const CATALOG_END: RowKey = 'd';

/** Keys are made one after another, for each row that changes. */
const scratch = Buffer.allocUnsafeSlow(1024);

export function catalogRowKey(table: string, key: string): RowKey {
  const prefix = `c${utf8(table)}\0`;
  const bytes = prefix.length + key.length * 2;
  const into = bytes <= scratch.length ? scratch : Buffer.allocUnsafe(bytes);
  let end = 0;
  for (let at = 0; at < prefix.length; at++) into[end++] = prefix.charCodeAt(at);
  for (let at = 0; at < key.length; at++) {
    const unit = key.charCodeAt(at);
    into[end++] = unit >>> 8;
    into[end++] = unit;
  }
  return into.toString('latin1', 0, end);
}

export function parseCatalogRowKey(rowKey: RowKey): { readonly table: string; readonly key: string } {
  const end = rowKey.indexOf('\0');
  const key = Buffer.from(rowKey.slice(end + 1), 'latin1').swap16();
  return { table: fromUtf8(rowKey.slice(1, end)), key: key.toString('utf16le') };
}

export function diskTablePrefix(table: string): RowKey {
  return `d${utf8(table)}\0`;
}

/** Throws RangeError for a string with a lone surrogate, which UTF-8 cannot represent. */
export function utf8(text: string): string {
  if (isAscii(text)) return text;
  if (!text.isWellFormed()) throw new RangeError('a key with a lone surrogate');
  return Buffer.from(text).toString('latin1');
}

export function fromUtf8(bytes: string): string {
  return isAscii(bytes) ? bytes : Buffer.from(bytes, 'latin1').toString();
}

/** The first key after all those with this prefix. */
export function afterPrefix(prefix: RowKey): RowKey {
  for (let at = prefix.length - 1; at >= 0; at--) {
    const byte = prefix.charCodeAt(at);
    if (byte < 0xff) return prefix.slice(0, at) + String.fromCharCode(byte + 1);
  }
  return '\xff'.repeat(8);
}

/** Describes the row for messages. */
export function describeRowKey(rowKey: RowKey): string {
  const end = rowKey.indexOf('\0');
  if (end === -1) return rowKey;
  const table = fromUtf8(rowKey.slice(1, end));
  const key = rowKey.startsWith('c') ? parseCatalogRowKey(rowKey).key : fromUtf8(rowKey.slice(end + 1));
  return `${table}/${key}`;
}

function isAscii(text: string): boolean {
  for (let at = 0; at < text.length; at++) if (text.charCodeAt(at) > 0x7f) return false;
  return true;
}
