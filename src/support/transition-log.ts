/** What was told last of something that goes on being tried: so that it is told when it comes and when it changes. */
export class TransitionLog {
  #reason: string | undefined;

  /** False when that was told last. */
  changed(reason: string): boolean {
    if (reason === this.#reason) return false;
    this.#reason = reason;
    return true;
  }

  /** It is over; true when it had been told. */
  cleared(): boolean {
    const told = this.#reason !== undefined;
    this.#reason = undefined;
    return told;
  }
}
