import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { describe, it } from 'node:test';
import { openEmbeddedEngine } from '../../../src/engine/embedded/open.ts';
import type { Engine } from '../../../src/engine/engine.ts';
import { DeletedMessages } from '../../../src/queue/leased/deleted-messages.ts';
import type { LeasedQueueRules } from '../../../src/queue/leased/contract.ts';
import { LeasedQueue } from '../../../src/queue/leased/leased-queue.ts';
import { ReadAhead } from '../../../src/queue/leased/read-ahead.ts';
import { ManualClock } from '../../../src/support/clock.ts';
import { silentLog } from '../../../src/support/log.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

const never = new AbortController().signal;

async function open(isOrdered: boolean, rules: Partial<LeasedQueueRules> = {}) {
  const folder = await temporaryFolder();
  const clock = new ManualClock(1_700_000_000_000);
  const handleKey = randomBytes(16);
  async function start(): Promise<{ engine: Engine; queue: LeasedQueue }> {
    const engine = await openEmbeddedEngine({ folder, clock, log: silentLog });
    const queue = new LeasedQueue({
      engine,
      clock,
      log: silentLog,
      id: 'q',
      handleKey,
      isOrdered,
      rules: () => ({ retentionMs: 345_600_000, delayMs: 0, receivesMax: undefined, ...rules }),
      onDead: () => Promise.resolve(),
      deleted: new DeletedMessages(engine.catalog),
      readAhead: new ReadAhead(),
    });
    return { engine, queue };
  }
  return { clock, start };
}

function message(body: string, groupId?: string, delayMs = 0) {
  return {
    id: randomBytes(16),
    digest: createHash('md5').update(body).digest('hex'),
    body,
    groupId,
    delayMs,
  };
}

async function receive(queue: LeasedQueue, most = 10, visibilityMs = 30_000, waitMs = 0) {
  return await queue.receive({ most, visibilityMs, waitMs, signal: never });
}

function bodies(received: Awaited<ReturnType<typeof receive>>): string[] {
  return received.map(({ message: { body } }) => body.toString());
}

describe('a standard queue', () => {
  it('hides what is received until its visibility timeout ends, and counts the receives', async () => {
    const { clock, start } = await open(false);
    const { engine, queue } = await start();
    await queue.send([message('a'), message('b')]);
    assert.deepEqual(bodies(await receive(queue)), ['a', 'b']);
    assert.deepEqual(await receive(queue), []);
    assert.deepEqual(await queue.counts(), { visible: 0, inFlight: 2, delayed: 0 });
    clock.advance(30_000);
    const again = await receive(queue);
    assert.deepEqual(
      again.map(({ receiveCount }) => receiveCount),
      [2, 2],
    );
    for (const { receiptHandle } of again) assert.deepEqual(await queue.delete([receiptHandle]), ['done']);
    clock.advance(60_000);
    assert.deepEqual(await queue.counts(), { visible: 0, inFlight: 0, delayed: 0 });
    await engine.close();
  });

  it('wakes a waiting receive when a message is sent and when one becomes visible or due', async () => {
    const { clock, start } = await open(false);
    const { engine, queue } = await start();
    const first = receive(queue, 1, 1000, 20_000);
    await new Promise((resolve) => setImmediate(resolve));
    await queue.send([message('a')]);
    assert.deepEqual(bodies(await first), ['a']);
    const second = receive(queue, 1, 1000, 20_000);
    await new Promise((resolve) => setImmediate(resolve));
    clock.advance(1000);
    assert.deepEqual(bodies(await second), ['a']);
    await queue.send([message('late', undefined, 5000)]);
    const third = receive(queue, 1, 100_000, 20_000);
    for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => setImmediate(resolve));
    clock.advance(900);
    assert.deepEqual(await queue.counts(), { visible: 0, inFlight: 1, delayed: 1 });
    clock.advance(100);
    assert.deepEqual(bodies(await third), ['a']);
    const fourth = receive(queue, 1, 100_000, 20_000);
    for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => setImmediate(resolve));
    clock.advance(4000);
    assert.deepEqual(bodies(await fourth), ['late']);
    await engine.close();
  });

  it('keeps counts and deletions across an orderly restart, and takes handles from before it', async () => {
    const { clock, start } = await open(false);
    let { engine, queue } = await start();
    await queue.send(['a', 'b', 'c'].map((body) => message(body)));
    const received = await receive(queue);
    assert.deepEqual(await queue.delete([received[1]?.receiptHandle ?? '']), ['done']);
    await queue.close();
    await engine.close();
    ({ engine, queue } = await start());
    assert.deepEqual(await queue.counts(), { visible: 0, inFlight: 2, delayed: 0 });
    assert.deepEqual(await queue.delete([received[0]?.receiptHandle ?? '']), ['done']);
    clock.advance(30_000);
    const again = await receive(queue);
    assert.deepEqual(bodies(again), ['c']);
    assert.equal(again[0]?.receiveCount, 2);
    await queue.purge();
    assert.deepEqual(await queue.counts(), { visible: 0, inFlight: 0, delayed: 0 });
    assert.deepEqual(await queue.delete([again[0]?.receiptHandle ?? '']), ['done']);
    await engine.close();
  });

  it('refuses handles that it did not make', async () => {
    const { start } = await open(false);
    const { engine, queue } = await start();
    await queue.send([message('a')]);
    assert.deepEqual(await queue.delete(['nonsense']), ['invalid']);
    for (let time = 0; time < 1000; time++)
      assert.deepEqual(await queue.delete([randomBytes(16).toString('base64url')]), ['invalid']);
    const [received] = await receive(queue);
    assert.deepEqual(await queue.delete([received?.receiptHandle ?? '']), ['done']);
    await engine.close();
  });
});

