import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Engine } from '../../src/engine/engine.ts';
import { Dispatcher } from '../../src/queue/dispatcher.ts';
import { DurableQueue, QueueFullError } from '../../src/queue/durable-queue.ts';
import { queueLimits } from '../../src/queue/limits.ts';
import { silentLog } from '../../src/support/log.ts';
import { clock, emptyDisk, openStore } from '../engine/embedded/store.ts';
import { until } from '../support/until.ts';

interface Head {
  readonly n: number;
}

async function openQueue(
  engine: Engine,
  options: { name?: string; waitingMax?: number; ordered?: boolean } = {},
): Promise<DurableQueue<Head>> {
  return await DurableQueue.open<Head>({
    engine,
    clock,
    log: silentLog,
    name: 'test',
    waitingMax: 1_000_000,
    ...options,
  });
}

function outgoing(n: number, lane = 'a') {
  return { body: Buffer.from(`body ${n}`), to: [{ lane, head: { n } }] };
}

describe('DurableQueue', () => {
  it('moves a message to its dead letters in one commit', async () => {
    const engine = await openStore(emptyDisk());
    const queue = await openQueue(engine);
    const deadLetters = await openQueue(engine, { name: 'dead' });
    const [message] = await queue.send([outgoing(1)]);
    assert(message);
    const [moved] = await queue.moveTo(message, deadLetters);
    assert(moved);
    assert.equal((await deadLetters.body(moved))?.toString(), 'body 1');
    assert.deepEqual([queue.waiting, deadLetters.waiting], [0, 1]);
    await engine.close();
  });

  it("stores its owner's changes with the messages, or neither", async () => {
    const engine = await openStore(emptyDisk());
    const queue = await openQueue(engine, { waitingMax: 1 });
    const table = engine.catalog.table<Head>('owner');
    const send = (n: number) => queue.send([outgoing(n)], (to) => to.put(table, String(n), { n }));
    await send(1);
    await assert.rejects(send(2), QueueFullError);
    assert.deepEqual([...table.entries()], [['1', { n: 1 }]]);
    assert.equal(queue.waiting, 1);
    await engine.close();
  });

  it('stores the body of a message again that would prevent the log from being trimmed', async () => {
    const engine = await openStore(emptyDisk());
    const queue = await openQueue(engine);
    const [first] = await queue.send([outgoing(0)]);
    assert(first?.bodyIndex === 0);
    const others = await queue.send(
      Array.from({ length: queueLimits.bodiesBehindMax }, (_, n) => outgoing(n + 1)),
    );
    for (const message of others.slice(1)) void queue.settle(message);
    const after = await queue.postpone(first, { dueMs: clock.now() + 1000, attempts: 1, faults: 0 });
    const [second] = others;
    assert(second);
    await queue.settle(second);
    await queue.trim();
    assert.equal((await queue.body(after))?.toString(), 'body 0');
    assert.equal(await queue.body(first), undefined);
    assert.equal(queue.waiting, 1);
    await engine.close();
  });
});

