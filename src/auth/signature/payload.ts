import { createHash } from 'node:crypto';
import { Transform, type Readable } from 'node:stream';
import { ServiceError } from '../../errors.ts';
import {
  BodyTooLargeError,
  type ChunkSignatures,
  ClientGoneError,
  type HttpRequest,
  MemoryBudgetError,
} from '../../http/message.ts';
import { RequestAround } from '../../http/request-around.ts';
import type { RequestBody } from '../../http/request-body.ts';
import { SignatureError } from '../denial.ts';
import { sha256 } from './canonical.ts';
import type { ChunkChain } from './chunk-chain.ts';

/** How the body of a request to S3 is covered by its signature. */
export interface PayloadMode {
  readonly kind: 'hash' | 'unsigned' | 'signed-chunks' | 'unsigned-chunks';
  /** As it is in the canonical request. */
  readonly text: string;
  /** Whether signed trailers follow the chunks. */
  readonly hasTrailer: boolean;
}

const NAMED_MODES: Readonly<Record<string, Omit<PayloadMode, 'text'>>> = {
  'UNSIGNED-PAYLOAD': { kind: 'unsigned', hasTrailer: false },
  'STREAMING-UNSIGNED-PAYLOAD-TRAILER': { kind: 'unsigned-chunks', hasTrailer: true },
  'STREAMING-AWS4-HMAC-SHA256-PAYLOAD': { kind: 'signed-chunks', hasTrailer: false },
  'STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER': { kind: 'signed-chunks', hasTrailer: true },
};

/** Throws SignatureError. */
export function payloadModeOf({ headers, query }: HttpRequest, isPresigned: boolean): PayloadMode {
  const header = headers['x-amz-content-sha256'];
  const inQuery = isPresigned ? new URLSearchParams(query).get('X-Amz-Content-Sha256') : null;
  const text = header === undefined ? (inQuery ?? (isPresigned ? 'UNSIGNED-PAYLOAD' : '')) : String(header);
  if (text === '') {
    throw new SignatureError(
      'missing-hash',
      'Missing required header for this request: x-amz-content-sha256',
    );
  }
  if (text.startsWith('STREAMING-AWS4-ECDSA-P256-SHA256-')) {
    throw new SignatureError(
      'unsupported-algorithm',
      `nagare does not support ${text} (Signature Version 4A)`,
    );
  }
  const named = Object.hasOwn(NAMED_MODES, text) ? NAMED_MODES[text] : undefined;
  if (named !== undefined) return { ...named, text };
  if (/^[0-9a-f]{64}$/.test(text)) return { kind: 'hash', text, hasTrailer: false };
  const message =
    'x-amz-content-sha256 must be UNSIGNED-PAYLOAD, STREAMING-UNSIGNED-PAYLOAD-TRAILER, STREAMING-AWS4-HMAC-SHA256-PAYLOAD, STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER or a valid sha256 value.';
  throw new SignatureError('invalid-hash', message, {
    ArgumentName: 'x-amz-content-sha256',
    ArgumentValue: text,
  });
}

/** A request whose whole body is read to verify its signature, before anything else is done. */
export class BufferedRequest extends RequestAround {
  #body: RequestBody | undefined;

  /** Undefined if the body has not arrived yet. */
  readAtHand(limitBytes: number): Buffer | undefined {
    this.#body = this.inner.bodyAtHand(limitBytes);
    return this.#body?.bytes;
  }

  /** Rejects with SignatureError when the body is too large or does not arrive. */
  async read(limitBytes: number): Promise<Buffer> {
    try {
      this.#body = await this.inner.body(limitBytes);
      return this.#body.bytes;
    } catch (error) {
      if (error instanceof BodyTooLargeError) throw new SignatureError('too-large', error.message);
      if (error instanceof MemoryBudgetError) throw new SignatureError('no-room', error.message);
      if (error instanceof ClientGoneError) throw new SignatureError('client-gone', error.message);
      throw error;
    }
  }

  override bodyAtHand(limitBytes: number): RequestBody | undefined {
    const body = this.#body;
    if (body === undefined || body.bytes.length > limitBytes) return undefined;
    this.#body = undefined;
    return body;
  }

  override body(limitBytes: number): Promise<RequestBody> {
    const body = this.bodyAtHand(limitBytes);
    return body === undefined ? Promise.reject(new BodyTooLargeError(limitBytes)) : Promise.resolve(body);
  }

  /** Only S3 has streamed bodies. */
  override stream(): Readable {
    throw new Error('the body of this request is not a stream');
  }
}

/** A request to S3: its signature holds, with what it says of the body. The body is verified while it is read. */
export class StreamedRequest extends RequestAround {
  readonly #mode: PayloadMode;
  readonly chunkSignatures: ChunkSignatures | undefined;

  constructor(inner: HttpRequest, mode: PayloadMode, chain: ChunkChain | undefined) {
    super(inner);
    this.#mode = mode;
    this.chunkSignatures = chain && { chain, hasTrailer: mode.hasTrailer };
  }

  override bodyAtHand(limitBytes: number): RequestBody | undefined {
    const body = this.inner.bodyAtHand(limitBytes);
    if (body !== undefined) this.#check(body);
    return body;
  }

  override async body(limitBytes: number): Promise<RequestBody> {
    const body = await this.inner.body(limitBytes);
    this.#check(body);
    return body;
  }

  override stream(): Readable {
    const source = this.inner.stream();
    if (this.#mode.kind !== 'hash') return source;
    const hashed = new HashedStream(this.#mode.text);
    source.on('error', (error) => hashed.destroy(error));
    hashed.on('close', () => source.destroy());
    return source.pipe(hashed);
  }

  #check({ bytes }: RequestBody): void {
    const { kind, text } = this.#mode;
    if (kind === 'signed-chunks' || kind === 'unsigned-chunks') {
      throw new ServiceError('InvalidRequest', `${text} is accepted for the content of objects only.`);
    }
    if (kind === 'hash' && sha256(bytes) !== text) throw wrongHash(text, sha256(bytes));
  }
}

/** Passes a body on, and fails at its end unless it has the promised hash. */
class HashedStream extends Transform {
  readonly #hash = createHash('sha256');
  readonly #expected: string;

  constructor(expected: string) {
    super();
    this.#expected = expected;
  }

  override _transform(chunk: Buffer, _encoding: BufferEncoding, done: (error?: Error) => void): void {
    this.#hash.update(chunk);
    this.push(chunk);
    done();
  }

  override _flush(done: (error?: Error) => void): void {
    const computed = this.#hash.digest('hex');
    if (computed === this.#expected) done();
    else done(wrongHash(this.#expected, computed));
  }
}

function wrongHash(claimed: string, computed: string): ServiceError {
  return new ServiceError(
    'XAmzContentSHA256Mismatch',
    "The provided 'x-amz-content-sha256' header does not match what was computed.",
    400,
    { ClientComputedContentSHA256: claimed, S3ComputedContentSHA256: computed },
  );
}
