/** Open, unless somebody holds it shut; several may at once, and it opens when the last of them lets go. */
export class PauseGate {
  #held = 0;
  #opening = Promise.withResolvers<void>();

  /** Shuts it; the function given lets go (once, however often it is called). */
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

  /** Resolves when it is open. */
  async wait(): Promise<void> {
    while (this.#held > 0) await this.#opening.promise;
  }
}
