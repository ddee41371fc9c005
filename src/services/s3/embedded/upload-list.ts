import type { Upload } from './upload.ts';

/** The uploads of a bucket in S3's order: by the UTF-8 bytes of their keys, then by start. */
type Entries = Entry[];

interface Entry {
  /** The key, for comparisons. */
  readonly order: string;
  readonly upload: Upload;
}

export interface UploadQuery {
  readonly prefix: string;
  readonly delimiter: string;
  readonly keyMarker: string;
  readonly idMarker: string;
  /** Uploads and common prefixes of the page. */
  readonly size: number;
}

export interface UploadPage {
  readonly uploads: readonly Upload[];
  readonly prefixes: readonly string[];
  /** Where the next page begins. */
  readonly last: { readonly key: string; readonly id: string } | undefined;
  readonly truncated: boolean;
}

/**
 * The multipart uploads in progress, of each bucket in order, so that a page of a list takes as long as what is on it,
 * however many there are: clients leave uploads behind.
 */
export class UploadList {
  readonly #buckets = new Map<string, Entries>();

  constructor(uploads: Iterable<Upload>) {
    for (const upload of uploads) this.#of(upload.bucket).push({ order: orderOf(upload.key), upload });
    for (const entries of this.#buckets.values()) entries.sort(compare);
  }

  add(upload: Upload): void {
    const entries = this.#of(upload.bucket);
    const entry = { order: orderOf(upload.key), upload };
    const at = placeOf(entries, (other) => compare(other, entry) < 0);
    if (entries[at]?.upload.id !== upload.id) entries.splice(at, 0, entry);
  }

  remove(upload: Upload): void {
    const entries = this.#buckets.get(upload.bucket) ?? [];
    const entry = { order: orderOf(upload.key), upload };
    const at = placeOf(entries, (other) => compare(other, entry) < 0);
    if (entries[at]?.upload.id !== upload.id) return;
    entries.splice(at, 1);
    if (entries.length === 0) this.#buckets.delete(upload.bucket);
  }

  all(bucket: string): Upload[] {
    return (this.#buckets.get(bucket) ?? []).map(({ upload }) => upload);
  }

  page(bucket: string, { prefix, delimiter, keyMarker, idMarker, size }: UploadQuery): UploadPage {
    const entries = this.#buckets.get(bucket) ?? [];
    const uploads: Upload[] = [];
    const prefixes: string[] = [];
    let last: UploadPage['last'];
    let at = Math.max(startOf(entries, prefix), behind(entries, keyMarker, idMarker));
    for (;;) {
      const upload = entries[at]?.upload;
      if (upload?.key.startsWith(prefix) !== true) return { uploads, prefixes, last, truncated: false };
      const end = delimiter === '' ? -1 : upload.key.indexOf(delimiter, prefix.length);
      const common = end < 0 ? undefined : upload.key.slice(0, end + delimiter.length);
      if (common === undefined || common !== keyMarker) {
        if (uploads.length + prefixes.length === size) return { uploads, prefixes, last, truncated: true };
        if (common === undefined) uploads.push(upload);
        else prefixes.push(common);
        last = common === undefined ? { key: upload.key, id: upload.id } : { key: common, id: '' };
      }
      at = common === undefined ? at + 1 : endOf(entries, common);
    }
  }

  #of(bucket: string): Entries {
    const found = this.#buckets.get(bucket);
    if (found !== undefined) return found;
    const made: Entries = [];
    this.#buckets.set(bucket, made);
    return made;
  }
}

/** After the key marker; with an id marker, after that upload, and then the later ones of the marker's key too. */
function behind(entries: Entries, keyMarker: string, idMarker: string): number {
  if (keyMarker === '') return 0;
  const order = orderOf(keyMarker);
  const end = placeOf(entries, (entry) => entry.order <= order);
  if (idMarker === '') return end;
  const start = placeOf(entries, (entry) => entry.order < order);
  const found = entries.slice(start, end).findIndex(({ upload }) => upload.id === idMarker);
  return found < 0 ? end : start + found + 1;
}

function startOf(entries: Entries, prefix: string): number {
  const order = orderOf(prefix);
  return placeOf(entries, (entry) => entry.order < order);
}

/** Behind all keys with the prefix. */
function endOf(entries: Entries, prefix: string): number {
  const order = orderOf(prefix);
  return placeOf(entries, (entry) => entry.order < order || entry.order.startsWith(order));
}

/** The number of entries that come before the place: `isBefore` holds for these and for no other. */
function placeOf(entries: Entries, isBefore: (entry: Entry) => boolean): number {
  let low = 0;
  let high = entries.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    const entry = entries[middle];
    if (entry !== undefined && isBefore(entry)) low = middle + 1;
    else high = middle;
  }
  return low;
}

function compare(one: Entry, other: Entry): number {
  if (one.order !== other.order) return one.order < other.order ? -1 : 1;
  const byStart = one.upload.initiatedMs - other.upload.initiatedMs;
  if (byStart !== 0) return byStart;
  return one.upload.id === other.upload.id ? 0 : one.upload.id < other.upload.id ? -1 : 1;
}

/** A text that `<` compares as S3 compares the key: one character for each byte. */
function orderOf(key: string): string {
  return isAscii(key) ? key : Buffer.from(key).toString('latin1');
}

function isAscii(text: string): boolean {
  return Buffer.byteLength(text) === text.length;
}
