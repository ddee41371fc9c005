import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import { S3SetupError, SlotError } from '../../../src/engine/s3-log/errors.ts';
import { openOn } from '../../../src/engine/s3-log/open.ts';
import type { S3SharedLog } from '../../../src/engine/s3-log/s3-shared-log.ts';
import { s3LogLimits } from '../../../src/engine/s3-log/limits.ts';
import { slotKey } from '../../../src/engine/s3-log/slot.ts';
import { DeposedError, LOG_START, TrimmedError } from '../../../src/engine/shared/shared-log.ts';
import { type Clock, systemClock } from '../../../src/support/clock.ts';
import { silentLog } from '../../../src/support/log.ts';
import { until } from '../../support/until.ts';
import { append, eachFrame, framesUpTo, logContract, textsOf } from '../shared/log-contract.ts';
import { MemoryBucket } from './memory-objects.ts';
import { AwaitedClock } from '../../support/awaited-clock.ts';

const owner = { url: 'http://127.0.0.1:4566', version: '0.1.0' };
const prefix = 'cluster/';

interface Timing {
  readonly delayMs?: number;
  readonly clock?: Clock;
}

function openIn(
  bucket: MemoryBucket,
  { delayMs = 5, clock = systemClock }: Timing = {},
): Promise<S3SharedLog> {
  return openOn(bucket.open(), { bucket: 'b', prefix, delayMs, clock, log: silentLog });
}

async function opened(t: TestContext, bucket: MemoryBucket, timing?: Timing): Promise<S3SharedLog> {
  const log = await openIn(bucket, timing);
  t.after(() => log.close());
  return log;
}

logContract('S3 in memory', () => {
  const bucket = new MemoryBucket();
  return Promise.resolve({ open: () => openIn(bucket) });
});

test('a store that ignores conditions is refused with words', async () => {
  const bucket = new MemoryBucket();
  bucket.ignoresConditions = true;
  await assert.rejects(openIn(bucket), (error) => {
    assert.ok(error instanceof S3SetupError, String(error));
    assert.match(error.message, /ignores If-None-Match/);
    return true;
  });
  assert.equal(bucket.objects.size, 0);
});

test('lost requests and answers are repeated, and each frame is stored once', async (t) => {
  const bucket = new MemoryBucket();
  const log = await opened(t, bucket);
  bucket.faults.push('lose answer', 'lose request', 'lose answer', 'lose answer');
  await log.takeOver(owner, LOG_START);
  const texts: string[] = [];
  let last = 0;
  for (let index = 0; index < 6; index++) {
    bucket.faults.push('lose answer', 'lose request', 'lose answer');
    texts.push(`${index}`);
    last = await append(log, `${index}`);
  }
  bucket.faults.push('lose answer', 'lose request', 'lose answer');
  assert.deepEqual(textsOf(await framesUpTo(log, LOG_START, last)), texts);
});

test('a delay passes between two objects, but a frame after a pause does not wait', async (t) => {
  const bucket = new MemoryBucket();
  const clock = new AwaitedClock();
  const log = await opened(t, bucket, { delayMs: 200, clock });
  await log.takeOver(owner, LOG_START);
  await append(log, 'at once');
  assert.equal(clock.scheduled(200), 0);
  let last = 0;
  for (const [at, text] of ['later', 'later still'].entries()) {
    const written = bucket.objects.size;
    const appended = append(log, text);
    await clock.untilScheduled(200, at + 1);
    clock.advance(199);
    assert.equal(bucket.objects.size, written);
    clock.advance(1);
    last = await appended;
  }
  clock.advance(200);
  last = await append(log, 'after a pause');
  assert.equal(clock.scheduled(200), 2);
  const texts = ['at once', 'later', 'later still', 'after a pause'];
  assert.deepEqual(textsOf(await framesUpTo(log, LOG_START, last)), texts);
});

test('an owner that wakes after its slots were trimmed finds the one that it wants taken', async (t) => {
  const bucket = new MemoryBucket();
  const [first, second] = [await opened(t, bucket), await opened(t, bucket)];
  const one = await first.takeOver(owner, LOG_START);
  const kept = await append(first, 'kept');
  await second.takeOver(owner, { ...one, position: kept });
  let last = 0;
  for (let index = 0; index < 20; index++) last = await append(second, `${index}`);
  await second.trim(last);
  await assert.rejects(append(first, 'late'), DeposedError);
  const place = { term: 2, position: last };
  const end = await append(second, 'end');
  assert.deepEqual(textsOf(await framesUpTo(second, place, end)), ['19', 'end']);
  await assert.rejects(framesUpTo(second, LOG_START, end), TrimmedError);
});

test('takeovers stay taken however often the log is trimmed, and nothing else of it stays', async (t) => {
  const bucket = new MemoryBucket();
  const logs = [await opened(t, bucket), await opened(t, bucket)];
  let seen = LOG_START;
  const takeovers: number[] = [];
  for (let round = 0; round < 6; round++) {
    const log = logs[round % 2];
    assert.ok(log);
    seen = await log.takeOver(owner, seen);
    takeovers.push(seen.position);
    for (let index = 0; index < 5; index++) {
      seen = { term: seen.term, position: await append(log, `${round}/${index}`) };
    }
    if (round % 2 === 1) await log.trim(seen.position);
  }
  const slots = [...bucket.objects.keys()].filter((key) => /^cluster\/\d+$/.test(key));
  const expected = [...takeovers, seen.position].map((slot) => slotKey(prefix, slot));
  assert.deepEqual(slots.toSorted(), expected.toSorted());
  assert.equal([...bucket.objects.keys()].filter((key) => key.includes('trimmed')).length, 1);
});

