import { Readable } from 'node:stream';
import { httpLimits } from './limits.ts';
import { acquireBuffer, releaseBuffer } from '../support/buffer-pool.ts';
import { YieldingQueue } from '../support/yielding-queue.ts';
import type { BodyReservation } from './body-memory-budget.ts';
import { RequestBody } from './request-body.ts';
import { BodyTooLargeError, ClientGoneError, MemoryBudgetError } from './message.ts';

/** A request body as it arrives, independent of the HTTP version. */
export interface BodySource {
  /** The whole body has arrived. */
  readonly ended: boolean;
  /** The client left before the end, or the body was malformed. */
  readonly cut: boolean;
  /**
   * Passes everything that arrives from now on to `sink`, starting with what is buffered. An earlier sink gets
   * nothing more.
   */
  read(sink: BodySink): void;
  /** Pauses the source; only valid while it is being read. */
  pause(): void;
  resume(): void;
}

export interface BodySink {
  /** The chunk's memory is reused when this returns: copy what you keep. */
  data(chunk: Buffer): void;
  /** Where the next chunk should be written, if the source can write it there. */
  room?(): Buffer | undefined;
  end(): void;
  cut(): void;
}

const EMPTY = Buffer.alloc(0);

/**
 * Collects a request body. Refuses a body over the limit by its declared length before reading it, or as soon as more
 * bytes than that arrive; refuses a body for which there is no memory when it arrives.
 */
export function collectBody(
  source: BodySource,
  declaredBytes: number | undefined,
  limitBytes: number,
  share: BodyReservation,
): Promise<RequestBody> {
  if (declaredBytes !== undefined && declaredBytes > limitBytes) {
    return Promise.reject(new BodyTooLargeError(limitBytes));
  }
  if (declaredBytes !== undefined && !share.fits(declaredBytes))
    return Promise.reject(new MemoryBudgetError());
  return new Promise((resolve, reject) => {
    source.read(new Collector(source, declaredBytes, limitBytes, share, resolve, reject));
  });
}

class Collector implements BodySink {
  readonly #source: BodySource;
  readonly #declaredBytes: number | undefined;
  readonly #limitBytes: number;
  readonly #share: BodyReservation;
  readonly #resolve: (body: RequestBody) => void;
  readonly #reject: (error: Error) => void;
  #bytes: Buffer = EMPTY;
  #size = 0;

  constructor(
    source: BodySource,
    declaredBytes: number | undefined,
    limitBytes: number,
    share: BodyReservation,
    resolve: (body: RequestBody) => void,
    reject: (error: Error) => void,
  ) {
    this.#source = source;
    this.#declaredBytes = declaredBytes;
    this.#limitBytes = limitBytes;
    this.#share = share;
    this.#resolve = resolve;
    this.#reject = reject;
  }

  data(chunk: Buffer): void {
    const end = this.#size + chunk.length;
    if (end > this.#limitBytes) return this.#refuse(new BodyTooLargeError(this.#limitBytes));
    if (!this.#share.take(chunk.length)) {
      // Frees the bytes collected so far at once, so that not all other requests are refused.
      this.#share.free();
      return this.#refuse(new MemoryBudgetError());
    }
    if (!this.#isInPlace(chunk, end)) {
      if (end > this.#bytes.length) this.#grow(end);
      chunk.copy(this.#bytes, this.#size);
    }
    this.#size = end;
  }

  room(): Buffer | undefined {
    return this.#size < this.#bytes.length ? this.#bytes.subarray(this.#size) : undefined;
  }

  end(): void {
    const whole = new RequestBody(this.#bytes.subarray(0, this.#size));
    if (this.#size < httpLimits.bodyBytesLarge) this.#resolve(whole);
    else largeBodies.push(() => this.#resolve(whole));
  }

  cut(): void {
    this.#reject(clientGone());
  }

  /**
   * The chunk was written into the buffer that `room` returned. The memory behind it may belong to other small
   * buffers.
   */
  #isInPlace(chunk: Buffer, end: number): boolean {
    const { buffer, byteOffset, length } = this.#bytes;
    return end <= length && chunk.buffer === buffer && chunk.byteOffset === byteOffset + this.#size;
  }

  /**
   * The buffer never exceeds the declared length, so that `room` ends where the body ends. It grows step by step,
   * because a client may declare much and send little.
   */
  #grow(needed: number): void {
    const ahead = Math.min(this.#declaredBytes ?? 0, httpLimits.bodyBytesAhead);
    const doubled = Math.min(this.#bytes.length * 2, this.#declaredBytes ?? Infinity);
    const larger = acquireBuffer(Math.max(needed, doubled, ahead));
    this.#bytes.copy(larger, 0, 0, this.#size);
    releaseBuffer(this.#bytes);
    this.#bytes = larger;
  }

  /** The connection may still be reading into this memory, so it is not released. */
  #refuse(error: Error): void {
    this.#bytes = EMPTY;
    this.#source.read(nobody);
    this.#source.pause();
    this.#reject(error);
  }
}

/** Parsing one of these takes a millisecond or more: without turns in between the disk would idle. */
const largeBodies = new YieldingQueue();

const nobody: BodySink = { data() {}, end() {}, cut() {} };

function clientGone(): ClientGoneError {
  return new ClientGoneError('the client went away before its request was complete');
}

/**
 * Returns a request body as a stream. The reader may destroy it at any time (leaving a loop does); the connection
 * survives, so that the request can still be answered.
 */
export function bodyStream(source: BodySource): Readable {
  let started = false;
  const body = new Readable({
    read() {
      if (started) return source.resume();
      started = true;
      source.read({
        data: (chunk) => {
          if (!body.push(Buffer.from(chunk))) source.pause();
        },
        end: () => void body.push(null),
        cut: () => void body.destroy(clientGone()),
      });
    },
    destroy(error, done) {
      if (!source.ended && !source.cut) {
        source.read(nobody);
        source.pause();
      }
      done(error);
    },
  });
  return body;
}

/**
 * Discards the rest of a request that was answered early, so that a client that sends everything before it reads gets
 * the response. Bounded in bytes and time. Resolves when the rest has arrived or a bound is reached.
 */
export function discardRest(source: BodySource, bytesMax: number, timeMs: number): Promise<void> {
  return new Promise((resolve) => {
    if (source.ended || source.cut) return resolve();
    let left = bytesMax;
    const timer = setTimeout(done, timeMs);
    function done(): void {
      clearTimeout(timer);
      if (!source.ended && !source.cut) {
        source.read(nobody);
        source.pause();
      }
      resolve();
    }
    source.read({
      data: (chunk) => {
        left -= chunk.length;
        if (left < 0) done();
      },
      end: done,
      cut: done,
    });
    source.resume();
  });
}
