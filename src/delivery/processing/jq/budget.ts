/** A program exceeded its limits for a record. `try` does not catch it. */
export class JqBudgetError extends Error {
  override readonly name = 'JqBudgetError';
}

/**
 * The limits of a program for one record: steps, which also bound its memory, and the depth of its calls. Steps are
 * counted instead of time, so that a record has the same result in every attempt.
 */
export class Budget {
  readonly #stepsMax: number;
  readonly #depthMax: number;
  #steps = 0;
  #depth = 0;

  constructor(stepsMax: number, depthMax: number) {
    this.#stepsMax = stepsMax;
    this.#depthMax = depthMax;
  }

  reset(): void {
    this.#steps = 0;
    this.#depth = 0;
  }

  spend(steps: number): void {
    this.#steps += steps;
    if (this.#steps > this.#stepsMax) {
      throw new JqBudgetError(`The jq program takes more than ${this.#stepsMax} steps for the record.`);
    }
  }

  spendBytes(bytes: number): void {
    this.spend(1 + Math.floor(bytes / 64));
  }

  enter(): void {
    if (++this.#depth > this.#depthMax) {
      throw new JqBudgetError(`The jq program calls functions more than ${this.#depthMax} deep.`);
    }
  }

  leave(): void {
    this.#depth--;
  }
}
