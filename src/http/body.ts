import { Readable } from 'node:stream';
import type { BodyShare } from './body-room.ts';
import { BodyTooLargeError, ClientGoneError, NoRoomError } from './message.ts';

const EMPTY = Buffer.alloc(0);

/**
 * Collects a request's body. What is larger than the limit is noticed by its declared length before a byte of it
 * is read, or as soon as the bytes that arrived are more; that memory has no room for it, as it arrives.
 */
export function collectBody(
  source: Readable,
  declaredLength: string | undefined,
  limitBytes: number,
  share: BodyShare,
): Promise<Buffer> {
  if (declaredLength !== undefined && Number(declaredLength) > limitBytes) {
    return Promise.reject(new BodyTooLargeError(limitBytes));
  }
  if (declaredLength !== undefined && !share.fits(Number(declaredLength))) {
    return Promise.reject(new NoRoomError());
  }
  return new Promise((resolve, reject) => {
    let first: Buffer | undefined;
    let rest: Buffer[] | undefined;
    let size = 0;
    let ended = false;
    function onData(chunk: Buffer): void {
      size += chunk.length;
      if (size > limitBytes) {
        source.off('data', onData);
        source.pause();
        return reject(new BodyTooLargeError(limitBytes));
      }
      if (!share.take(chunk.length)) {
        source.off('data', onData);
        source.pause();
        // What came so far makes room for others at once, so that not all of them are refused.
        first = undefined;
        rest = undefined;
        share.free();
        return reject(new NoRoomError());
      }
      if (first === undefined) first = chunk;
      else (rest ??= [first]).push(chunk);
    }
    function onEnd(): void {
      if (wasCut(source)) return onCut();
      ended = true;
      resolve(rest === undefined ? (first ?? EMPTY) : Buffer.concat(rest, size));
    }
    // 'close' comes after 'end' as well; and after an error, which thus needs no listener.
    function onCut(): void {
      if (!ended) reject(clientGone());
    }
    if (source.destroyed) return onCut();
    source.on('data', onData);
    source.on('end', onEnd);
    source.on('close', onCut);
  });
}

/** A stream of HTTP/2 that was reset ends like one that is complete. */
function wasCut(source: Readable): boolean {
  return (
    'rstCode' in source && ((source.rstCode ?? 0) !== 0 || ('aborted' in source && source.aborted === true))
  );
}

function clientGone(): ClientGoneError {
  return new ClientGoneError('the client went away before its request was complete');
}

/**
 * A request's body as it arrives. Its reader may destroy it at any time (leaving a loop does): the connection stays,
 * so that the request can still be answered.
 */
export function bodyStream(source: Readable): Readable {
  function onData(chunk: Buffer): void {
    if (!body.push(chunk)) source.pause();
  }
  function onEnd(): void {
    if (wasCut(source)) return onCut();
    detach();
    body.push(null);
  }
  function onCut(): void {
    detach();
    body.destroy(clientGone());
  }
  function detach(): void {
    source.off('data', onData);
    source.off('end', onEnd);
    source.off('close', onCut);
    source.off('error', onCut);
  }
  let started = false;
  const body = new Readable({
    read() {
      if (!started) {
        started = true;
        if (source.destroyed) return onCut();
        source.on('data', onData);
        source.on('end', onEnd);
        source.on('close', onCut);
        source.on('error', onCut);
      }
      source.resume();
    },
    destroy(error, done) {
      detach();
      if (!source.destroyed) source.pause();
      done(error);
    },
  });
  return body;
}

/**
 * Throws away what is still to come of a request that was answered without it, so that a client which sends before
 * it listens hears the answer; at most so much and so long. Resolves when there is no more or it was enough.
 */
export function discardRest(source: Readable, bytesMax: number, timeMs: number): Promise<void> {
  return new Promise((resolve) => {
    if (source.destroyed || source.readableEnded) return resolve();
    let left = bytesMax;
    const timer = setTimeout(done, timeMs);
    function onData(chunk: Buffer): void {
      left -= chunk.length;
      if (left < 0) done();
    }
    function done(): void {
      clearTimeout(timer);
      source.off('data', onData);
      source.off('end', done);
      source.off('close', done);
      source.off('error', done);
      source.pause();
      resolve();
    }
    source.on('data', onData);
    source.on('end', done);
    source.on('close', done);
    source.on('error', done);
    source.resume();
  });
}
