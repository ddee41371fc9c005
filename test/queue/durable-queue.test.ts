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

  it('writes what its owner changes with the messages or not at all', async () => {
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

  it('stores the body of a message again that would keep the log from being trimmed', async () => {
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
  it('delivers more messages of a lane than are held in memory, in order, also after a restart', async () => {
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

  it('lets a lane pass whose neighbour stands still', async () => {
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
