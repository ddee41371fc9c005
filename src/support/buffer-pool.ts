/**
 * The smallest pooled size; the others are this size doubled again and again. Smaller buffers are cheap to allocate.
 */
const BYTES_MIN = 8 * 1024;
const BYTES_MAX = 4 * 1024 * 1024;
/** The total kept in the pool. */
const KEPT_BYTES_MAX = 8 * 1024 * 1024;

const kept = new Map<number, ArrayBuffer[]>();
let keptBytes = 0;
const pooled = new WeakSet<ArrayBufferLike>();

/**
 * Returns an uninitialized buffer. Large memory is pooled: garbage collection, which external memory triggers, costs
 * up to a third of the server's time when requests or responses are large. Call `releaseBuffer` when you are done
 * with the buffer; a buffer that is not released is collected as usual.
 */
export function acquireBuffer(bytes: number): Buffer {
  if (bytes < BYTES_MIN) return Buffer.allocUnsafe(bytes);
  const size = sizeFor(bytes);
  const memory = kept.get(size)?.pop();
  if (memory !== undefined) keptBytes -= size;
  return fromPool(memory ?? Buffer.allocUnsafeSlow(size).buffer, bytes);
}

function fromPool(memory: ArrayBuffer, bytes: number): Buffer {
  pooled.add(memory);
  return Buffer.from(memory, 0, bytes);
}

/**
 * Returns the memory behind the buffer to the pool. Nothing else may use that memory: every view of it becomes an
 * empty buffer. Does nothing for memory that is not from the pool.
 */
export function releaseBuffer({ buffer: memory }: Uint8Array): void {
  if (!(memory instanceof ArrayBuffer) || !pooled.delete(memory)) return;
  const size = memory.byteLength;
  if (size > BYTES_MAX || keptBytes + size > KEPT_BYTES_MAX) return void memory.transfer(0);
  const moved = memory.transfer();
  const same = kept.get(size);
  if (same === undefined) kept.set(size, [moved]);
  else same.push(moved);
  keptBytes += size;
}

/**
 * Detaches the memory of a pooled buffer so that it can be moved to another thread; after the move the buffer is
 * unusable here. Returns undefined for a buffer that is not from the pool, whose memory other buffers may share.
 */
export function detachBuffer({ buffer: memory }: Uint8Array): ArrayBuffer | undefined {
  return memory instanceof ArrayBuffer && pooled.delete(memory) ? memory : undefined;
}

/** Like `detachBuffer`, for any buffer: memory that cannot be moved is copied. */
export function transferable(buffer: Uint8Array): ArrayBuffer {
  return detachBuffer(buffer) ?? new Uint8Array(buffer).buffer;
}

/** Makes a pooled buffer of memory that another thread has moved here. */
export function adoptBuffer(memory: ArrayBuffer, bytes: number): Buffer {
  // Memory of any other size would never be reused.
  if (sizeFor(memory.byteLength) === memory.byteLength) pooled.add(memory);
  return Buffer.from(memory, 0, bytes);
}

function sizeFor(bytes: number): number {
  // A buffer larger than the whole pool gets exactly the size that was requested.
  return bytes > BYTES_MAX ? bytes : 2 ** Math.ceil(Math.log2(Math.max(bytes, BYTES_MIN)));
}
