import { STATUS_CODES } from 'node:http';
import { httpLimits } from '../limits.ts';
import type { HttpResponse } from '../message.ts';
import { checkField } from '../response-field.ts';

/** How a response's body is delimited (RFC 9112, section 6). */
export type Framing = number | 'chunked' | 'until the connection ends';

export interface ResponseHead {
  /** To be written as latin1. */
  readonly text: string;
  readonly framing: Framing;
}

/**
 * If `keepAliveMs` is undefined, the connection closes after this response. Throws for a field that would end the
 * head.
 */
export function responseHead(
  { status, headers, body }: HttpResponse,
  version: '1.0' | '1.1',
  keepAliveMs: number | undefined,
): ResponseHead {
  let text = `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}\r\n`;
  let declared: string | undefined;
  for (const name in headers) {
    const value = headers[name];
    if (value === undefined) continue;
    checkField(name, value);
    text += `${name}: ${value}\r\n`;
    if (name.length === 14 && name.toLowerCase() === 'content-length') declared = value;
  }
  const framing = framingOf(declared, status, body, version);
  if (declared === undefined && status !== 204 && status !== 304) {
    if (framing === 'chunked') text += 'Transfer-Encoding: chunked\r\n';
    else if (typeof framing === 'number') text += `Content-Length: ${framing}\r\n`;
  }
  text += `X-Content-Type-Options: nosniff\r\nDate: ${dateNow()}\r\n`;
  if (keepAliveMs === undefined || framing === 'until the connection ends')
    text += 'connection: close\r\n\r\n';
  else text += `Connection: keep-alive\r\nKeep-Alive: timeout=${announcedSeconds(keepAliveMs)}\r\n\r\n`;
  return { text, framing };
}

/**
 * Clients are told to stop using an idle connection some time before it closes: a request that is sent while the
 * server closes is lost, and the client does not know whether it was executed.
 */
function announcedSeconds(keepAliveMs: number): number {
  const { keepAliveMarginMs: margin } = httpLimits;
  return Math.floor((keepAliveMs > 2 * margin ? keepAliveMs - margin : keepAliveMs) / 1000);
}

function framingOf(
  declared: string | undefined,
  status: number,
  body: HttpResponse['body'],
  version: '1.0' | '1.1',
): Framing {
  if (status === 204 || status === 304) return 0;
  if (declared !== undefined) return Number(declared);
  if (body === undefined) return 0;
  if (typeof body === 'string') return Buffer.byteLength(body);
  if (body instanceof Uint8Array) return body.byteLength;
  return version === '1.1' ? 'chunked' : 'until the connection ends';
}

let dateSecond = 0;
let dateText = '';

function dateNow(): string {
  const second = Math.floor(Date.now() / 1000);
  if (second !== dateSecond) {
    dateSecond = second;
    dateText = new Date(second * 1000).toUTCString();
  }
  return dateText;
}
