import type { LogPlace, SharedFrame } from './shared-log.ts';

/**
 * The fence in the content of the log: which frames count, decided in their order. Every reader comes to the same
 * answer, whatever the store let a deposed owner write.
 */
export class ValidFrames {
  #term: number;

  constructor(from: Pick<LogPlace, 'term'>) {
    this.#term = from.term;
  }

  /** The highest term seen. */
  get term(): number {
    return this.#term;
  }

  /**
   * Whether the frame counts. One of a lower term does not, nor one of a term that no takeover began, nor a second
   * takeover of the same term. (A reader that begins within a term, at `from`, accepts its frames.)
   */
  accept({ kind, term }: Pick<SharedFrame, 'kind' | 'term'>, isFirst = false): boolean {
    if (kind === 'takeover') {
      // A reader that begins at a takeover knows its term already.
      if (term < this.#term || (term === this.#term && !isFirst)) return false;
      this.#term = term;
      return true;
    }
    return term === this.#term;
  }
}
