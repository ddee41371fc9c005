/** What the object of a list log says of itself, in the metadata that each write changes with the content. */
const LINES_KEY = 'nagare-lines';
const NEWLINE = 0x0a;

export interface ListLogReport {
  readonly bytes: number;
  /** In the object. */
  readonly lines: number;
  /** Lines that the list log has written; undefined if the object does not say. */
  readonly written: number | undefined;
  readonly problems: readonly string[];
}

/** Checks the object of a list log while it is read: whether it is whole, and has the lines that were written. */
export class ListLogCheck {
  readonly #total: number;
  readonly #written: number | undefined;
  #bytes = 0;
  #lines = 0;
  #last = NEWLINE;

  /** `metadata`: the user metadata of the answer whose body is checked, without `x-amz-meta-`. */
  constructor(totalBytes: number, metadata: Readonly<Record<string, string>>) {
    this.#total = totalBytes;
    const written = Number(metadata[LINES_KEY]?.split(';')[0] ?? NaN);
    this.#written = Number.isSafeInteger(written) ? written : undefined;
  }

  get bytes(): number {
    return this.#bytes;
  }

  add(chunk: Uint8Array): void {
    if (chunk.length === 0) return;
    this.#bytes += chunk.length;
    for (let at = chunk.indexOf(NEWLINE); at >= 0; at = chunk.indexOf(NEWLINE, at + 1)) this.#lines++;
    this.#last = chunk[chunk.length - 1] ?? NEWLINE;
  }

  report(): ListLogReport {
    const problems: string[] = [];
    if (this.#bytes !== this.#total) problems.push(`${this.#bytes} of ${this.#total} bytes could be read`);
    if (this.#last !== NEWLINE) problems.push('the last line has no end');
    if (this.#written === undefined) problems.push('the object does not say what was written to it');
    else if (this.#lines < this.#written)
      problems.push(`${this.#written} lines were written, and ${this.#lines} are there`);
    return { bytes: this.#bytes, lines: this.#lines, written: this.#written, problems };
  }
}

/** `3 lines, 1 of them from before the list log` */
export function describeReport({ lines, written = 0 }: ListLogReport): string {
  const earlier = lines - written;
  return earlier <= 0 ? `${lines} lines` : `${lines} lines, ${earlier} of them from before the list log`;
}
