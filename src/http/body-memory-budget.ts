/**
 * What all bodies held in memory may take together. Past it requests are refused instead of taken in: when the disk
 * is slow, answers come late and memory does not grow.
 */
export class BodyMemoryBudget {
  readonly #bytesMax: number;
  #bytes = 0;

  constructor(bytesMax: number) {
    this.#bytesMax = bytesMax;
  }

  /** A request's share, to be freed when it is answered. */
  share(): BodyReservation {
    return new BodyReservation(this);
  }

  fits(bytes: number): boolean {
    return this.#bytes + bytes <= this.#bytesMax;
  }

  /** False when there is no room for so many more. */
  take(bytes: number): boolean {
    if (!this.fits(bytes)) return false;
    this.#bytes += bytes;
    return true;
  }

  give(bytes: number): void {
    this.#bytes -= bytes;
  }
}

export class BodyReservation {
  readonly #room: BodyMemoryBudget;
  #bytes = 0;

  constructor(room: BodyMemoryBudget) {
    this.#room = room;
  }

  fits(bytes: number): boolean {
    return this.#room.fits(bytes);
  }

  take(bytes: number): boolean {
    const taken = this.#room.take(bytes);
    if (taken) this.#bytes += bytes;
    return taken;
  }

  free(): void {
    this.#room.give(this.#bytes);
    this.#bytes = 0;
  }
}
