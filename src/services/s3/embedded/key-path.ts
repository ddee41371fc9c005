/**
 * Maps object keys to paths below a bucket's folder: readable for ordinary keys, and safe for every key that S3 allows.
 * The mapping is one-to-one and a pure function of the key. docs/objects.md describes the rules with examples:
 * - a `/` of the key is a `/` of the path; each segment between them is one name;
 * - a name with a dot is a file's, one without is a folder's; otherwise the name ends in `%`. So `logs/2026/log.txt`
 * stays the same, `README` becomes `README%`, and the keys `a` and `a/b` become `a%` and `a/b%`;
 * - `%`, control characters and the names `.` and `..` are percent-encoded; an empty folder name is `%%`;
 * - a name longer than NAME_BYTES_MAX is cut: `<first>%+` / `%+<next>%+` / `%+<last>`.
 * On a file system that treats `A` and `a`, or two spellings of `é`, as the same name, upper case letters and all
 * non-ASCII characters are percent-encoded as well (`foldSafe`).
 */
export interface KeyPathOptions {
  readonly foldSafe: boolean;
}

/** Leaves space for the marks and for `.json` below the 255 bytes of common file systems. */
const NAME_BYTES_MAX = 240;
const CUT = '%+';
const ROLE_MARK = '%';

// oxlint-disable-next-line no-control-regex -- control characters are what it looks for
const UNSAFE = /[%\u0000-\u001f\u007f]/g;
// oxlint-disable-next-line no-control-regex -- control characters are what it looks for
const UNSAFE_WHEN_FOLDED = /[%\u0000-\u001f\u007fA-Z]|[^\u0000-\u007f]+/g;

/** The path of an object's file relative to its bucket's folder. The key must be well-formed Unicode. */
export function pathOfKey(key: string, options: KeyPathOptions): string {
  const segments = key.split('/');
  const last = segments.length - 1;
  return segments.map((segment, at) => cut(nameOf(segment, at < last, options)).join('/')).join('/');
}

/** The path of the folder that holds all keys with this prefix, which must be empty or end in `/`. */
export function folderOfPrefix(prefix: string, options: KeyPathOptions): string {
  const path = pathOfKey(prefix, options);
  return path.slice(0, Math.max(0, path.lastIndexOf('/')));
}

/** A directory entry as listings see it. */
export type EntryName =
  /** A complete name: an object's file, or a folder with the names below it. */
  | { readonly kind: 'object' | 'folder'; readonly segment: string }
  /** A piece of a long name: the folder's content belongs to the folder above. */
  | { readonly kind: 'cut' };

/** Parses a name found in a bucket's folder; `pieces` are the cut folders above it, outermost first. */
export function readEntry(pieces: readonly string[], name: string, isFolder: boolean): EntryName {
  if (isFolder && name.endsWith(CUT)) return { kind: 'cut' };
  const whole = [...pieces, name].map((piece, at) => pieceText(piece, at)).join('');
  const marked = whole.endsWith(ROLE_MARK);
  const segment = decodeURIComponent(whole === '%%' ? '' : marked ? whole.slice(0, -1) : whole);
  return { kind: isFolder ? 'folder' : 'object', segment };
}

function pieceText(piece: string, at: number): string {
  const text = at > 0 ? piece.slice(CUT.length) : piece;
  return text.endsWith(CUT) ? text.slice(0, -CUT.length) : text;
}

function nameOf(segment: string, isFolder: boolean, options: KeyPathOptions): string {
  if (segment === '') return isFolder ? '%%' : ROLE_MARK;
  const unsafe = options.foldSafe ? UNSAFE_WHEN_FOLDED : UNSAFE;
  const escaped =
    segment === '.' || segment === '..' ? segment.replaceAll('.', '%2E') : segment.replace(unsafe, percent);
  return segment.includes('.') === isFolder ? escaped + ROLE_MARK : escaped;
}

function percent(text: string): string {
  let encoded = '';
  for (const byte of Buffer.from(text)) encoded += `%${byte.toString(16).toUpperCase().padStart(2, '0')}`;
  return encoded;
}

/** Cuts between characters, because a file name must be well-formed UTF-8. */
function cut(name: string): string[] {
  if (Buffer.byteLength(name) <= NAME_BYTES_MAX) return [name];
  const pieces: string[] = [];
  let piece = '';
  let bytes = 0;
  for (const character of name) {
    const size = Buffer.byteLength(character);
    if (bytes + size > NAME_BYTES_MAX) {
      pieces.push(piece);
      piece = '';
      bytes = 0;
    }
    piece += character;
    bytes += size;
  }
  pieces.push(piece);
  return pieces.map((text, at) => (at > 0 ? CUT : '') + text + (at < pieces.length - 1 ? CUT : ''));
}

/** Compares keys by their UTF-8 bytes, the order of S3's lists (JavaScript's own order differs above U+FFFF). */
export function compareKeys(a: string, b: string): number {
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i++) {
    const x = a.charCodeAt(i);
    const y = b.charCodeAt(i);
    if (x === y) continue;
    const bothHigh = x >= 0xd800 && y >= 0xd800;
    if (!bothHigh) return x - y;
    // Surrogates represent characters above all others, although their code units are below U+E000 to U+FFFF.
    return order(x) - order(y);
  }
  return a.length - b.length;
}

function order(unit: number): number {
  return unit >= 0xe000 ? unit - 0x10000 : unit;
}
