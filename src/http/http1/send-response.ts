import type { Socket } from 'node:net';
import type { HttpResponse } from '../message.ts';
import { releaseBuffer } from '../../support/buffer-pool.ts';
import { sendStream } from '../send-stream.ts';
import { BodyWriter } from './body-writer.ts';
import type { RequestHead } from './request-head.ts';
import { responseHead } from './response-head.ts';

export interface Sending {
  readonly head: RequestHead;
  /** Undefined when the connection ends after this response. */
  readonly keepAliveMs: number | undefined;
  /** How long a client may take nothing. */
  readonly takeMs: number;
  /** Ends a body that has no end of its own. */
  readonly stop: AbortSignal;
}

/**
 * Writes a response. Undefined when the system took all of it at once; else resolves when the client has, or is gone.
 * Throws, with nothing written, when the response is none; rejects with what its body throws.
 */
export function sendResponse(
  socket: Socket,
  response: HttpResponse,
  sending: Sending,
): Promise<void> | undefined {
  const { body } = response;
  const { text, framing } = responseHead(response, sending.head.version, sending.keepAliveMs);
  const bodyless =
    sending.head.method === 'HEAD' ||
    response.status === 204 ||
    response.status === 304 ||
    (framing === 'chunked' && isGone(socket));
  if (body === undefined || typeof body === 'string' || body instanceof Uint8Array) {
    writeWhole(socket, text, bodyless ? undefined : body);
    const disposable = response.disposable === true && body instanceof Uint8Array ? body : undefined;
    if (socket.writableLength > 0) return taken(socket, sending.takeMs, disposable);
    if (disposable !== undefined) releaseBuffer(disposable);
    return undefined;
  }
  socket.write(text, 'latin1');
  if (bodyless) return leave(body);
  return sendPieces(new BodyWriter(socket, framing), socket, body, response.endless === true, sending);
}

async function leave(body: AsyncIterable<Uint8Array>): Promise<void> {
  await body[Symbol.asyncIterator]().return?.();
}

/** A client that has ended its side still takes what has a known end; for the rest it is gone. */
function isGone(socket: Socket): boolean {
  return socket.readableEnded;
}

/** In one system call where it can be. */
function writeWhole(socket: Socket, head: string, body: string | Uint8Array | undefined): void {
  if (body === undefined) return void socket.write(head, 'latin1');
  if (typeof body === 'string' && Buffer.byteLength(body) === body.length) {
    return void socket.write(head + body, 'latin1');
  }
  socket.cork();
  socket.write(head, 'latin1');
  socket.write(body);
  socket.uncork();
}

/** Resolves when what was written is with the system, or the connection is gone. */
function taken(socket: Socket, takeMs: number, disposable: Uint8Array | undefined): Promise<void> {
  return new Promise((resolve) => {
    const patience = setTimeout(() => socket.destroy(), takeMs);
    function done(): void {
      if (disposable !== undefined && socket.writableLength === 0) releaseBuffer(disposable);
      clearTimeout(patience);
      socket.off('drain', done);
      socket.off('close', done);
      resolve();
    }
    if (socket.writableNeedDrain) socket.on('drain', done);
    else socket.write('', done);
    socket.on('close', done);
  });
}

async function sendPieces(
  writer: BodyWriter,
  socket: Socket,
  body: AsyncIterable<Uint8Array>,
  endless: boolean,
  { takeMs, stop }: Sending,
): Promise<void> {
  const gone = (): void => void writer.destroy();
  socket.on('close', gone);
  if (writer.framing === 'chunked') socket.on('end', gone);
  // It shows as 'close'.
  writer.on('error', () => {});
  try {
    await sendStream(body, writer, takeMs, endless ? stop : undefined);
    await closed(writer, takeMs);
  } finally {
    socket.off('close', gone);
    socket.off('end', gone);
  }
}

function closed(writer: BodyWriter, takeMs: number): Promise<void> {
  return new Promise((resolve) => {
    if (writer.closed) return resolve();
    const patience = setTimeout(() => writer.destroy(), takeMs);
    writer.once('close', () => {
      clearTimeout(patience);
      resolve();
    });
  });
}
