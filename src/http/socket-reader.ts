import assert from 'node:assert/strict';
import { Socket } from 'node:net';

/** Takes what comes off a connection. */
export interface SocketReader {
  /** The bytes are lent: whoever wants any of them after this has returned copies them. */
  take(bytes: Buffer): void;
  /** Where the next bytes are wanted; undefined when it does not matter. Nobody else may write there until they are taken. */
  room?(): Buffer | undefined;
}

/** All connections are read into the same memory: what was read by one is taken before another is read. */
const shared = Buffer.allocUnsafeSlow(64 * 1024);

/**
 * Gives the socket by which a connection is read that was accepted with `pauseOnConnect`; the one that was accepted is
 * of no use any more. Its bytes go to `intake()`, into memory that was there before: a stream's own way, which makes a
 * buffer of 64 KiB for each read and cuts it to what came, makes most of the garbage of a large request. 'end', 'close'
 * and 'error' come as from any socket, 'data' does not.
 *
 * Node reads so on its own account only where it connects itself (`onread` of net.connect); for a connection that was
 * accepted there is no public way. What is used of node's insides: `_handle`, and that `new Socket` takes it.
 */
export function readInto(accepted: Socket, intake: () => SocketReader): Socket {
  // Node's types do not have it.
  const { _handle: handle } = accepted as unknown as { _handle: object | null };
  assert(handle !== null && handle !== undefined, 'an accepted connection without a handle');
  Object.assign(accepted, { _handle: null });
  accepted.destroy();
  return new Socket({
    handle,
    allowHalfOpen: accepted.allowHalfOpen,
    onread: {
      buffer: () => intake().room?.() ?? shared,
      callback(length, bytes) {
        intake().take((bytes as Buffer).subarray(0, length));
        return true;
      },
    },
  } as ConstructorParameters<typeof Socket>[0]);
}
