/**
 * Remembers the last reported reason of a retried operation, so that the log has one line when a problem starts, one
 * when it changes, and one when it is over, instead of a line for each attempt.
 */
export class TransitionLog {
  #reason: string | undefined;

  /** Records the reason. Returns false if it is the one that was reported last. */
  changed(reason: string): boolean {
    if (reason === this.#reason) return false;
    this.#reason = reason;
    return true;
  }

  /** Clears the reason. Returns true if there was one, so that the recovery is worth reporting. */
  cleared(): boolean {
    const wasSet = this.#reason !== undefined;
    this.#reason = undefined;
    return wasSet;
  }
}
