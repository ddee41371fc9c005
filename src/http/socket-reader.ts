import assert from 'node:assert/strict';
import { Socket } from 'node:net';

/** Gets the bytes of a connection. */
export interface SocketReader {
  /** The bytes are only valid during this call: copy what you keep. */
  take(bytes: Buffer): void;
  /**
   * Where the next bytes should be written; undefined if it does not matter. Nothing else may write there until they
   * arrive.
   */
  room?(): Buffer | undefined;
}

/** All connections read into this buffer: `take` has consumed one read before the next one starts. */
const shared = Buffer.allocUnsafeSlow(64 * 1024);

/**
 * Returns a socket that reads a connection which was accepted with `pauseOnConnect`; the accepted socket must not be
 * used any more. Bytes go to `intake()`, into existing memory: a stream allocates 64 KiB for each read and slices it,
 * which causes most of the garbage of a large request. 'end', 'close' and 'error' are emitted as by any socket,
 * 'data' is not.
 *
 * Node offers this (`onread` of net.connect) only for outgoing connections. For accepted ones there is no public API,
 * so this uses the internal `_handle`, and that `new Socket` accepts it.
 */
export function readInto(accepted: Socket, intake: () => SocketReader): Socket {
  // Internal, so Node's types do not have it.
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
