import type { Socket } from 'node:net';
import { httpLimits } from '../limits.ts';
import { discard, type HttpResponse } from '../message.ts';
import { releaseBuffer } from '../../support/buffer-pool.ts';
import type { ResponseReservation } from '../response-memory-budget.ts';
import { piecesOf, sendStream, type SendStreamOptions } from '../send-stream.ts';
import { BodyWriter } from './body-writer.ts';
import type { RequestHead } from './request-head.ts';
import { type Framing, responseHead } from './response-head.ts';

/** Copying a small body behind its head costs less than a write of two parts. */
const COPIED_BYTES_MAX = 2048;

export interface SendOptions {
  readonly head: RequestHead;
  /** Undefined if the connection closes after this response. */
  readonly keepAliveMs: number | undefined;
  readonly memory: () => ResponseReservation;
  /** Ends an endless body. */
  readonly stop: AbortSignal;
}

/**
 * Writes a response. Returns undefined if the system took all of it at once; otherwise resolves when the client has
 * read it or has left. Throws, with nothing written, for an invalid response; rejects with what its body throws.
 */
export function sendResponse(
  socket: Socket,
  response: HttpResponse,
  sending: SendOptions,
): Promise<void> | undefined {
  const { body } = response;
  const { text, framing } = responseHead(response, sending.head.version, sending.keepAliveMs);
  const bodyless =
    sending.head.method === 'HEAD' ||
    response.status === 204 ||
    response.status === 304 ||
    (framing === 'chunked' && isGone(socket));
  if (body === undefined || typeof body === 'string' || body instanceof Uint8Array) {
    const disposable = response.disposable === true && body instanceof Uint8Array ? body : undefined;
    if (!bodyless && body !== undefined && body.length > httpLimits.responsePieceBytes) {
      const bytes = typeof body === 'string' ? Buffer.from(body) : body;
      return sendLarge(socket, text, bytes, framing, sending, disposable);
    }
    writeWhole(socket, text, bodyless ? undefined : body);
    if (socket.writableLength > 0) return taken(socket, sending.memory(), disposable);
    if (disposable !== undefined) releaseBuffer(disposable);
    return undefined;
  }
  socket.write(text, 'latin1');
  if (bodyless) return discard(response);
  return sendPieces(new BodyWriter(socket, framing), socket, body, sending.memory(), {
    stop: response.endless === true ? sending.stop : undefined,
    broken: response.broken,
    disposable: response.disposable === true,
  });
}

async function sendLarge(
  socket: Socket,
  head: string,
  bytes: Uint8Array,
  framing: Framing,
  sending: SendOptions,
  disposable: Uint8Array | undefined,
): Promise<void> {
  const memory = sending.memory();
  memory.raise(bytes.length);
  // With the first piece in one system call: it comes within the microtasks of this turn.
  socket.cork();
  socket.write(head, 'latin1');
  process.nextTick(() => socket.uncork());
  const writer = new BodyWriter(socket, framing);
  await sendPieces(writer, socket, piecesOf(bytes), memory);
  // After a broken connection the socket may still refer to the memory.
  if (disposable !== undefined && writer.writableFinished) releaseBuffer(disposable);
}

/** A client that has closed its side still reads a response of known length; for any other it counts as gone. */
function isGone(socket: Socket): boolean {
  return socket.readableEnded;
}

/** In one system call if possible. */
function writeWhole(socket: Socket, head: string, body: string | Uint8Array | undefined): void {
  if (body === undefined) return void socket.write(head, 'latin1');
  if (typeof body === 'string' && Buffer.byteLength(body) === body.length) {
    return void socket.write(head + body, 'latin1');
  }
  if (body.length <= COPIED_BYTES_MAX) return void socket.write(joined(head, body));
  socket.cork();
  socket.write(head, 'latin1');
  socket.write(body);
  socket.uncork();
}

function joined(head: string, body: string | Uint8Array): Buffer {
  const bodyBytes = typeof body === 'string' ? Buffer.from(body) : body;
  const whole = Buffer.allocUnsafe(head.length + bodyBytes.length);
  whole.write(head, 'latin1');
  whole.set(bodyBytes, head.length);
  return whole;
}

/** Resolves when the system has taken what was written, or the connection is closed. */
function taken(
  socket: Socket,
  memory: ResponseReservation,
  disposable: Uint8Array | undefined,
): Promise<void> {
  return new Promise((resolve) => {
    memory.raise(socket.writableLength);
    const goOn = memory.stall(() => socket.destroy());
    function done(): void {
      if (disposable !== undefined && socket.writableLength === 0) releaseBuffer(disposable);
      goOn();
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
  memory: ResponseReservation,
  options: SendStreamOptions = {},
): Promise<void> {
  const gone = (): void => void writer.destroy();
  socket.on('close', gone);
  if (writer.framing === 'chunked') socket.on('end', gone);
  // An error is followed by 'close', which is handled.
  writer.on('error', () => {});
  try {
    await sendStream(body, writer, memory, options);
    await closed(writer, memory);
  } finally {
    socket.off('close', gone);
    socket.off('end', gone);
  }
}

function closed(writer: BodyWriter, memory: ResponseReservation): Promise<void> {
  return new Promise((resolve) => {
    if (writer.closed) return resolve();
    const goOn = memory.stall(() => writer.destroy());
    writer.once('close', () => {
      goOn();
      resolve();
    });
  });
}
