import type { ClientHttp2Stream } from 'node:http2';
import { Readable } from 'node:stream';
import { httpLimits } from './limits.ts';
import { BodyTooLargeError, type HttpRequest } from './message.ts';
import { RequestAround } from './request-around.ts';
import { RequestBody } from './request-body.ts';

/** A request that is sent on to another server, again if need be: small bodies are kept until there is an answer. */
export class Outgoing {
  readonly request: HttpRequest;
  #kept: RequestBody | undefined;
  #isStreamed = false;

  constructor(request: HttpRequest) {
    this.request = request;
  }

  /** The request with its whole body, to be answered here; undefined when its body was sent and is gone. */
  again(): HttpRequest | undefined {
    if (this.#isStreamed) return undefined;
    return this.#kept === undefined ? this.request : new KeptRequest(this.request, this.#kept.bytes);
  }

  /** It can be sent another time. */
  get isKept(): boolean {
    return !this.#isStreamed;
  }

  /**
   * Reads the body if it is small: to be called before the request is sent. Rejects with MemoryBudgetError and
   * ClientGoneError.
   */
  async prepare(): Promise<void> {
    if (this.#kept !== undefined) return;
    const { request } = this;
    const bytesMax = httpLimits.forwardKeptBytesMax;
    this.#kept = request.bodyAtHand(bytesMax);
    if (this.#kept === undefined && bodyBytes(request) <= bytesMax) this.#kept = await request.body(bytesMax);
  }

  /** The whole body, once it is prepared and if it is small. */
  get body(): Buffer | undefined {
    return this.#kept?.bytes;
  }

  /** Whether there is nothing to send after the headers. */
  get isEmpty(): boolean {
    return this.#kept?.bytes.length === 0;
  }

  send(stream: ClientHttp2Stream, onBroken: () => void): void {
    if (this.#kept !== undefined) {
      if (!this.isEmpty) stream.end(this.#kept.bytes);
      return;
    }
    this.#isStreamed = true;
    const body = this.request.stream();
    // A client that leaves in the middle must not look like one whose body is complete.
    body.on('error', onBroken);
    stream.once('close', () => body.destroy());
    body.pipe(stream);
  }
}

/** A request whose body was read already. */
class KeptRequest extends RequestAround {
  readonly #kept: Buffer;

  constructor(inner: HttpRequest, kept: Buffer) {
    super(inner);
    this.#kept = kept;
  }

  /** A copy, because its reader may release it. */
  override bodyAtHand(limitBytes: number): RequestBody | undefined {
    return this.#kept.length > limitBytes ? undefined : new RequestBody(Buffer.from(this.#kept));
  }

  override body(limitBytes: number): Promise<RequestBody> {
    const body = this.bodyAtHand(limitBytes);
    return body === undefined ? Promise.reject(new BodyTooLargeError(limitBytes)) : Promise.resolve(body);
  }

  override stream(): Readable {
    return Readable.from(this.#kept.length === 0 ? [] : [this.#kept]);
  }
}

/** At most; infinite if the client does not say. */
export function bodyBytes({ method, headers, httpVersion }: HttpRequest): number {
  const declared = headers['content-length'];
  if (declared !== undefined) return Number(declared);
  const isNone =
    httpVersion === '2.0'
      ? method === 'GET' || method === 'HEAD'
      : headers['transfer-encoding'] === undefined;
  return isNone ? 0 : Infinity;
}
