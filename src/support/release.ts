/** Below that, buffers share their memory with others, or it is too little to matter. */
const BYTES_MIN = Math.max(16 * 1024, Buffer.poolSize + 1);

/**
 * Gives the memory of a large buffer back at once. Left to the collector of garbage, which is called for by so many
 * bytes outside of its heap, it costs up to a third of the server's time when requests or answers are large.
 *
 * The buffer must be nobody else's: whoever still looks at it, or at a part of it, sees an empty one. A buffer that is
 * but a part of its memory is left alone.
 */
export function release(buffer: Uint8Array): void {
  if (buffer.byteLength === buffer.buffer.byteLength) releaseMemoryOf(buffer);
}

/** The same with all of the memory of which the buffer is a part. */
export function releaseMemoryOf({ buffer: memory }: Uint8Array): void {
  if (memory.byteLength >= BYTES_MIN && memory instanceof ArrayBuffer) memory.transfer(0);
}
