import assert from 'node:assert/strict';
import { test } from 'node:test';
import { RecordPacker } from '../../../../src/engine/packed-records.ts';
import type { Engine } from '../../../../src/engine/engine.ts';
import { DurableQueue } from '../../../../src/queue/durable-queue.ts';
import type { AsyncEvent } from '../../../../src/services/lambda/events/async-event.ts';
import { takeOverEvents } from '../../../../src/services/lambda/events/earlier-events.ts';
import { silentLog } from '../../../../src/support/log.ts';
import { clock, emptyDisk, openStore } from '../../../engine/embedded/store.ts';

const EVENT = 0;
const FAILED = 1;
const DONE = 2;

/** As the versions before the durable queue wrote it. */
function record(kind: number, head: object, payload = ''): Buffer {
  const json = Buffer.from(JSON.stringify(head));
  const prefix = Buffer.alloc(5);
  prefix.writeUInt8(kind, 0);
  prefix.writeUInt32LE(json.length, 1);
  return Buffer.concat([prefix, json, Buffer.from(payload)]);
}

async function fill(engine: Engine, records: readonly Buffer[]): Promise<void> {
  const [log] = await engine.createLogs(1);
  assert(log !== undefined);
  const packer = new RecordPacker();
  for (const bytes of records) packer.add(bytes);
  await engine.append({ batches: [{ log, records: packer.finish() }] });
  const table = engine.catalog.table<{ log: number }>('lambda.events');
  await engine.catalog.commit((transaction) => transaction.put(table, 'log', { log }));
}

test('events of earlier versions continue, with their attempts and due times', async () => {
  const engine = await openStore(emptyDisk());
  const retryMs = clock.now() + 60_000;
  await fill(engine, [
    record(EVENT, { requestId: 'r0', functionName: 'f' }, '0'),
    record(EVENT, { requestId: 'r1', functionName: 'f', clientContext: 'c' }, '1'),
    record(DONE, { index: 0 }),
    record(EVENT, { requestId: 'r3', functionName: 'g' }, '3'),
    record(FAILED, { index: 3, attempts: 1, dueMs: retryMs }),
  ]);
  const queue = await DurableQueue.open<AsyncEvent>({
    engine,
    clock,
    log: silentLog,
    name: 'lambda.events',
    // They are moved although there are more of them than may wait.
    waitingMax: 1,
  });
  await takeOverEvents(engine, queue, clock);
  await takeOverEvents(engine, queue, clock);
  assert.equal(queue.waiting, 2);
  const [first] = await queue.readReady('f', 0, 10);
  const [second] = await queue.readDelayed('g', undefined, 10);
  assert(first && second);
  assert.deepEqual([first.head, first.attempts], [{ requestId: 'r1', clientContext: 'c' }, 0]);
  assert.equal((await queue.body(first))?.toString(), '1');
  assert.deepEqual([second.head, second.attempts, second.dueMs], [{ requestId: 'r3' }, 1, retryMs]);
  assert.equal((await queue.body(second))?.toString(), '3');
  assert.equal(engine.catalog.table('lambda.events').size, 0);
  await engine.close();
});
