/** Sizes in which memory is kept: this and its doubles. What is smaller is allotted fast, and too little to matter. */
const BYTES_MIN = 32 * 1024;
const BYTES_MAX = 4 * 1024 * 1024;
/** In all. */
const KEPT_BYTES_MAX = 8 * 1024 * 1024;

const kept = new Map<number, ArrayBuffer[]>();
let keptBytes = 0;
const lent = new WeakSet<ArrayBufferLike>();

/**
 * A buffer whose bytes may be anything. Large memory is used again: left to the collector of garbage, which is called
 * for by so many bytes outside of its heap, it costs up to a third of the server's time when requests or answers are
 * large. Who is done with the buffer may say so by `giveBack`, and need not.
 */
export function acquireBuffer(bytes: number): Buffer {
  if (bytes < BYTES_MIN) return Buffer.allocUnsafe(bytes);
  const size = sizeFor(bytes);
  const memory = kept.get(size)?.pop();
  if (memory !== undefined) keptBytes -= size;
  return lend(memory ?? Buffer.allocUnsafeSlow(size).buffer, bytes);
}

function lend(memory: ArrayBuffer, bytes: number): Buffer {
  lent.add(memory);
  return Buffer.from(memory, 0, bytes);
}

/**
 * Gives all memory of which the buffer is a part to the next who needs some. It must be nobody else's: whoever still
 * looks at any part of it sees an empty buffer from now on. What was not borrowed is left alone.
 */
export function releaseBuffer({ buffer: memory }: Uint8Array): void {
  if (!(memory instanceof ArrayBuffer) || !lent.delete(memory)) return;
  const size = memory.byteLength;
  if (size > BYTES_MAX || keptBytes + size > KEPT_BYTES_MAX) return void memory.transfer(0);
  const moved = memory.transfer();
  const same = kept.get(size);
  if (same === undefined) kept.set(size, [moved]);
  else same.push(moved);
  keptBytes += size;
}

/**
 * The memory of a borrowed buffer, for another thread: here it is gone once it has been moved. Undefined for a buffer
 * that was not borrowed, whose memory may be others' as well.
 */
export function detachBuffer({ buffer: memory }: Uint8Array): ArrayBuffer | undefined {
  return memory instanceof ArrayBuffer && lent.delete(memory) ? memory : undefined;
}

/** The same of any buffer: what cannot be moved is copied. */
export function transferable(buffer: Uint8Array): ArrayBuffer {
  return detachBuffer(buffer) ?? new Uint8Array(buffer).buffer;
}

/** Memory that was moved here by another thread, as a buffer that was borrowed here. */
export function adoptBuffer(memory: ArrayBuffer, bytes: number): Buffer {
  // What is of another size would never be lent again.
  if (sizeFor(memory.byteLength) === memory.byteLength) lent.add(memory);
  return Buffer.from(memory, 0, bytes);
}

function sizeFor(bytes: number): number {
  // What is larger than all that is kept is of the size that is asked for.
  return bytes > BYTES_MAX ? bytes : 2 ** Math.ceil(Math.log2(Math.max(bytes, BYTES_MIN)));
}
