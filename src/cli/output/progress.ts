import type { Terminal } from '../terminal.ts';
import { bytesText, durationText, numberText } from './units.ts';

const SHOWN_AFTER_MS = 1000;
const EVERY_MS = 200;

export interface ProgressOptions {
  /** How much there is to do, if that is known from the start. */
  readonly total?: number | undefined;
  /** How long it will take, if that is known. */
  readonly forMs?: number;
  /** What comes first on the line. */
  readonly what?: string;
  readonly quiet?: boolean;
}

/**
 * One line on standard error that says how far a command is, at which rate, and how long it will take, once it has taken
 * a second, if a person sees it.
 */
export class Progress {
  readonly #terminal: Terminal;
  readonly #unit: string;
  readonly #options: ProgressOptions;
  readonly #isQuiet: boolean;
  readonly #beganMs = performance.now();
  #total: number | undefined;
  #shownMs = 0;
  #done = 0;
  /** What was done before this began. */
  #before = 0;

  /** `unit`: what is counted, in the plural. */
  constructor(terminal: Terminal, unit: string, options: ProgressOptions = {}) {
    this.#terminal = terminal;
    this.#unit = unit;
    this.#options = options;
    this.#total = options.total;
    this.#isQuiet = options.quiet === true || !terminal.showsErrors;
  }

  get done(): number {
    return this.#done;
  }

  get elapsedMs(): number {
    return performance.now() - this.#beganMs;
  }

  /** So much was done before: it counts, but not for the rate. */
  begin(before: number): void {
    this.#before = before;
    this.#done = before;
  }

  /** How much there is to do, once that is known, or known better. */
  expect(total: number): void {
    this.#total = total;
  }

  add(count: number, details = ''): void {
    this.#done += count;
    if (this.#isQuiet) return;
    const elapsedMs = this.elapsedMs;
    if (elapsedMs < SHOWN_AFTER_MS || elapsedMs - this.#shownMs < EVERY_MS) return;
    this.#shownMs = elapsedMs;
    this.#terminal.rewrite(this.#line(elapsedMs, details));
  }

  /** Removes the line. */
  end(): void {
    if (this.#shownMs > 0) this.#terminal.rewrite('');
  }

  #line(elapsedMs: number, details: string): string {
    const { what, forMs } = this.#options;
    const perSecond = ((this.#done - this.#before) / elapsedMs) * 1000;
    const parts = [this.#counted(this.#done), `${this.#amount(perSecond)}/s`];
    if (forMs !== undefined) parts.push(`${durationText(Math.max(0, forMs - elapsedMs))} left`);
    else if (this.#total !== undefined && perSecond > 0) {
      const restMs = Math.max(0, ((this.#total - this.#done) / perSecond) * 1000);
      const percent = Math.min(100, Math.floor((this.#done / this.#total) * 100));
      parts.push(`${percent} %`, `${durationText(restMs)} left`);
    }
    if (details !== '') parts.push(details);
    return `${what === undefined ? '' : `${what}: `}${parts.join(', ')}`;
  }

  #counted(count: number): string {
    return this.#unit === 'bytes' ? bytesText(count) : `${numberText(count)} ${this.#unit}`;
  }

  #amount(perSecond: number): string {
    return this.#unit === 'bytes' ? bytesText(Math.round(perSecond)) : numberText(perSecond);
  }
}
