import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import {
  DeposedError,
  LOG_START,
  TrimmedError,
  type LogPlace,
  type SharedFrame,
  type SharedLog,
} from '../../../src/engine/shared/shared-log.ts';
import { runSeed, seededRandom } from '../../support/random.ts';
import { copied } from './memory-log.ts';

/** One log, as several processes open it. */
export interface LogStore {
  open(): Promise<SharedLog>;
}

const owner = { url: 'http://127.0.0.1:4566', version: '0.1.0' };

/** What every implementation of the shared log promises. */
export function logContract(name: string, newStore: (t: TestContext) => Promise<LogStore>): void {
  const check = (what: string, run: (store: LogStore, t: TestContext) => Promise<void>): void => {
    test(`${name}: ${what}`, async (t) => run(closing(t, await newStore(t)), t));
  };

  check('an empty log is taken over with term 1, and tells who owns it', async (store) => {
    const log = await store.open();
    const { first, next } = await log.bounds();
    assert.equal(first, next);
    const place = await log.takeOver(owner, LOG_START);
    assert.equal(place.term, 1);
    const [frame] = await framesUpTo(log, LOG_START, place.position);
    assert.deepEqual(
      [frame?.kind, frame?.term, frame?.position, frame?.owner],
      ['takeover', 1, place.position, owner],
    );
  });

  check('frames are stored in the order of the calls, whether these overlap or not', async (store) => {
    const log = await store.open();
    const place = await log.takeOver(owner, LOG_START);
    const texts = Array.from({ length: 20 }, (_, index) => `frame ${index}`);
    const positions = await Promise.all(texts.map((text) => append(log, text)));
    positions.push(await append(log, 'last'));
    assert.deepEqual(
      positions,
      positions.toSorted((a, b) => a - b),
    );
    assert.equal(new Set(positions).size, 21);
    assert.ok((positions[0] ?? 0) > place.position);
    const found = await framesUpTo(log, LOG_START, positions.at(-1) ?? 0);
    assert.deepEqual(textsOf(found), [...texts, 'last']);
    assert.deepEqual(
      found.slice(1).map(({ position }) => position),
      positions,
    );
    assert.ok((await log.bounds()).next > (positions.at(-1) ?? 0));
  });

  check('the pieces of a payload are stored as one, empty and large ones too', async (store) => {
    const log = await store.open();
    await log.takeOver(owner, LOG_START);
    const large = Buffer.alloc(3 * 1024 * 1024, 'abcdefg');
    await log.append('heartbeat', []);
    await log.append('commit', [Buffer.from('a'), Buffer.alloc(0), Buffer.from('bc')]);
    await log.append('commit', [large, Buffer.from('end')]);
    const last = await log.append('handover', []);
    const found = await framesUpTo(log, LOG_START, last);
    assert.deepEqual(
      found.map(({ kind }) => kind),
      ['takeover', 'heartbeat', 'commit', 'commit', 'handover'],
    );
    assert.equal(found[1]?.payload.length, 0);
    assert.equal(textOf(found[2]), 'abc');
    assert.ok(Buffer.concat([large, Buffer.from('end')]).equals(Buffer.from(found[3]?.payload ?? [])));
  });

  check('a process that never took over appends nothing', async (store) => {
    const [log, other] = [await store.open(), await store.open()];
    const { position } = await log.takeOver(owner, LOG_START);
    await assert.rejects(append(other, 'x'), DeposedError);
    const last = await append(log, 'y');
    assert.deepEqual(textsOf(await framesUpTo(log, LOG_START, last)), ['y']);
    assert.ok(last > position);
  });

  check('an owner that was replaced is refused, and nothing of it counts any more', async (store) => {
    const [first, second] = [await store.open(), await store.open()];
    const one = await first.takeOver(owner, LOG_START);
    const kept = await append(first, 'kept');
    const two = await second.takeOver({ ...owner, url: 'http://127.0.0.1:4567' }, { ...one, position: kept });
    assert.equal(two.term, 2);
    const late = [append(first, 'late 1'), append(first, 'late 2')];
    for (const appended of late) await assert.rejects(appended, DeposedError);
    await assert.rejects(append(first, 'late 3'), DeposedError);
    const last = await append(second, 'new');
    const found = await framesUpTo(first, LOG_START, last);
    assert.deepEqual(textsOf(found), ['kept', 'new']);
    assert.deepEqual(
      found.map(({ term }) => term),
      [1, 1, 2, 2],
    );
    assert.equal(found[2]?.owner?.url, 'http://127.0.0.1:4567');
  });

  check('an owner that was replaced can take over again', async (store) => {
    const [first, second] = [await store.open(), await store.open()];
    const one = await first.takeOver(owner, LOG_START);
    const two = await second.takeOver(owner, one);
    await assert.rejects(append(first, 'late'), DeposedError);
    const three = await first.takeOver(owner, two);
    assert.equal(three.term, 3);
    await assert.rejects(append(second, 'late'), DeposedError);
    const last = await append(first, 'again');
    assert.deepEqual(textsOf(await framesUpTo(second, LOG_START, last)), ['again']);
  });

  check('of several that take over at once, one succeeds', async (store) => {
    const logs = await Promise.all(Array.from({ length: 4 }, () => store.open()));
    let place: LogPlace = LOG_START;
    for (let round = 0; round < 3; round++) {
      const seen = place;
      const outcomes = await Promise.allSettled(logs.map((log) => log.takeOver(owner, seen)));
      const winners = outcomes.flatMap((outcome, index) =>
        outcome.status === 'fulfilled' ? [{ log: logs[index], place: outcome.value }] : [],
      );
      for (const outcome of outcomes) {
        if (outcome.status === 'rejected') assert.ok(outcome.reason instanceof DeposedError, outcome.reason);
      }
      assert.equal(winners.length, 1);
      place = winners[0]?.place ?? LOG_START;
      assert.equal(place.term, seen.term + 1);
      const owning = winners[0]?.log;
      for (const log of logs) if (log !== owning) await assert.rejects(append(log, 'x'), DeposedError);
      assert.ok(owning);
      const last = await append(owning, `round ${round}`);
      assert.equal(textOf((await framesUpTo(owning, place, last)).at(-1)), `round ${round}`);
    }
  });

  check('a process that has not seen the newest term does not take over', async (store) => {
    const [first, second] = [await store.open(), await store.open()];
    const one = await first.takeOver(owner, LOG_START);
    const two = await first.takeOver(owner, one);
    await assert.rejects(second.takeOver(owner, one), DeposedError);
    await assert.rejects(second.takeOver(owner, LOG_START), DeposedError);
    assert.equal((await second.takeOver(owner, two)).term, 3);
  });

  check('a new process finds everything, and takes over from what it has read', async (store) => {
    const first = await store.open();
    await first.takeOver(owner, LOG_START);
    const last = await append(first, 'before');
    await first.close();
    const second = await store.open();
    const seen = (await framesUpTo(second, LOG_START, last)).at(-1);
    assert.ok(seen);
    const place = await second.takeOver(owner, seen);
    assert.equal(place.term, 2);
    const after = await append(second, 'after');
    assert.deepEqual(textsOf(await framesUpTo(second, LOG_START, after)), ['before', 'after']);
  });

  check('a reader gets each new frame, from any position, and ends when it is stopped', async (store) => {
    const [log, standby] = [await store.open(), await store.open()];
    const place = await log.takeOver(owner, LOG_START);
    const stop = new AbortController();
    const read: string[] = [];
    const news = new EventTarget();
    const reading = (async () => {
      for await (const frame of eachFrame(standby.follow(LOG_START, stop.signal))) {
        read.push(frame.kind === 'takeover' ? 'takeover' : textOf(frame));
        news.dispatchEvent(new Event('frame'));
      }
    })();
    const positions: number[] = [];
    for (let index = 0; index < 5; index++) {
      positions.push(await append(log, `${index}`));
      while (read.at(-1) !== `${index}`) {
        await new Promise((resolve) => news.addEventListener('frame', resolve, { once: true }));
      }
    }
    stop.abort();
    await reading;
    assert.deepEqual(read, ['takeover', '0', '1', '2', '3', '4']);
    const middle = { term: place.term, position: positions[2] ?? 0 };
    assert.deepEqual(textsOf(await framesUpTo(standby, middle, positions[4] ?? 0)), ['2', '3', '4']);
    const aborted = standby.follow(middle, AbortSignal.abort());
    for await (const frame of eachFrame(aborted)) assert.fail(`read position ${frame.position}`);
  });

  check('what was trimmed is refused, and what follows is read', async (store) => {
    const [log, other] = [await store.open(), await store.open()];
    await log.takeOver(owner, LOG_START);
    const positions: number[] = [];
    for (let index = 0; index < 60; index++) positions.push(await append(log, `${index}`));
    const before = positions[30] ?? 0;
    await log.trim(before);
    const { first } = await other.bounds();
    assert.ok(first > 0 && first <= before, `the log begins at ${first}`);
    await assert.rejects(framesUpTo(other, LOG_START, positions[59] ?? 0), (error) => {
      assert.ok(error instanceof TrimmedError, String(error));
      assert.equal(error.first, first);
      return true;
    });
    const left = await framesUpTo(other, { term: 1, position: before }, positions[59] ?? 0);
    assert.equal(textOf(left[0]), '30');
    assert.equal(left.length, 30);
    // Less than what is gone already, and more than what there is.
    await log.trim(positions[10] ?? 0);
    await log.trim((positions[59] ?? 0) + 1000);
    await append(log, 'more');
    const place = { term: 1, position: positions[59] ?? 0 };
    assert.equal((await other.takeOver(owner, place)).term, 2);
  });

  check('closing ends readers, and a closed log appends nothing', async (store) => {
    const log = await store.open();
    await log.takeOver(owner, LOG_START);
    const reading = (async () => {
      const kinds: string[] = [];
      for await (const { kind } of eachFrame(log.follow(LOG_START, new AbortController().signal))) {
        kinds.push(kind);
        if (kinds.length === 1) void log.close();
      }
      return kinds;
    })();
    assert.deepEqual(await reading, ['takeover']);
    await log.close();
    await assert.rejects(append(log, 'x'));
  });

  check('whatever owners do to each other, what is acknowledged is read once, in order', async (store, t) => {
    const seed = runSeed();
    t.diagnostic(`SEED=${seed}`);
    const random = seededRandom(seed);
    const logs = await Promise.all(Array.from({ length: 3 }, () => store.open()));
    const acknowledged = new Map<string, number>();
    let seen: LogPlace = LOG_START;
    let count = 0;
    const places = logs.map((): LogPlace => LOG_START);
    const turn = async (index: number): Promise<void> => {
      const log = logs[index];
      if (log === undefined) return;
      if (random() < 0.15) {
        // From what it knows itself, which may be too old, or from the newest.
        const from = random() < 0.5 ? seen : (places[index] ?? seen);
        try {
          const place = await log.takeOver(owner, from);
          places[index] = place;
          if (place.term > seen.term) seen = place;
        } catch (error) {
          assert.ok(error instanceof DeposedError, String(error));
        }
        return;
      }
      const text = `${index}/${count++}`;
      try {
        acknowledged.set(text, await append(log, text));
      } catch (error) {
        assert.ok(error instanceof DeposedError, String(error));
      }
    };
    const runs = logs.map(async (_, index) => {
      for (let step = 0; step < 40; step++) await turn(index);
    });
    await Promise.all(runs);
    const last = await logs[0]?.takeOver(owner, seen);
    const found = await framesUpTo(await store.open(), LOG_START, last?.position ?? 0);
    const read = new Map(found.map((frame) => [textOf(frame), frame.position]));
    for (const [text, position] of acknowledged) assert.equal(read.get(text), position, text);
    const commits = found.filter(({ kind }) => kind === 'commit');
    assert.equal(new Set(commits.map(textOf)).size, commits.length);
    const terms = found.map(({ term }) => term);
    assert.deepEqual(
      terms,
      terms.toSorted((a, b) => a - b),
    );
  });
}

