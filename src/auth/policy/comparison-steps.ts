/** Decisions take too long, and so are given up: the policy or the values of the request are made for that. */
export class TooManyStepsError extends Error {
  override readonly name = 'TooManyStepsError';
}

/**
 * The steps that comparisons with policies may still take. A pattern with wildcards can take as many as the product of
 * its length and that of the value, and those who write the one may send the other.
 */
export class ComparisonSteps {
  #left: number;

  constructor(max: number) {
    this.#left = max;
  }

  get left(): number {
    return this.#left;
  }

  get areExceeded(): boolean {
    return this.#left < 0;
  }

  /** Throws TooManyStepsError. */
  spend(steps: number): void {
    this.#left -= steps;
    if (this.#left < 0) throw new TooManyStepsError();
  }
}
