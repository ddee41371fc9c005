import assert from 'node:assert/strict';
import { test } from 'node:test';
import { RecordPacker } from '../../../src/engine/packed-records.ts';
import type { Engine } from '../../../src/engine/engine.ts';
import { DurableQueue } from '../../../src/queue/durable-queue.ts';
import type { Delivery } from '../../../src/services/sns/delivery.ts';
import { takeOverDeliveries } from '../../../src/services/sns/earlier-deliveries.ts';
import { silentLog } from '../../../src/support/log.ts';
import { clock, emptyDisk, openStore } from '../../engine/embedded/store.ts';

const DELIVERY = { topicArn: 'topic', protocol: 'http', endpoint: 'http://here/' } as const;

/** As the versions before the durable queue wrote it: the messages in a log, a row in the catalog for each delivery. */
async function fill(engine: Engine): Promise<number> {
  const [log] = await engine.createLogs(1);
  assert(log !== undefined);
  const packer = new RecordPacker();
  for (const text of ['m0', 'm1', 'm2']) packer.add(Buffer.from(text));
  await engine.append({ batches: [{ log, records: packer.finish() }] });
  await engine.trim(log, 1);
  const stores = engine.catalog.table<{ messages: number }>('sns.store');
  const table = engine.catalog.table<object>('sns.deliveries');
  await engine.catalog.commit((transaction) => {
    transaction.put(stores, 'store', { messages: log });
    const base = { ...DELIVERY, attempts: 0, dueMs: clock.now() };
    transaction.put(table, '0000000000000001/a', { ...base, index: 1, subscriptionArn: 'a' });
    transaction.put(table, '0000000000000001/b', {
      ...base,
      index: 1,
      subscriptionArn: 'b',
      attempts: 7,
      dueMs: clock.now() + 20_000.5,
    });
    transaction.put(table, '0000000000000002/a', { ...base, index: 2, subscriptionArn: 'a' });
  });
  return log;
}

test('deliveries of earlier versions continue, with their attempts and due times', async () => {
  const engine = await openStore(emptyDisk());
  const log = await fill(engine);
  const queue = await DurableQueue.open<Delivery>({
    engine,
    clock,
    log: silentLog,
    name: 'sns.deliveries',
    waitingMax: 100,
  });
  await takeOverDeliveries(engine, queue, clock);
  const bodies: unknown[] = [];
  for (const lane of ['a', 'b']) {
    for (const message of [
      ...(await queue.readReady(lane, 0, 10)),
      ...(await queue.readDelayed(lane, undefined, 10)),
    ]) {
      assert.deepEqual(message.head, DELIVERY);
      const { attempts, dueMs } = message;
      bodies.push([lane, (await queue.body(message))?.toString(), attempts, dueMs]);
    }
  }
  assert.deepEqual(bodies, [
    ['a', 'm1', 0, undefined],
    ['a', 'm2', 0, undefined],
    ['b', 'm1', 7, clock.now() + 20_001],
  ]);
  assert.equal(queue.waiting, 3);
  assert.equal(engine.catalog.table('sns.deliveries').size, 0);
  assert.equal(engine.catalog.table('sns.store').size, 0);
  assert.deepEqual(await engine.read(log, 0, { maxRecords: 10, maxBytes: 1000 }), []);
  await takeOverDeliveries(engine, queue, clock);
  assert.equal(queue.waiting, 3);
  await engine.close();
});
