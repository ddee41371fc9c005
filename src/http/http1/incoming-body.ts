import type { Socket } from 'node:net';
import { acquireBuffer } from '../../support/buffer-pool.ts';
import type { BodySink, BodySource } from '../body.ts';
import { ChunkedDecoder } from './chunked-decoder.ts';

const EMPTY = Buffer.alloc(0);

/** The body of the current request, as it arrives. */
export class IncomingBody implements BodySource {
  readonly #socket: Socket;
  readonly #chunks: ChunkedDecoder | undefined;
  /** Undefined for a chunked body. */
  readonly declaredBytes: number | undefined;
  undeclaredBytes = 0;
  #left: number;
  /** Bytes that arrived before anything read the body. */
  #waiting: Buffer | undefined;
  #waitingIsLent = false;
  #sink: BodySink | undefined;
  ended: boolean;
  cut = false;

  constructor(socket: Socket, bodyBytes: number | 'chunked') {
    this.#socket = socket;
    this.#chunks = bodyBytes === 'chunked' ? new ChunkedDecoder() : undefined;
    this.declaredBytes = bodyBytes === 'chunked' ? undefined : bodyBytes;
    this.#left = this.declaredBytes ?? 0;
    this.ended = bodyBytes === 0;
  }

  /**
   * Takes this body's part of the bytes, which are only valid during the call, and returns what follows it. Throws
   * HttpSyntaxError.
   */
  take(bytes: Buffer): Buffer | undefined {
    const taken =
      this.#chunks === undefined ? this.#takeLength(bytes) : this.#takeChunks(this.#chunks, bytes);
    const rest = taken === bytes.length ? undefined : bytes.subarray(taken);
    if (this.ended) this.#dismiss()?.end();
    return rest;
  }

  /** The size of a body that has arrived completely before anything read it. */
  get bytesAtHand(): number | undefined {
    return this.ended ? (this.#waiting?.length ?? 0) : undefined;
  }

  /** Takes the complete body; only valid if `bytesAtHand` is defined. */
  takeWhole(): Buffer {
    this.#keepWaiting();
    const whole = this.#waiting ?? EMPTY;
    this.#waiting = undefined;
    return whole;
  }

  /** Where the next bytes should be written. */
  room(): Buffer | undefined {
    return this.#chunks === undefined && !this.ended ? this.#sink?.room?.() : undefined;
  }

  /** The connection ended before the body did. */
  cutShort(): void {
    if (this.ended || this.cut) return;
    this.cut = true;
    this.#dismiss()?.cut();
  }

  /**
   * Copies what has arrived out of the shared buffer. Until the body is read, no more of it is read from the
   * connection.
   */
  hold(): void {
    if (this.#sink !== undefined) return;
    this.#keepWaiting();
    this.pause();
  }

  read(sink: BodySink): void {
    this.#sink = sink;
    const waiting = this.#waiting;
    this.#waiting = undefined;
    if (waiting !== undefined) sink.data(waiting);
    // The first sink may have replaced itself by another one for the rest.
    if (this.#sink !== sink) return;
    if (this.ended) this.#dismiss()?.end();
    else if (this.cut) this.#dismiss()?.cut();
    else this.#socket.resume();
  }

  pause(): void {
    if (!this.ended && !this.cut) this.#socket.pause();
  }

  resume(): void {
    if (!this.ended && !this.cut) this.#socket.resume();
  }

  #takeLength(bytes: Buffer): number {
    const taken = Math.min(bytes.length, this.#left);
    this.#left -= taken;
    if (this.#left === 0) this.ended = true;
    this.#emit(taken === bytes.length ? bytes : bytes.subarray(0, taken));
    return taken;
  }

  #takeChunks(chunks: ChunkedDecoder, bytes: Buffer): number {
    const taken = chunks.decode(bytes, (data) => {
      this.undeclaredBytes += data.length;
      this.#emit(data);
    });
    if (chunks.done) this.ended = true;
    return taken;
  }

  #emit(data: Buffer): void {
    if (this.#sink !== undefined) return this.#sink.data(data);
    this.#waitingIsLent = this.#waiting === undefined;
    this.#waiting = this.#waiting === undefined ? data : Buffer.concat([this.#waiting, data]);
  }

  #keepWaiting(): void {
    const waiting = this.#waiting;
    if (waiting === undefined || !this.#waitingIsLent) return;
    this.#waiting = acquireBuffer(waiting.length);
    waiting.copy(this.#waiting);
    this.#waitingIsLent = false;
  }

  /** Returns the sink once, so that it gets only one end event. */
  #dismiss(): BodySink | undefined {
    const sink = this.#sink;
    this.#sink = undefined;
    return sink;
  }
}