describe('Dispatcher', () => {
  it('delivers more messages of a lane than fit in memory, in order, also after a restart', async () => {
    const disk = emptyDisk();
    const count = 5 * queueLimits.windowMessages;
    const before = await openStore(disk);
    const sender = await openQueue(before);
    for (let n = 0; n < count; n += 10)
      await sender.send(Array.from({ length: 10 }, (_, index) => outgoing(n + index)));
    await before.close();

    const engine = await openStore(disk);
    const queue = await openQueue(engine);
    const seen: number[] = [];
    const dispatcher = new Dispatcher<Head>({
      queue,
      clock,
      log: silentLog,
      noun: 'a message',
      atOnceMax: 4,
      atOncePerLaneMax: () => 1,
      attempt: async (message) => {
        seen.push(message.head.n);
        return { type: 'settled' };
      },
    });
    dispatcher.start();
    dispatcher.accept(await queue.send([outgoing(count)]));
    await until(() => queue.waiting === 0);
    assert.deepEqual(
      seen,
      Array.from({ length: count + 1 }, (_, n) => n),
    );
    await dispatcher.close();
    await engine.close();
  });

  it('has no more lanes in memory than it may, and delivers from all of them', async () => {
    const disk = emptyDisk();
    const before = await openStore(disk);
    const sender = await openQueue(before);
    const lanes = Array.from({ length: 50 }, (_, n) => `lane ${n}`);
    const count = 3 * lanes.length;
    await sender.send(Array.from({ length: count - 50 }, (_, n) => outgoing(n, lanes[n % lanes.length])));
    // The first messages of these lanes are not due yet: they may not keep the others out.
    const to = lanes.slice(0, 20).map((lane) => ({ lane: `${lane}, later`, head: { n: -1 }, dueMs: 1e14 }));
    await sender.send([{ to }]);
    await before.close();

    const engine = await openStore(disk);
    const queue = await openQueue(engine);
    let [most, running] = [0, 0];
    const dispatcher = new Dispatcher<Head>({
      queue,
      clock,
      log: silentLog,
      noun: 'a message',
      atOnceMax: 1000,
      atOncePerLaneMax: () => 1,
      lanesMax: 4,
      async attempt() {
        most = Math.max(most, ++running);
        await new Promise((resolve) => setImmediate(resolve));
        running--;
        return { type: 'settled' };
      },
    });
    dispatcher.start();
    for (let n = count - 50; n < count; n++) {
      dispatcher.accept(await queue.send([outgoing(n, lanes[n % lanes.length])]));
    }
    await until(() => queue.waiting === to.length);
    assert.equal(most, 4);
    await dispatcher.close();
    await engine.close();
  });

  it('lets lanes with many messages wait for those that are not in memory', async () => {
    const engine = await openStore(emptyDisk());
    const queue = await openQueue(engine);
    const seen: string[] = [];
    const dispatcher = new Dispatcher<Head>({
      queue,
      clock,
      log: silentLog,
      noun: 'a message',
      atOnceMax: 2,
      atOncePerLaneMax: () => 1,
      lanesMax: 2,
      async attempt({ lane }) {
        seen.push(lane);
        return { type: 'settled' };
      },
    });
    const many = 3 * queueLimits.windowMessages;
    for (const lane of ['a', 'b'])
      await queue.send(Array.from({ length: many }, (_, n) => outgoing(n, lane)));
    await queue.send([outgoing(0, 'c')]);
    dispatcher.start();
    await until(() => queue.waiting === 0);
    const turn = seen.indexOf('c');
    assert(turn < 2 * many - queueLimits.windowMessages, `lane c had to wait for ${turn} messages`);
    await dispatcher.close();
    await engine.close();
  });

  it('does not delay a lane because another one is stuck', async () => {
    const engine = await openStore(emptyDisk());
    const queue = await openQueue(engine);
    const seen: string[] = [];
    const dispatcher = new Dispatcher<Head>({
      queue,
      clock,
      log: silentLog,
      noun: 'a message',
      atOnceMax: 4,
      atOncePerLaneMax: () => 2,
      async attempt({ lane }, _body, signal) {
        seen.push(lane);
        if (lane === 'quick') return { type: 'settled' };
        await new Promise((resolve) => signal.addEventListener('abort', resolve));
        return { type: 'interrupted' };
      },
    });
    dispatcher.start();
    dispatcher.accept(await queue.send([1, 2, 3, 4, 5].map((n) => outgoing(n, 'slow'))));
    dispatcher.accept(await queue.send([6, 7].map((n) => outgoing(n, 'quick'))));
    await until(() => queue.waiting === 5);
    assert.deepEqual(seen.toSorted(), ['quick', 'quick', 'slow', 'slow']);
    await dispatcher.close();
    assert.equal(queue.waiting, 5);
    await engine.close();
  });
});
