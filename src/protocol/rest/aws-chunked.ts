import { Transform, type Readable, type TransformCallback } from 'node:stream';
import { ServiceError } from '../../errors.ts';
import type { HttpRequest } from '../../http/message.ts';

/** The maximum length of a chunk's size and signature, or of a trailer. */
const LINE_BYTES_MAX = 4096;
const TRAILERS_MAX = 16;

/**
 * Returns the body of an upload and its headers. SDKs encode uploads in chunks (`aws-chunked`) within the body,
 * possibly signed, with a checksum in the trailer; a handler gets the decoded content.
 */
export function uploadOf(request: HttpRequest): { body: Readable; headers: HttpRequest['headers'] } {
  const { headers } = request;
  const encodings = (headers['content-encoding'] ?? '').split(',').map((part) => part.trim());
  const hash = headers['x-amz-content-sha256'];
  const chunked =
    encodings.includes('aws-chunked') || (typeof hash === 'string' && hash.startsWith('STREAMING-'));
  if (!chunked) return { body: request.stream(), headers };
  const length = headers['x-amz-decoded-content-length'];
  const decoder = new AwsChunkedDecoder(typeof length === 'string' ? Number(length) : undefined);
  const source = request.stream();
  source.on('error', (error) => decoder.destroy(error));
  source.pipe(decoder);
  const left = encodings.filter((encoding) => encoding !== 'aws-chunked' && encoding !== '').join(',');
  const { 'content-encoding': _, 'content-length': __, ...others } = headers;
  return {
    body: decoder,
    headers: {
      ...others,
      ...(left !== '' && { 'content-encoding': left }),
      ...(typeof length === 'string' && { 'content-length': length }),
    },
  };
}

/**
 * Returns the trailers by lower-case name (`x-amz-checksum-crc32`); empty for a body that was not chunked. Complete
 * once the body has ended.
 */
export function trailersOf(body: unknown): Readonly<Record<string, string>> {
  return body instanceof AwsChunkedDecoder ? body.trailers : {};
}

type State = 'size' | 'data' | 'data end' | 'trailers' | 'done';

/** Decodes the chunks: `<hex size>[;chunk-signature=...]\r\n<bytes>\r\n`, the last of size 0, then trailers. */
export class AwsChunkedDecoder extends Transform {
  readonly trailers: Record<string, string> = {};
  readonly #lengthExpected: number | undefined;
  #length = 0;
  #state: State = 'size';
  /** The bytes of the current chunk that have not arrived yet. */
  #left = 0;
  #line = '';

  constructor(lengthExpected: number | undefined) {
    super();
    this.#lengthExpected = lengthExpected;
  }

  override _transform(chunk: Buffer, _encoding: BufferEncoding, done: TransformCallback): void {
    try {
      let position = 0;
      while (position < chunk.length && this.#state !== 'done') {
        position = this.#state === 'data' ? this.#takeData(chunk, position) : this.#takeLine(chunk, position);
      }
      done();
    } catch (error) {
      done(error instanceof Error ? error : new Error('unreachable'));
    }
  }

  override _flush(done: TransformCallback): void {
    if (this.#state !== 'done') return done(incomplete());
    if (this.#lengthExpected !== undefined && this.#length !== this.#lengthExpected)
      return done(incomplete());
    done();
  }

  #takeData(chunk: Buffer, position: number): number {
    const end = Math.min(chunk.length, position + this.#left);
    this.push(chunk.subarray(position, end));
    this.#length += end - position;
    this.#left -= end - position;
    if (this.#left === 0) this.#state = 'data end';
    return end;
  }

  #takeLine(chunk: Buffer, position: number): number {
    const newline = chunk.indexOf(10, position);
    const end = newline === -1 ? chunk.length : newline;
    this.#line += chunk.toString('latin1', position, end);
    if (this.#line.length > LINE_BYTES_MAX) throw incomplete();
    if (newline === -1) return end;
    const line = this.#line.endsWith('\r') ? this.#line.slice(0, -1) : this.#line;
    this.#line = '';
    this.#endOfLine(line);
    return newline + 1;
  }

  #endOfLine(line: string): void {
    if (this.#state === 'size') {
      const size = /^([0-9a-fA-F]{1,12})(;.*)?$/.exec(line)?.[1];
      if (size === undefined) throw incomplete();
      this.#left = Number.parseInt(size, 16);
      this.#state = this.#left === 0 ? 'trailers' : 'data';
    } else if (this.#state === 'data end') {
      if (line !== '') throw incomplete();
      this.#state = 'size';
    } else if (line === '') {
      this.#state = 'done';
    } else {
      const [, name, value] = /^([\w-]+)\s*:\s*(.*?)\s*$/.exec(line) ?? [];
      if (name === undefined || value === undefined || Object.keys(this.trailers).length === TRAILERS_MAX) {
        throw malformedTrailer();
      }
      this.trailers[name.toLowerCase()] = value;
    }
  }
}

function malformedTrailer(): ServiceError {
  return new ServiceError(
    'MalformedTrailerError',
    'The request contained trailing data that was not well-formed or did not conform to our published schema.',
  );
}

/** S3 has one error for truncated and for invalid chunks. */
function incomplete(): ServiceError {
  return new ServiceError('IncompleteBody', 'The request body terminated unexpectedly.');
}
