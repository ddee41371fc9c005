import type { Readable } from 'node:stream';
import { BodyTooLargeError, ClientGoneError } from './message.ts';

const EMPTY = Buffer.alloc(0);

/**
 * Collects a request's body. What is larger than the limit is noticed by its declared length before a byte of it
 * is read, or as soon as the bytes that arrived are more.
 */
export function collectBody(
  source: Readable,
  declaredLength: string | undefined,
  limitBytes: number,
): Promise<Buffer> {
  if (declaredLength !== undefined && Number(declaredLength) > limitBytes) {
    return Promise.reject(new BodyTooLargeError(limitBytes));
  }
  return new Promise((resolve, reject) => {
    let first: Buffer | undefined;
    let rest: Buffer[] | undefined;
    let size = 0;
    function onData(chunk: Buffer): void {
      size += chunk.length;
      if (size > limitBytes) return settle(() => reject(new BodyTooLargeError(limitBytes)));
      if (first === undefined) first = chunk;
      else (rest ??= [first]).push(chunk);
    }
    function onEnd(): void {
      settle(() => resolve(rest === undefined ? (first ?? EMPTY) : Buffer.concat(rest, size)));
    }
    function onCut(): void {
      settle(() => reject(new ClientGoneError('the client went away before its request was complete')));
    }
    function settle(how: () => void): void {
      source.off('data', onData);
      source.off('end', onEnd);
      source.off('close', onCut);
      source.off('error', onCut);
      how();
    }
    if (source.destroyed) return onCut();
    source.on('data', onData);
    source.on('end', onEnd);
    source.on('close', onCut);
    source.on('error', onCut);
  });
}