/** Closes each log that a test opens. */
function closing(t: TestContext, store: LogStore): LogStore {
  return {
    open: async () => {
      const log = await store.open();
      t.after(() => log.close());
      return log;
    },
  };
}

export function append(log: SharedLog, text: string): Promise<number> {
  return log.append('commit', [Buffer.from(text)]);
}

export function textOf(frame: SharedFrame | undefined): string {
  return Buffer.from(frame?.payload ?? []).toString();
}

/** Of the commits. */
export function textsOf(frames: readonly SharedFrame[]): string[] {
  return frames.filter(({ kind }) => kind === 'commit').map(textOf);
}

/** One after the other, also those that came together. */
export async function* eachFrame(
  batches: AsyncIterable<readonly SharedFrame[]>,
): AsyncGenerator<SharedFrame> {
  for await (const frames of batches) {
    assert.ok(frames.length > 0, 'no frame came');
    yield* frames;
  }
}

/** The valid frames from a place to a position, which must be among them. */
export async function framesUpTo(log: SharedLog, from: LogPlace, position: number): Promise<SharedFrame[]> {
  const found: SharedFrame[] = [];
  for await (const frame of eachFrame(log.follow(from, AbortSignal.timeout(60_000)))) {
    found.push(copied(frame));
    if (frame.position >= position) break;
  }
  assert.equal(found.at(-1)?.position, position);
  return found;
}
