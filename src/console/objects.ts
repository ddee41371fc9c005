import { decodeHead } from '../decode/head.ts';
import { hexDump } from '../decode/hex.ts';
import { discard, type HttpRequest, type HttpResponse } from '../http/message.ts';
import { outcomeOf, withOutcome } from '../protocol/observer.ts';
import type { ObjectsElsewhere } from '../services/s3/object-store.ts';
import { reasonOf } from '../support/errno.ts';
import { ConsoleError, denied, json, notFound } from './answers.ts';
import type { Caller } from './caller.ts';
import { consoleLimits } from './limits.ts';
import type { Views } from './views.ts';

/** What is known of an object, and its beginning or its end as a text. */
export interface ObjectView {
  readonly sizeBytes: number;
  readonly modifiedMs: number;
  readonly facts: readonly (readonly [name: string, value: string])[];
  readonly format: string;
  readonly chain: readonly string[];
  readonly text: string;
  /** Bytes of the object that `text` shows; all of them if it is small. */
  readonly shownBytes: number;
}

export interface ObjectName {
  readonly bucket: string;
  readonly key: string;
}

/** Calls GetObject as the caller; an error is answered as it is. */
export async function objectView(
  views: Views,
  caller: Caller,
  http: HttpRequest,
  name: ObjectName,
  part: 'head' | 'tail',
): Promise<HttpResponse> {
  const isTail = part === 'tail';
  if (views.elsewhere !== undefined) return json(await viewElsewhere(views.elsewhere, caller, name, isTail));
  const range = isTail ? { range: `bytes=-${consoleLimits.objectTailBytes}` } : {};
  const ranged = await getObject(views, caller, http, name, range);
  // An empty object has no end.
  const response = ranged.status === 416 ? await getObject(views, caller, http, name, {}) : ranged;
  if (response.status >= 300) return response;
  const bytes = await firstBytes(response, consoleLimits.objectHeadBytes);
  const { headers } = response;
  const all = Number(/\/(\d+)$/.exec(headers['Content-Range'] ?? '')?.[1] ?? headers['Content-Length'] ?? 0);
  const { steps, format, text } = isTail ? tailOf(bytes) : decodeHead(bytes, bytes.length === all);
  const view: ObjectView = {
    sizeBytes: all,
    modifiedMs: Date.parse(headers['Last-Modified'] ?? '') || 0,
    facts: factsOf(headers),
    format,
    chain: steps.map(({ name: step }) => step),
    text: text.slice(0, consoleLimits.recordCharactersMax),
    shownBytes: bytes.length,
  };
  const outcome = outcomeOf(response);
  return outcome === undefined ? json(view) : withOutcome(json(view), outcome);
}

async function viewElsewhere(
  elsewhere: ObjectsElsewhere,
  caller: Caller,
  { bucket, key }: ObjectName,
  isTail: boolean,
): Promise<ObjectView> {
  const resource = `arn:aws:s3:::${bucket}/${key}`;
  if (!(await caller.may('s3:GetObject', resource))) throw denied('s3:GetObject', resource);
  const range = isTail
    ? `bytes=-${consoleLimits.objectTailBytes}`
    : `bytes=0-${consoleLimits.objectHeadBytes - 1}`;
  try {
    const { body, sizeBytes, modifiedMs, contentType } = await elsewhere.read(bucket, key, range);
    const { steps, format, text } = isTail ? tailOf(body) : decodeHead(body, body.length === sizeBytes);
    return {
      sizeBytes,
      modifiedMs,
      facts: contentType === '' ? [] : [['Content type', contentType]],
      format,
      chain: steps.map(({ name: step }) => step),
      text: text.slice(0, consoleLimits.recordCharactersMax),
      shownBytes: body.length,
    };
  } catch (error) {
    throw new ConsoleError(502, 'Elsewhere', `${elsewhere.endpoint} does not show it: ${reasonOf(error)}`);
  }
}

/** The object as a file to keep: whatever it contains, no browser shows it. */
export async function objectContent(
  views: Views,
  caller: Caller,
  http: HttpRequest,
  name: ObjectName,
): Promise<HttpResponse> {
  const response = await getObject(views, caller, http, name, {});
  if (response.status >= 300) return response;
  const file = name.key.slice(name.key.lastIndexOf('/', name.key.length - 2) + 1) || 'object';
  const length = response.headers['Content-Length'];
  return {
    ...response,
    headers: {
      'Content-Type': 'application/octet-stream',
      'Content-Disposition': `attachment; filename*=UTF-8''${encodeURIComponent(file).replaceAll(/['()*]/g, '_')}`,
      'Content-Security-Policy': "sandbox; default-src 'none'",
      ...(length !== undefined && { 'Content-Length': length }),
    },
  };
}

/** Calls GetObject as the caller. */
export async function getObject(
  { calls: { download } }: Views,
  caller: Caller,
  http: HttpRequest,
  { bucket, key }: ObjectName,
  headers: HttpRequest['headers'],
): Promise<HttpResponse> {
  if (download === undefined) throw notFound('S3 in this server');
  const labels = { Bucket: encodeURIComponent(bucket), Key: encodeURIComponent(key) };
  return await download.call(http, caller.principal(download.signingName), labels, headers);
}

async function firstBytes(response: HttpResponse, bytesMax: number): Promise<Buffer> {
  const { body } = response;
  if (body === undefined) return Buffer.alloc(0);
  if (typeof body === 'string' || body instanceof Uint8Array)
    return Buffer.from(body as Uint8Array).subarray(0, bytesMax);
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  try {
    for await (const chunk of body) {
      // The chunk's memory may be used again.
      chunks.push(Buffer.from(chunk));
      bytes += chunk.length;
      if (bytes >= bytesMax) break;
    }
  } finally {
    await discard(response);
  }
  return Buffer.concat(chunks).subarray(0, bytesMax);
}

/** The last lines; the first one may be cut off. */
function tailOf(bytes: Buffer): ReturnType<typeof decodeHead> {
  const start = bytes.length < consoleLimits.objectTailBytes ? 0 : bytes.indexOf('\n') + 1;
  const text = bytes.subarray(start).toString();
  const isText = !text.includes('\uFFFD');
  return isText ? { steps: [], format: 'text', text } : { steps: [], format: 'hex', text: hexDump(bytes) };
}

const NAMES: Readonly<Record<string, string>> = {
  'Content-Type': 'Content type',
  'Content-Encoding': 'Content encoding',
  ETag: 'ETag',
  'Cache-Control': 'Cache control',
  'Content-Disposition': 'Content disposition',
  'x-amz-storage-class': 'Storage class',
  'x-amz-server-side-encryption': 'Encryption',
  'x-amz-mp-parts-count': 'Parts',
};

function factsOf(headers: HttpResponse['headers']): ObjectView['facts'] {
  return Object.entries(headers).flatMap(([name, value]): ObjectView['facts'] => {
    const known = NAMES[name];
    if (known !== undefined) return [[known, value]];
    return name.toLowerCase().startsWith('x-amz-meta-') ? [[name.toLowerCase(), value]] : [];
  });
}
