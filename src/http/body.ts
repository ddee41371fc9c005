import { Readable } from 'node:stream';
import { release } from '../support/release.ts';
import type { BodyShare } from './body-room.ts';
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
  data(chunk: Buffer): void;
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
  share: BodyShare,
): Promise<Buffer> {
  if (declaredBytes !== undefined && declaredBytes > limitBytes) {
    return Promise.reject(new BodyTooLargeError(limitBytes));
  }
  if (declaredBytes !== undefined && !share.fits(declaredBytes)) return Promise.reject(new NoRoomError());
  return new Promise((resolve, reject) => {
    source.read(new Collector(source, limitBytes, share, resolve, reject));
  });
}

class Collector implements BodySink {
  readonly #source: BodySource;
  readonly #limitBytes: number;
  readonly #share: BodyShare;
  readonly #resolve: (body: Buffer) => void;
  readonly #reject: (error: Error) => void;
  #first: Buffer | undefined;
  #rest: Buffer[] | undefined;
  #size = 0;

  constructor(
    source: BodySource,
    limitBytes: number,
    share: BodyShare,
    resolve: (body: Buffer) => void,
    reject: (error: Error) => void,
  ) {
    this.#source = source;
    this.#limitBytes = limitBytes;
    this.#share = share;
    this.#resolve = resolve;
    this.#reject = reject;
  }

  data(chunk: Buffer): void {
    this.#size += chunk.length;
    if (this.#size > this.#limitBytes) return this.#refuse(new BodyTooLargeError(this.#limitBytes));
    if (!this.#share.take(chunk.length)) {
      // What came so far makes room for others at once, so that not all of them are refused.
      this.#share.free();
      return this.#refuse(new NoRoomError());
    }
    if (this.#first === undefined) this.#first = chunk;
    else (this.#rest ??= [this.#first]).push(chunk);
  }

  end(): void {
    if (this.#rest === undefined) return this.#resolve(this.#first ?? EMPTY);
    const whole = Buffer.concat(this.#rest, this.#size);
    // What came off the socket is nobody else's.
    for (const chunk of this.#rest) release(chunk);
    this.#resolve(whole);
  }

  cut(): void {
    this.#reject(clientGone());
  }

  #refuse(error: Error): void {
    this.#first = undefined;
    this.#rest = undefined;
    this.#source.read(nobody);
    this.#source.pause();
    this.#reject(error);
  }
}

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
          if (!body.push(chunk)) source.pause();
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