describe('a FIFO queue', () => {
  it('keeps a group waiting while an earlier message of it is in flight', async () => {
    const { clock, start } = await open(true);
    let { engine, queue } = await start();
    for (const [body, group] of [
      ['a1', 'a'],
      ['b1', 'b'],
      ['a2', 'a'],
      ['a3', 'a'],
      ['b2', 'b'],
    ] as const)
      await queue.send([message(body, group)]);
    const first = await receive(queue, 2);
    assert.deepEqual(bodies(first), ['a1', 'a2']);
    assert.deepEqual(bodies(await receive(queue, 1)), ['b1']);
    assert.deepEqual(await receive(queue), []);
    await engine.close();
    ({ engine, queue } = await start());
    assert.deepEqual(await receive(queue), [], 'leases outlive the process');
    assert.deepEqual(await queue.delete([first[0]?.receiptHandle ?? '']), ['done']);
    assert.deepEqual(await receive(queue), []);
    assert.deepEqual(await queue.delete([first[1]?.receiptHandle ?? '']), ['done']);
    assert.deepEqual(bodies(await receive(queue)), ['a3']);
    clock.advance(30_000);
    assert.deepEqual(bodies(await receive(queue)), ['b1', 'b2', 'a3']);
    assert.deepEqual(await queue.delete([first[1]?.receiptHandle ?? '']), ['done']);
    await engine.close();
  });

  /** A client whose connection broke deleted again, while the first deletion was not durable: its handle had expired. */
  it('deletes a message that is being deleted already', async () => {
    const { start } = await open(true);
    const { engine, queue } = await start();
    await queue.send([message('a', 'g'), message('b', 'g')]);
    const [first] = await receive(queue, 1);
    const handle = first?.receiptHandle ?? '';
    const answers = await Promise.all([queue.delete([handle]), queue.delete([handle])]);
    assert.deepEqual(answers, [['done'], ['done']]);
    assert.deepEqual(bodies(await receive(queue)), ['b']);
    await engine.close();
  });

  it('receives what became visible again before what was sent later, although later ones are in flight', async () => {
    const { start } = await open(true);
    const { engine, queue } = await start();
    await queue.send(['1', '2', '3'].map((body) => message(body, 'g')));
    const [one] = await receive(queue, 2);
    assert.equal(await queue.changeVisibility(one?.receiptHandle ?? '', 0, () => {}), 'done');
    const again = await receive(queue);
    assert.deepEqual(bodies(again), ['1']);
    assert.deepEqual(await queue.delete([one?.receiptHandle ?? '']), ['expired']);
    await engine.close();
  });
});
