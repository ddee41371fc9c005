import type { AppendAnswer, RequestToken as Token } from '../../engine.ts';
import type { Clock } from '../../../support/clock.ts';
import type { Entry } from '../format/entries.ts';
import type { SegmentReaders } from '../read/sealed-segment.ts';
import { readHeadAt } from '../recover/scan.ts';
import { segmentPath } from '../read/segment-file.ts';
import { fingerprint, TOKEN_PLACE_BYTES, IdempotencyTable, type TokenPlace } from './idempotency-table.ts';

/** Answers repeats of requests from what was stored with them, or from the first one while it is under way. */
export class IdempotencyKeys {
  readonly #segments: SegmentReaders;
  readonly #clock: Clock;
  readonly #lifetimeMs: number;
  readonly #table: IdempotencyTable;
  readonly #underWay = new Map<string, Promise<AppendAnswer>>();

  constructor(options: {
    readonly segments: SegmentReaders;
    readonly clock: Clock;
    readonly lifetimeMs: number;
    readonly tokensMax: number;
  }) {
    this.#segments = options.segments;
    this.#clock = options.clock;
    this.#lifetimeMs = options.lifetimeMs;
    this.#table = new IdempotencyTable({ ...options, nowMs: options.clock.now() });
  }

  /** The first answer to this token; `store` makes one when there is none. A failed first is not remembered. */
  async once(token: Token, store: () => Promise<AppendAnswer>): Promise<AppendAnswer> {
    const key = keyOf(token);
    const underWay = this.#underWay.get(key);
    if (underWay !== undefined) return { ...(await underWay), repeated: true };
    const places = this.#table.find(fingerprint(token.id, token.digest));
    const answer =
      places.length === 0 ? store() : this.#stored(token, places).then((stored) => stored ?? store());
    this.#underWay.set(key, answer);
    try {
      return await answer;
    } finally {
      this.#underWay.delete(key);
    }
  }

  /** The answer to a request with this token; undefined when there was none. Rejects with one under way. */
  async recall(token: Token): Promise<AppendAnswer | undefined> {
    const underWay = this.#underWay.get(keyOf(token));
    if (underWay !== undefined) return { ...(await underWay), repeated: true };
    return await this.#stored(token, this.#table.find(fingerprint(token.id, token.digest)));
  }

  remember(token: Token, place: TokenPlace): void {
    this.#table.add(fingerprint(token.id, token.digest), place, this.#clock.now());
  }

  /** As TokenPlaces.toBytes gave them. */
  load(segment: number, places: Buffer): void {
    for (let at = 0; at < places.length; at += TOKEN_PLACE_BYTES) {
      const print = { low: places.readUInt32LE(at), high: places.readUInt32LE(at + 4) };
      this.#table.add(print, { segment, position: places.readUInt32LE(at + 8) }, this.#clock.now());
    }
  }

  async #stored(token: Token, places: readonly TokenPlace[]): Promise<AppendAnswer | undefined> {
    for (const place of places.toReversed()) {
      const entries = await this.#entriesAt(place);
      for (const entry of entries) {
        if (entry.kind !== 'token' || !same(entry.id, token.id) || !same(entry.digest, token.digest))
          continue;
        if (this.#clock.now() - entry.storedMs >= this.#lifetimeMs) continue;
        return { batches: entry.answers, repeated: true, note: entry.note };
      }
    }
    return undefined;
  }

  async #entriesAt(place: TokenPlace): Promise<readonly Entry[]> {
    // Segments with young tokens are neither removed nor rewritten: revision 0 is there.
    const path = segmentPath({ number: place.segment, revision: 0 });
    const entries = await this.#segments
      .withFile(path, (file) => readHeadAt((into, at) => file.read(into, at), place.segment, place.position))
      .catch(() => undefined);
    return entries ?? [];
  }
}

function keyOf({ id, digest }: Token): string {
  return `${Buffer.from(id).toString('latin1')}\n${Buffer.from(digest).toString('latin1')}`;
}

function same(a: Uint8Array, b: Uint8Array): boolean {
  return Buffer.compare(a, b) === 0;
}
