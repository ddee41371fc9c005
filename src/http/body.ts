import { Readable } from 'node:stream';
import { limits } from '../limits.ts';
import { acquireBuffer, releaseBuffer } from '../support/buffer-pool.ts';
import { YieldingQueue } from '../support/yielding-queue.ts';
import type { BodyReservation } from './body-memory-budget.ts';
import { BodyTooLargeError, ClientGoneError, NoRoomError } from './message.ts';

/** The body of a request as it comes from the wire, whatever HTTP version it comes by. */
export interface BodySource {
  /** All of it has come. */
  readonly ended: boolean;
  /** The client went away before, or what it sent was no body. */
  readonly cut: boolean;
  /** Hands over all that comes from now on, beginning with what waits; whoever read before hears nothing more. */
  read(sink: BodySink): void;
  /** Only while it is read. */
  pause(): void;
  resume(): void;
}

export interface BodySink {
  /** The chunk is lent: it may be another's when this has returned. */
  data(chunk: Buffer): void;
  /** Where the next chunk is wanted, if its source can put it there. */
  room?(): Buffer | undefined;
  end(): void;
  cut(): void;
}

const EMPTY = Buffer.alloc(0);

/**
 * Collects a request's body. What is larger than the limit is noticed by its declared length before a byte of it
 * is read, or as soon as the bytes that arrived are more; that memory has no room for it, as it arrives.
 */
export function collectBody(
  source: BodySource,
  declaredBytes: number | undefined,
  limitBytes: number,
  share: BodyReservation,
): Promise<Buffer> {
  if (declaredBytes !== undefined && declaredBytes > limitBytes) {
    return Promise.reject(new BodyTooLargeError(limitBytes));
  }
  if (declaredBytes !== undefined && !share.fits(declaredBytes)) return Promise.reject(new NoRoomError());
  return new Promise((resolve, reject) => {
    source.read(new Collector(source, declaredBytes, limitBytes, share, resolve, reject));
  });
}

class Collector implements BodySink {
  readonly #source: BodySource;
  readonly #declaredBytes: number | undefined;
  readonly #limitBytes: number;
  readonly #share: BodyReservation;
  readonly #resolve: (body: Buffer) => void;
  readonly #reject: (error: Error) => void;
  #bytes: Buffer = EMPTY;
  #size = 0;

  constructor(
    source: BodySource,
    declaredBytes: number | undefined,
    limitBytes: number,
    share: BodyReservation,
    resolve: (body: Buffer) => void,
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
      // What came so far makes room for others at once, so that not all of them are refused.
      this.#share.free();
      return this.#refuse(new NoRoomError());
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
    const whole = this.#bytes.subarray(0, this.#size);
    if (this.#size < limits.bodyBytesLarge) this.#resolve(whole);
    else largeBodies.push(() => this.#resolve(whole));
  }

  cut(): void {
    this.#reject(clientGone());
  }

  /** It came into the room that was given for it. What lies behind that, in memory that small buffers share, is another's. */
  #isInPlace(chunk: Buffer, end: number): boolean {
    const { buffer, byteOffset, length } = this.#bytes;
    return end <= length && chunk.buffer === buffer && chunk.byteOffset === byteOffset + this.#size;
  }

  /** Never larger than declared: the room it gives ends where the body does. Of much that is declared, not all may come. */
  #grow(needed: number): void {
    const ahead = Math.min(this.#declaredBytes ?? 0, limits.bodyBytesAhead);
    const doubled = Math.min(this.#bytes.length * 2, this.#declaredBytes ?? Infinity);
    const larger = acquireBuffer(Math.max(needed, doubled, ahead));
    this.#bytes.copy(larger, 0, 0, this.#size);
    releaseBuffer(this.#bytes);
    this.#bytes = larger;
  }

  /** Its memory may still be what the connection reads into. */
  #refuse(error: Error): void {
    this.#bytes = EMPTY;
    this.#source.read(nobody);
    this.#source.pause();
    this.#reject(error);
  }
}

/** To read what is in one takes a millisecond or more: the disk would idle if several were read before it is looked after. */
const largeBodies = new YieldingQueue();

const nobody: BodySink = { data() {}, end() {}, cut() {} };

function clientGone(): ClientGoneError {
  return new ClientGoneError('the client went away before its request was complete');
}

/**
 * A request's body as it arrives. Its reader may destroy it at any time (leaving a loop does): the connection stays,
 * so that the request can still be answered.
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
 * Throws away what is still to come of a request that was answered without it, so that a client which sends before
 * it listens hears the answer; at most so much and so long. Resolves when there is no more or it was enough.
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
