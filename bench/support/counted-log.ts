import type {
  AppendedKind,
  LogPlace,
  OwnerInfo,
  SharedFrame,
  SharedLog,
} from '../../src/engine/shared/shared-log.ts';

/** A shared log that counts what is appended to it. */
export class CountedLog implements SharedLog {
  readonly #log: SharedLog;
  frames = 0;
  bytes = 0;

  constructor(log: SharedLog) {
    this.#log = log;
  }

  forget(): void {
    this.frames = 0;
    this.bytes = 0;
  }

  append(kind: AppendedKind, payload: readonly Uint8Array[]): Promise<number> {
    this.frames++;
    for (const { length } of payload) this.bytes += length;
    return this.#log.append(kind, payload);
  }

  takeOver(owner: OwnerInfo, seen: LogPlace): Promise<LogPlace> {
    return this.#log.takeOver(owner, seen);
  }

  follow(from: LogPlace, signal: AbortSignal): AsyncIterable<readonly SharedFrame[]> {
    return this.#log.follow(from, signal);
  }

  bounds(): Promise<{ readonly first: number; readonly next: number }> {
    return this.#log.bounds();
  }

  trim(before: number): Promise<void> {
    return this.#log.trim(before);
  }

  close(): Promise<void> {
    return this.#log.close();
  }
}
