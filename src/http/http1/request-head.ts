import type { IncomingHttpHeaders } from 'node:http';
import { HttpSyntaxError, malformed } from './syntax-error.ts';

/**
 * A request line and header fields (RFC 9112, sections 3 and 5), and what they say about the body and the connection.
 */
export interface RequestHead {
  readonly method: string;
  /** As sent: path and query, or a whole URL. */
  readonly target: string;
  readonly version: '1.0' | '1.1';
  /** Names in lower case; repeated fields are joined by commas. */
  readonly headers: IncomingHttpHeaders;
  /** 0 if there is no body. */
  readonly bodyBytes: number | 'chunked';
  /** The client wants to reuse the connection. */
  readonly keepAlive: boolean;
  readonly expectsContinue: boolean;
}

const TOKEN = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;
const TARGET = /^[\x21-\x7e\x80-\xff]+$/;
const NO_FIELD_VALUE = /[^\t\x20-\x7e\x80-\xff]/;
const DIGITS = /^\d{1,15}$/;

/**
 * Parses a head, given as latin1 without the empty line at its end. Refuses everything that another parser on the way
 * could read differently (request smuggling): bare line feeds, folded lines, whitespace before colons, two lengths, a
 * length together with chunks. Throws HttpSyntaxError.
 */
export function parseRequestHead(text: string): RequestHead {
  const lineEnd = endOfLine(text, 0);
  const line = text.slice(0, lineEnd);
  const methodEnd = line.indexOf(' ');
  const targetEnd = line.lastIndexOf(' ');
  const method = line.slice(0, methodEnd);
  const target = line.slice(methodEnd + 1, targetEnd);
  if (methodEnd === -1 || !TOKEN.test(method) || !TARGET.test(target)) {
    throw malformed('the request line is not valid HTTP');
  }
  const version = versionOf(line.slice(targetEnd + 1));
  const headers = readFields(text, lineEnd + 2);
  if (headers.host === undefined && version === '1.1') throw malformed('the request has no Host');
  const { connection } = headers;
  return {
    method,
    target,
    version,
    headers,
    bodyBytes: bodyBytesOf(headers, version),
    keepAlive: connection === undefined ? version === '1.1' : keepsAlive(connection, version),
    expectsContinue: version === '1.1' && headers.expect?.toLowerCase() === '100-continue',
  };
}

function endOfLine(text: string, from: number): number {
  const end = text.indexOf('\r\n', from);
  return end === -1 ? text.length : end;
}

function versionOf(text: string): '1.0' | '1.1' {
  if (text === 'HTTP/1.1') return '1.1';
  if (text === 'HTTP/1.0') return '1.0';
  if (/^HTTP\/\d\.\d$/.test(text)) throw new HttpSyntaxError(505, `${text} is not supported`);
  throw malformed('the request line is not valid HTTP');
}

function readFields(text: string, from: number): IncomingHttpHeaders {
  // No prototype, because a field may have any name.
  const headers: IncomingHttpHeaders = Object.create(null) as IncomingHttpHeaders;
  for (let at = from; at < text.length;) {
    const end = endOfLine(text, at);
    const colon = text.indexOf(':', at);
    if (colon === -1 || colon > end) throw malformed('a header field has no colon');
    const name = fieldName(text.slice(at, colon));
    const value = fieldValue(text, colon + 1, end);
    const before = headers[name];
    if (before === undefined) headers[name] = value;
    else if (ONCE.has(name)) throw malformed(`there is more than one ${name}`);
    else if (!FIRST_COUNTS.has(name)) headers[name] = `${String(before)}, ${value}`;
    at = end + 2;
  }
  return headers;
}

/** If one of these is repeated, parsers disagree on where the request ends or which host it is for. */
const ONCE = new Set(['content-length', 'transfer-encoding', 'host']);
/** Fields whose values may contain commas: the first one counts. */
const FIRST_COUNTS = new Set(['authorization', 'content-type', 'user-agent', 'if-modified-since', 'range']);

/** Lower-case names by the names that clients send: a small set that repeats. */
const namesSeen = new Map<string, string>();
const NAMES_SEEN_MAX = 500;
const NAME_SEEN_LENGTH_MAX = 64;

function fieldName(sent: string): string {
  const seen = namesSeen.get(sent);
  if (seen !== undefined) return seen;
  if (!TOKEN.test(sent)) throw malformed('a header field has an invalid name');
  const name = sent.toLowerCase();
  if (namesSeen.size < NAMES_SEEN_MAX && name.length <= NAME_SEEN_LENGTH_MAX) namesSeen.set(sent, name);
  return name;
}

function fieldValue(text: string, from: number, until: number): string {
  let start = from;
  let end = until;
  while (start < end && isBlank(text.charCodeAt(start))) start++;
  while (end > start && isBlank(text.charCodeAt(end - 1))) end--;
  const value = text.slice(start, end);
  if (NO_FIELD_VALUE.test(value)) throw malformed('a header field has an invalid value');
  return value;
}

function isBlank(code: number): boolean {
  return code === 0x20 || code === 0x09;
}

/** RFC 9112, section 6.3. */
function bodyBytesOf(headers: IncomingHttpHeaders, version: '1.0' | '1.1'): number | 'chunked' {
  const length = headers['content-length'];
  const coding = headers['transfer-encoding'];
  if (coding !== undefined) {
    if (length !== undefined) throw malformed('Content-Length and Transfer-Encoding are both given');
    if (version === '1.0') throw malformed('Transfer-Encoding is not allowed in HTTP/1.0');
    if (coding.toLowerCase() !== 'chunked') {
      throw new HttpSyntaxError(501, `Transfer-Encoding ${coding} is not supported`);
    }
    return 'chunked';
  }
  if (length === undefined) return 0;
  if (!DIGITS.test(length)) throw malformed('Content-Length is not a number');
  return Number(length);
}

function keepsAlive(connection: string, version: '1.0' | '1.1'): boolean {
  const options = connection
    .toLowerCase()
    .split(',')
    .map((option) => option.trim());
  return version === '1.1' ? !options.includes('close') : options.includes('keep-alive');
}
