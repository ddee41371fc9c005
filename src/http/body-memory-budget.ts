/**
 * The memory budget for all request bodies. When it is used up, requests are refused: with a slow disk, responses are
 * late but memory does not grow.
 */
export class BodyMemoryBudget {
  readonly #bytesMax: number;
  #bytes = 0;

  constructor(bytesMax: number) {
    this.#bytesMax = bytesMax;
  }

  /** Returns the reservation of one request, to be freed when it has been answered. */
  share(): BodyReservation {
    return new BodyReservation(this);
  }

  fits(bytes: number): boolean {
    return this.#bytes + bytes <= this.#bytesMax;
  }

  /** Returns false when the budget has no room for this many bytes. */
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
