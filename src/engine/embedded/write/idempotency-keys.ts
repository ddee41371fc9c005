import type { AppendAnswer, IdempotencyKey } from '../../engine.ts';
import { DamagedDataError } from '../../../errors.ts';
import type { Clock } from '../../../support/clock.ts';
import { hasErrorCode } from '../../../support/errno.ts';
import type { Entry } from '../format/entries.ts';
import type { IdempotencyKeyEntry } from '../format/idempotency-key-entry.ts';
import type { SegmentReaders } from '../read/sealed-segment.ts';
import { readHeadAt } from '../recover/scan.ts';
import { segmentPath } from '../read/segment-file.ts';
import type { State } from '../state.ts';
import { fingerprint, type Fingerprint } from '../format/fingerprint.ts';
import { KEY_PLACE_BYTES, IdempotencyTable, type KeyPlace } from './idempotency-table.ts';

/** Answers repeated requests with the stored answer, or with that of the first request while it is in progress. */
export class IdempotencyKeys {
  readonly #segments: SegmentReaders;
  readonly #clock: Clock;
  readonly #lifetimeMs: number;
  readonly #state: State;
  readonly #table: IdempotencyTable;
  readonly #underWay = new Map<string, Promise<AppendAnswer>>();

  constructor(options: {
    readonly segments: SegmentReaders;
    readonly clock: Clock;
    readonly lifetimeMs: number;
    readonly idempotencyKeysMax: number;
    readonly state: State;
  }) {
    this.#state = options.state;
    this.#segments = options.segments;
    this.#clock = options.clock;
    this.#lifetimeMs = options.lifetimeMs;
    this.#table = new IdempotencyTable({ ...options, nowMs: options.clock.now() });
  }

  /**
   * Returns the first answer to a request with this key; calls `store` when there is none. A failed first request is
   * not remembered.
   */
  async once(key: IdempotencyKey, store: () => Promise<AppendAnswer>): Promise<AppendAnswer> {
    const name = nameOf(key);
    const underWay = this.#underWay.get(name);
    if (underWay !== undefined) return { ...(await underWay), repeated: true };
    const places = this.#table.find(fingerprint(key.id, key.digest));
    const answer =
      places.length === 0 ? store() : this.#stored(key, places).then((stored) => stored ?? store());
    this.#underWay.set(name, answer);
    try {
      return await answer;
    } finally {
      this.#underWay.delete(name);
    }
  }

  /** The answer to a request with this key; undefined when there was none. Rejects if a request in progress fails. */
  async recall(key: IdempotencyKey): Promise<AppendAnswer | undefined> {
    const underWay = this.#underWay.get(nameOf(key));
    if (underWay !== undefined) return { ...(await underWay), repeated: true };
    return await this.#stored(key, this.#table.find(fingerprint(key.id, key.digest)));
  }

  remember(print: Fingerprint, place: KeyPlace, nowMs: number = this.#clock.now()): void {
    this.#table.add(print, place, nowMs);
  }

  /** As returned by KeyPlaces.toBytes. */
  load(segment: number, places: Buffer): void {
    for (let at = 0; at < places.length; at += KEY_PLACE_BYTES) {
      const print = { low: places.readUInt32LE(at), high: places.readUInt32LE(at + 4) };
      this.#table.add(print, { segment, position: places.readUInt32LE(at + 8) }, this.#clock.now());
    }
  }

  /** The keys in a frame that a client may still repeat. */
  async recentAt(place: KeyPlace): Promise<IdempotencyKeyEntry[]> {
    const entries = await this.#entriesAt(place);
    return entries
      .filter((entry) => entry.kind === 'idempotencyKey')
      .filter((key) => this.#isRecent(key, place));
  }

  #isRecent({ storedMs }: IdempotencyKeyEntry, { segment }: KeyPlace): boolean {
    const isOld = this.#clock.now() - storedMs >= this.#lifetimeMs;
    return !isOld || this.#state.hasRecentKeys(segment, this.#lifetimeMs);
  }

  async #stored(key: IdempotencyKey, places: readonly KeyPlace[]): Promise<AppendAnswer | undefined> {
    for (const place of places.toReversed()) {
      const entries = await this.#entriesAt(place);
      for (const entry of entries) {
        if (entry.kind !== 'idempotencyKey' || !same(entry.id, key.id) || !same(entry.digest, key.digest))
          continue;
        if (!this.#isRecent(entry, place)) continue;
        return { batches: entry.answers, repeated: true, flags: entry.flags };
      }
    }
    return undefined;
  }

  async #entriesAt(place: KeyPlace): Promise<readonly Entry[]> {
    // Segments with recent keys are neither removed nor rewritten, so their revision is 0.
    const path = segmentPath({ number: place.segment, revision: 0 });
    try {
      const entries = await this.#segments.withFile(path, (file) =>
        readHeadAt((into, at) => file.read(into, at), place.segment, place.position),
      );
      if (entries !== undefined) return entries;
    } catch (error) {
      // The segment was removed because its keys have expired.
      if (hasErrorCode(error, 'ENOENT')) return [];
      throw error;
    }
    // Treated as a new request, a repeat would be stored twice.
    throw new DamagedDataError(
      `Stored data is damaged: the commit at byte ${place.position} of ${path}. ` +
        'It is unknown whether this request was stored before.',
    );
  }
}

function nameOf({ id, digest }: IdempotencyKey): string {
  return `${Buffer.from(id).toString('latin1')}\n${Buffer.from(digest).toString('latin1')}`;
}

function same(a: Uint8Array, b: Uint8Array): boolean {
  return Buffer.compare(a, b) === 0;
}
