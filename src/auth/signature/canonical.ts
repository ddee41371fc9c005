import { hash } from 'node:crypto';

const UNRESERVED_PATH = /^[A-Za-z0-9\-._~/]*$/;
const TO_NORMALIZE = /\/\/|\/\.{1,2}(?:\/|$)/;
const EMPTY_SHA256 = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855';

/** Percent-encodes everything but the unreserved characters (RFC 3986, 2.3), as AWS does. */
export function uriEncode(text: string): string {
  return encodeURIComponent(text.toWellFormed()).replaceAll(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}

/**
 * The path as all services but S3 sign it: normalized, and each segment of the path as sent encoded once more. Takes
 * the path as it was sent.
 */
export function canonicalPath(path: string): string {
  const normalized = TO_NORMALIZE.test(path) ? normalize(path) : path;
  if (UNRESERVED_PATH.test(normalized)) return normalized === '' ? '/' : normalized;
  return uriEncode(normalized).replaceAll('%2F', '/');
}

/** The path as S3 signs it: neither normalized nor encoded twice. An encoded slash stays one. */
export function canonicalPathOfS3(path: string): string {
  if (UNRESERVED_PATH.test(path)) return path === '' ? '/' : path;
  return path.split('/').map(reencode).join('/');
}

function normalize(path: string): string {
  const kept: string[] = [];
  for (const segment of path.split('/')) {
    if (segment === '..') kept.pop();
    else if (segment !== '' && segment !== '.') kept.push(segment);
  }
  const isFolder = /\/\.{0,2}$/.test(path) && kept.length > 0;
  return `/${kept.join('/')}${isFolder ? '/' : ''}`;
}

/** Encodes in AWS's way what may be encoded in another. */
function reencode(text: string): string {
  try {
    return uriEncode(decodeURIComponent(text));
  } catch {
    // Not UTF-8: byte by byte, so that what is signed is what was sent.
    return text.replaceAll(/%[0-9a-f]{2}|[^A-Za-z0-9\-._~]/gi, (part) =>
      part.length === 3 ? part.toUpperCase() : uriEncode(part),
    );
  }
}

/** The query as it is signed: names and values encoded, sorted by both. `+` is a space, as the services read it. */
export function canonicalQuery(query: string): string {
  if (query === '') return '';
  const pairs: [name: string, value: string][] = [];
  for (const part of query.split('&')) {
    if (part === '') continue;
    const equals = part.indexOf('=');
    const name = equals === -1 ? part : part.slice(0, equals);
    const value = equals === -1 ? '' : part.slice(equals + 1);
    if (name === 'X-Amz-Signature') continue;
    pairs.push([reencode(name.replaceAll('+', '%20')), reencode(value.replaceAll('+', '%20'))]);
  }
  return pairs
    .sort(([a, left], [b, right]) => (a < b ? -1 : a > b ? 1 : left < right ? -1 : left > right ? 1 : 0))
    .map(([name, value]) => `${name}=${value}`)
    .join('&');
}

/** A header's value as it is signed: without blanks around it, inner runs of blanks folded. */
export function canonicalValue(value: string): string {
  return (value.includes('  ') || value.includes('\t') ? value.replaceAll(/[ \t]+/g, ' ') : value).trim();
}

export function sha256(content: string | Uint8Array): string {
  return content.length === 0 ? EMPTY_SHA256 : hash('sha256', content, 'hex');
}
