/** A gate that holders can close; it opens when the last holder has released it. */
export class PauseGate {
  #held = 0;
  #opening = Promise.withResolvers<void>();

  /** Closes the gate. The returned function releases it, once. */
  pause(): () => void {
    this.#held++;
    let holding = true;
    return () => {
      if (!holding) return;
      holding = false;
      this.#held--;
      if (this.#held > 0) return;
      this.#opening.resolve();
      this.#opening = Promise.withResolvers();
    };
  }

  /** Resolves when the gate is open. */
  async wait(): Promise<void> {
    while (this.#held > 0) await this.#opening.promise;
  }
}
