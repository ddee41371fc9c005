import type { Readable } from 'node:stream';
import { lambdaLimits } from '../limits.ts';

/** Stores what a function prints. */
export interface LogSink {
  /** False when the sink wants no more until `drained` resolves; the message is stored nevertheless. */
  append(timestampMs: number, message: string): boolean;
  drained(): Promise<void>;
}

const NEWLINE = 0x0a;
const FRAME_MAGIC = 0xa55a;
const FRAME_HAS_TIME = 2;

/** Cuts lines, or frames of Lambda's telemetry pipe, out of a stream of bytes. */
export type MessageSplitter = (
  rest: Buffer,
  atEnd: boolean,
) => { readonly message: Buffer; readonly used: number } | undefined;

export const splitLine: MessageSplitter = (rest, atEnd) => {
  const end = rest.indexOf(NEWLINE);
  if (end >= 0 && end <= lambdaLimits.logEventBytesMax)
    return { message: rest.subarray(0, end), used: end + 1 };
  if (rest.length > lambdaLimits.logEventBytesMax || (atEnd && rest.length > 0)) {
    const length = characterBoundary(rest, Math.min(rest.length, lambdaLimits.logEventBytesMax));
    return { message: rest.subarray(0, length), used: length };
  }
  return undefined;
};

/**
 * Cuts frames as bootstrap/telemetry.ts writes them. Other bytes are taken as lines; a frame longer than a log event
 * may be is split.
 */
export function frameSplitter(): MessageSplitter {
  let pending = 0;
  return (rest, atEnd) => {
    let headerBytes = 0;
    if (pending === 0) {
      if (rest.length < 8) return atEnd ? splitLine(rest, atEnd) : undefined;
      if (rest.readUInt16BE(0) !== FRAME_MAGIC) return splitLine(rest, atEnd);
      headerBytes = (rest.readUInt16BE(2) & FRAME_HAS_TIME) === 0 ? 8 : 16;
      pending = rest.readUInt32BE(4);
    }
    const whole = pending <= lambdaLimits.logEventBytesMax;
    const wanted = Math.min(pending, lambdaLimits.logEventBytesMax);
    if (rest.length < headerBytes + wanted) {
      if (headerBytes > 0) pending = 0;
      return undefined;
    }
    const body = rest.subarray(headerBytes, headerBytes + wanted);
    const length = whole ? wanted : characterBoundary(body, wanted);
    pending -= length;
    return { message: body.subarray(0, length), used: headerBytes + length };
  };
}

function characterBoundary(bytes: Buffer, at: number): number {
  if (at >= bytes.length) return at;
  let boundary = at;
  // A continuation byte of UTF-8 begins with the bits 10.
  while (boundary > at - 4 && boundary > 0 && ((bytes[boundary] ?? 0) & 0xc0) === 0x80) boundary--;
  return boundary;
}

/** Reads one pipe of a function's process. Stops reading while the sink is full: then the function has to wait. */
export class OutputPipe {
  readonly #stream: Readable;
  readonly #cut: MessageSplitter;
  readonly #write: (message: string) => boolean;
  readonly #drained: () => Promise<void>;
  #rest: Buffer = Buffer.alloc(0);
  #chunks = 0;
  #paused = false;

  constructor(
    stream: Readable,
    cut: MessageSplitter,
    write: (message: string) => boolean,
    drained: () => Promise<void>,
  ) {
    this.#stream = stream;
    this.#cut = cut;
    this.#write = write;
    this.#drained = drained;
    stream.on('data', (chunk: Buffer) => this.#take(chunk));
    stream.on('error', () => {});
  }

  /** Number of pieces read. While it grows, or the pipe waits for the sink, there may be more output. */
  get chunks(): number {
    return this.#chunks;
  }

  get paused(): boolean {
    return this.#paused;
  }

  /** Emits an unfinished line. */
  flush(): void {
    this.#emit(true);
  }

  #take(chunk: Buffer): void {
    this.#chunks++;
    this.#rest = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk]);
    if (this.#emit(false)) return;
    this.#paused = true;
    this.#stream.pause();
    void this.#drained().finally(() => {
      this.#paused = false;
      this.#stream.resume();
    });
  }

  #emit(atEnd: boolean): boolean {
    let room = true;
    let offset = 0;
    for (;;) {
      const piece = this.#cut(this.#rest.subarray(offset), atEnd);
      if (piece === undefined) break;
      offset += piece.used;
      if (!this.#write(piece.message.toString())) room = false;
    }
    if (offset > 0) this.#rest = this.#rest.subarray(offset);
    return room;
  }
}
