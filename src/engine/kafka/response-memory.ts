/** A response may take so many times its size of the memory that is used again. */
const SLACK = 4;

/**
 * Memory for responses that follow each other, where each is done with before the next comes: fresh memory for each costs
 * the system's pages and a garbage collection every few responses. What much larger ones have used is given up.
 */
export class ResponseMemory {
  #bytes: Buffer = Buffer.alloc(0);

  /** Memory of this length. What was in it before is overwritten. */
  take(length: number): Buffer {
    const isFit = length <= this.#bytes.length && this.#bytes.length <= length * SLACK;
    if (!isFit) this.#bytes = Buffer.allocUnsafeSlow(length);
    return this.#bytes.subarray(0, length);
  }
}
