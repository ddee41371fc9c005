import { Transform, type Readable, type TransformCallback } from 'node:stream';
import { ServiceError } from '../../errors.ts';
import type { ChunkSignatures, HttpRequest } from '../../http/message.ts';

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
  // A presigned URL may require signed chunks in its query, without either header.
  const chunked =
    request.chunkSignatures !== undefined ||
    encodings.includes('aws-chunked') ||
    (typeof hash === 'string' && hash.startsWith('STREAMING-'));
  if (!chunked) return { body: request.stream(), headers };
  const length = headers['x-amz-decoded-content-length'];
  const decoder = new AwsChunkedDecoder(
    typeof length === 'string' ? Number(length) : undefined,
    request.chunkSignatures,
  );
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

const SIZE = /^([0-9a-fA-F]{1,12})(?:;.*)?$/;
const SIGNED_SIZE = /^([0-9a-fA-F]{1,12});chunk-signature=([0-9a-f]{64})$/;
const TRAILER_SIGNATURE = 'x-amz-trailer-signature';

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
  readonly #signatures: ChunkSignatures | undefined;
  /** The trailers as they are signed. */
  #trailerLines = '';

  /** Without `signatures`, those of the chunks are not checked. */
  constructor(lengthExpected: number | undefined, signatures?: ChunkSignatures) {
    super();
    this.#signatures = signatures;
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
    const data = chunk.subarray(position, end);
    this.#signatures?.chain.data(data);
    this.push(data);
    this.#length += end - position;
    this.#left -= end - position;
    if (this.#left === 0) {
      this.#signatures?.chain.end();
      this.#state = 'data end';
    }
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
      const pattern = this.#signatures === undefined ? SIZE : SIGNED_SIZE;
      const [, size, signature = ''] = pattern.exec(line) ?? [];
      if (size === undefined) throw incomplete();
      this.#left = Number.parseInt(size, 16);
      this.#signatures?.chain.begin(signature);
      if (this.#left === 0) this.#signatures?.chain.end();
      this.#state = this.#left === 0 ? 'trailers' : 'data';
    } else if (this.#state === 'data end') {
      if (line !== '') throw incomplete();
      this.#state = 'size';
    } else if (line === '') {
      this.#checkTrailers();
      this.#state = 'done';
    } else {
      const [, name, value] = /^([\w-]+)\s*:\s*(.*?)\s*$/.exec(line) ?? [];
      if (name === undefined || value === undefined || Object.keys(this.trailers).length === TRAILERS_MAX) {
        throw malformedTrailer();
      }
      const lower = name.toLowerCase();
      if (Object.hasOwn(this.trailers, lower)) throw malformedTrailer();
      this.trailers[lower] = value;
      if (lower !== TRAILER_SIGNATURE) this.#trailerLines += `${lower}:${value}\n`;
    }
  }

  /** A trailer without a signature after signed chunks is not the client's. */
  #checkTrailers(): void {
    if (this.#signatures === undefined) return;
    const { chain, hasTrailer } = this.#signatures;
    if (hasTrailer) chain.trailers(this.#trailerLines, this.trailers[TRAILER_SIGNATURE] ?? '');
    else if (this.#trailerLines !== '') throw malformedTrailer();
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
