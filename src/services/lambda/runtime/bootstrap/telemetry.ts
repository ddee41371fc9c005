import { writeSync } from 'node:fs';
import { format } from 'node:util';

/**
 * Lambda's telemetry pipe: each console call is one frame, so that a message of several lines stays one log event.
 * AWS's runtime clients use the same framing on the descriptor named in `_LAMBDA_TELEMETRY_LOG_FD`: a type (whose
 * second byte says that text follows), the length of the text, its time in microseconds, the text.
 */
const FRAME_TYPE = 0xa55a0003;
const HEADER_BYTES = 16;

let requestId = 'undefined';

/** Sets the invocation that console messages belong to from now on. */
export function logAs(invocation: string): void {
  requestId = invocation;
}

/** Makes `console` write Lambda's line format: time, request, level and message, separated by tabs. */
export function redirectConsole(descriptor: number): void {
  const to =
    (level: string) =>
    (...values: unknown[]) =>
      writeLine(descriptor, level, format(...values));
  console.log = to('INFO');
  console.info = to('INFO');
  console.debug = to('DEBUG');
  console.warn = to('WARN');
  console.error = to('ERROR');
  console.trace = (...values: unknown[]) => {
    writeLine(descriptor, 'TRACE', new Error(format(...values)).stack?.replace(/^Error/, 'Trace') ?? '');
  };
}

export function writeLine(descriptor: number, level: string, message: string): void {
  const nowMs = Date.now();
  const text = Buffer.from(`${new Date(nowMs).toISOString()}\t${requestId}\t${level}\t${message}`);
  const frame = Buffer.allocUnsafe(HEADER_BYTES + text.length);
  frame.writeUInt32BE(FRAME_TYPE, 0);
  frame.writeUInt32BE(text.length, 4);
  frame.writeBigUInt64BE(BigInt(nowMs) * 1000n, 8);
  text.copy(frame, HEADER_BYTES);
  for (let written = 0; written < frame.length;) written += write(descriptor, frame, written);
}

/** The pipe may be non-blocking and full. Then the reader is slower than the handler, and the handler has to wait. */
function write(descriptor: number, frame: Buffer, from: number): number {
  try {
    return writeSync(descriptor, frame, from);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') throw error;
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 2);
    return 0;
  }
}
