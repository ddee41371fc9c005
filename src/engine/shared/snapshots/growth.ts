/** Places of which the bytes before are remembered. */
const NOTES_MAX = 1000;

interface Note {
  readonly position: number;
  /** Of the frames that this process has applied up to there. */
  readonly bytes: number;
}

/** By how much the log has grown since a place, as far as this process has seen it; to the last note before it. */
export class GrowthOfLog {
  readonly #now: () => Note;
  #notes: Note[] = [];

  constructor(now: () => Note) {
    this.#now = now;
  }

  note(): void {
    this.#notes.push(this.#now());
    // The older ones serve only a snapshot that is long due.
    if (this.#notes.length > NOTES_MAX) this.#notes = this.#notes.filter((_, at) => at % 2 === 0);
  }

  since(position: number): number {
    const before = this.#notes.findLast((note) => note.position <= position);
    return this.#now().bytes - (before?.bytes ?? 0);
  }
}
