import type { Socket } from 'node:net';
import { Writable } from 'node:stream';
import type { Framing } from './response-head.ts';

const CRLF = '\r\n';
const LAST_CHUNK = '0\r\n\r\n';

/**
 * The body of a response that is written piece by piece. `write` returns false while the client has not read what was
 * written. Destroying the writer, or ending it with a number of bytes other than the declared one, closes the
 * connection.
 */
export class BodyWriter extends Writable {
  readonly #socket: Socket;
  readonly framing: Framing;
  #written = 0;

  constructor(socket: Socket, framing: Framing) {
    super({ decodeStrings: true });
    this.#socket = socket;
    this.framing = framing;
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    this.#written += chunk.length;
    if (this.framing !== 'chunked') {
      if (this.#isTooLong()) return done(new RangeError('a body is longer than its Content-Length'));
      this.#socket.write(chunk, done);
      return;
    }
    // An empty chunk would mean the end of the body.
    if (chunk.length === 0) return done();
    this.#socket.cork();
    this.#socket.write(chunk.length.toString(16) + CRLF, 'latin1');
    this.#socket.write(chunk);
    this.#socket.write(CRLF, 'latin1', done);
    this.#socket.uncork();
  }

  override _final(done: (error?: Error | null) => void): void {
    if (this.framing === 'chunked') this.#socket.write(LAST_CHUNK, 'latin1', done);
    else if (typeof this.framing === 'number' && this.#written !== this.framing) {
      done(new RangeError('a body is shorter than its Content-Length'));
    } else done();
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    if (!this.writableFinished) this.#socket.destroy();
    done(error);
  }

  #isTooLong(): boolean {
    return typeof this.framing === 'number' && this.#written > this.framing;
  }
}