test('a process that wakes in the middle of taking over does not own what was trimmed meanwhile', async (t) => {
  const bucket = new MemoryBucket();
  const [log, late] = [await opened(t, bucket), await opened(t, bucket)];
  const one = await log.takeOver(owner, LOG_START);
  let last = await append(log, 'x');
  // What the late one wanted to write to is filled, and removed again.
  const wanted = slotKey(prefix, 2);
  for (let index = 0; index < 10; index++) last = await append(log, `${index}`);
  await log.trim(last);
  assert.ok(!bucket.objects.has(wanted));
  await assert.rejects(late.takeOver(owner, { ...one, position: 1 }), TrimmedError);
});

test('an object that is damaged or foreign is not skipped', async (t) => {
  const bucket = new MemoryBucket();
  const log = await opened(t, bucket);
  await log.takeOver(owner, LOG_START);
  const last = await append(log, 'x');
  bucket.objects.set(slotKey(prefix, 1), Buffer.from('foreign'));
  await assert.rejects(framesUpTo(log, LOG_START, last), SlotError);
});

test('a log whose newest objects are missing is not taken over', async (t) => {
  const bucket = new MemoryBucket();
  const log = await opened(t, bucket);
  await assert.rejects(log.takeOver(owner, { term: 3, position: 5 }), /were its objects removed/);
});

test('a standby at the end of the log asks for one object at a time, and rarely for more', async (t) => {
  const bucket = new MemoryBucket();
  const clock = new AwaitedClock();
  const log = await opened(t, bucket, { clock });
  const place = await log.takeOver(owner, LOG_START);
  bucket.requests.clear();
  const stop = new AbortController();
  const following = (async () => {
    for await (const frame of eachFrame(log.follow(place, stop.signal))) assert.equal(frame.kind, 'takeover');
  })();
  const { pollMs } = s3LogLimits;
  await clock.untilScheduled(pollMs);
  const atFirst = bucket.requests.get('read') ?? 0;
  for (let poll = 1; poll <= 5; poll++) {
    clock.advance(pollMs);
    await clock.untilScheduled(pollMs, poll + 1);
  }
  assert.equal(bucket.requests.get('read'), atFirst + 5);
  assert.ok(atFirst <= 4, `${atFirst} reads until it was at the end`);
  assert.equal(bucket.requests.get('list'), 1);
  stop.abort();
  await following;
});

test('a reader that is behind gets what has arrived together, in order, and asks for a bounded part', async (t) => {
  const bucket = new MemoryBucket();
  const log = await opened(t, bucket);
  await log.takeOver(owner, LOG_START);
  let last = 0;
  const texts = Array.from({ length: 100 }, (_, index) => `${index}`);
  for (const text of texts) last = await append(log, text);
  const read: string[] = [];
  const groups: number[] = [];
  for await (const frames of log.follow(LOG_START, AbortSignal.timeout(60_000))) {
    groups.push(frames.length);
    read.push(...textsOf(frames));
    await new Promise((resolve) => setTimeout(resolve, 1));
    if (frames.at(-1)?.position === last) break;
  }
  assert.deepEqual(read, texts);
  assert.ok(Math.max(...groups) > 8, groups.join(' '));
  assert.equal(bucket.readingMax, s3LogLimits.readAheadObjects);
  const bytes = s3LogLimits.readAheadBytes / 3;
  for (let index = 0; index < 8; index++) last = await log.append('commit', [Buffer.alloc(bytes)]);
  bucket.readingMax = 0;
  const from = { term: 1, position: last - 7 };
  for await (const frame of eachFrame(log.follow(from, AbortSignal.timeout(60_000)))) {
    assert.equal(frame.payload.length, Math.floor(bytes));
    if (frame.position === last) break;
  }
  assert.equal(bucket.readingMax, 3);
});

test('a reader that is stopped ends, also while the store does not answer', async (t) => {
  const bucket = new MemoryBucket();
  const log = await opened(t, bucket);
  const place = await log.takeOver(owner, LOG_START);
  bucket.isDown = true;
  for await (const frame of eachFrame(log.follow(place, AbortSignal.timeout(200)))) assert.fail(frame.kind);
  bucket.isDown = false;
  for await (const frame of eachFrame(log.follow(place, new AbortController().signal))) {
    assert.equal(frame.kind, 'takeover');
    break;
  }
});

/** A new owner serves only once it has read its own takeover, and clients wait for that. */
test('a process that takes over reads that without waiting for the next poll', async (t) => {
  let waits = 0;
  const standing = { now: () => 0, schedule: () => ((waits += 1), () => undefined) };
  const parts = { bucket: 'b', prefix, delayMs: 5, clock: standing, log: silentLog };
  const log = await openOn(new MemoryBucket().open(), parts);
  t.after(() => log.close());
  const before = waits;
  const frames = eachFrame(log.follow(LOG_START, new AbortController().signal));
  const first = frames.next();
  await until(() => waits > before, { what: 'it waits for the next poll' });
  await log.takeOver(owner, LOG_START);
  const { value } = await first;
  assert.equal(value?.kind, 'takeover');
});
