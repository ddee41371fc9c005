import type { RefusedRecord } from '../../../delivery/destination.ts';

/** Records that a delivery stream has written to its error output since the server started, and why the last one was. */
export class Refusals {
  #records = 0;
  #last: { readonly code: string; readonly message: string; readonly timeMs: number } | undefined;

  add(refused: readonly RefusedRecord[], nowMs: number): void {
    const last = refused.at(-1);
    if (last === undefined) return;
    this.#records += refused.length;
    this.#last = { code: last.errorCode, message: last.errorMessage, timeMs: nowMs };
  }

  /** Undefined if there were none. */
  get known() {
    return this.#last && { records: this.#records, last: this.#last };
  }
}
