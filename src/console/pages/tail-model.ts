import { signal } from '@preact/signals';
import type { RecordRow } from '../record-row.ts';
import { subscribe } from './live.ts';

/** Where the server skipped records because the page could not keep up. */
export interface Gap {
  readonly shard: string;
  readonly skipped: number;
}

export type Line = (RecordRow & { readonly gap?: undefined }) | { readonly gap: Gap; readonly id: number };

export interface TailQuery {
  readonly stream: string;
  readonly from: 'latest' | 'oldest' | { readonly timeMs: number } | { readonly sequenceNumber: string };
  readonly shards: readonly string[];
  readonly filter: string;
}

export interface Progress {
  readonly scanned: number;
  readonly matched: number;
  readonly bytes: number;
  readonly elapsedMs: number;
  readonly errors: number;
  readonly skipped: number;
  /** Why a search stopped: `end`, `matches`, `bytes`, `time`. */
  readonly done: string | undefined;
}

interface TailMessage {
  readonly startedMs?: number;
  readonly rows?: readonly RecordRow[];
  readonly positions?: Readonly<Record<string, string>>;
  readonly skipped?: Readonly<Record<string, number>>;
  readonly scanned?: number;
  readonly matched?: number;
  readonly bytes?: number;
  readonly elapsedMs?: number;
  readonly errors?: number;
  readonly done?: string;
  readonly ended?: { readonly reason: string; readonly message?: string };
}

export const LINES_MAX = 2000;
const NOTHING: Progress = {
  scanned: 0,
  matched: 0,
  bytes: 0,
  elapsedMs: 0,
  errors: 0,
  skipped: 0,
  done: undefined,
};

/** The records that a page shows: the last ones of a live stream, newest first, or those from a position on. */
export class TailModel {
  readonly query: TailQuery;
  readonly isLive: boolean;
  /** Changes once a frame. */
  readonly version = signal(0);
  readonly isPaused = signal(false);
  readonly problem = signal<string | undefined>(undefined);
  readonly progress = signal<Progress>(NOTHING);
  /** Newest last. */
  lines: Line[] = [];
  /** Lines that were added since the list was drawn, for its scroll position. */
  added = 0;
  #positions: Record<string, string> = {};
  /** What earlier runs have counted: those before a pause, and before a connection was lost. */
  #before: Progress = NOTHING;
  #startedMs: number | undefined;
  #stop: (() => void) | undefined;
  #gaps = 0;
  #isFrameDue = false;

  constructor(query: TailQuery) {
    this.query = query;
    this.isLive = query.from === 'latest';
    this.#start();
  }

  pause(): void {
    if (!this.isLive || this.isPaused.value) return;
    this.isPaused.value = true;
    this.close();
  }

  /** Goes on behind the last record that arrived. */
  resume(): void {
    if (!this.isPaused.value) return;
    this.isPaused.value = false;
    this.#start();
  }

  /** Goes on with a search that has stopped at its budget. */
  more(): void {
    this.close();
    this.#start();
  }

  close(): void {
    this.#stop?.();
    this.#stop = undefined;
  }

  #start(): void {
    this.problem.value = undefined;
    const { stream, from, shards, filter } = this.query;
    const request = {
      topic: 'records',
      stream,
      from,
      shards,
      filter,
      follow: this.isLive,
      after: this.#positions,
    };
    this.#stop = subscribe(request, {
      message: (message) => this.#receive(message),
      refused: (_code, text) => (this.problem.value = text),
    });
  }

  #receive(message: TailMessage): void {
    if (message.ended !== undefined) {
      if (message.ended.reason !== 'done') this.problem.value = message.ended.message;
      return;
    }
    if (message.startedMs !== this.#startedMs) {
      this.#startedMs = message.startedMs;
      this.#before = this.progress.value;
    }
    let skipped = 0;
    for (const [shard, count] of Object.entries(message.skipped ?? {})) {
      skipped += count;
      this.#add({ gap: { shard, skipped: count }, id: ++this.#gaps });
    }
    for (const row of message.rows ?? []) this.#add(row);
    Object.assign(this.#positions, message.positions);
    this.#count(message, skipped);
    this.#draw();
  }

  #count(
    { scanned = 0, matched = 0, bytes = 0, elapsedMs = 0, errors = 0, done }: TailMessage,
    skipped: number,
  ): void {
    const before = this.#before;
    this.progress.value = {
      scanned: before.scanned + scanned,
      matched: before.matched + matched,
      bytes: before.bytes + bytes,
      elapsedMs: before.elapsedMs + elapsedMs,
      errors: before.errors + errors,
      skipped: this.progress.value.skipped + skipped,
      done,
    };
  }

  #add(line: Line): void {
    this.lines.push(line);
    this.added++;
    if (this.lines.length > LINES_MAX * 1.25) this.lines.splice(0, this.lines.length - LINES_MAX);
  }

  #draw(): void {
    if (this.#isFrameDue) return;
    this.#isFrameDue = true;
    // A tab in the background has no frames; it must not collect without end.
    const next = document.hidden ? (run: () => void) => setTimeout(run, 250) : requestAnimationFrame;
    next(() => {
      this.#isFrameDue = false;
      if (this.lines.length > LINES_MAX) this.lines.splice(0, this.lines.length - LINES_MAX);
      this.version.value++;
    });
  }
}
