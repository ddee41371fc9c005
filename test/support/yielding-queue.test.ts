import assert from 'node:assert/strict';
import { it } from 'node:test';
import { YieldingQueue } from '../../src/support/yielding-queue.ts';

it('runs one task per turn of the event loop, in order', async () => {
  const turns = new YieldingQueue();
  let turn = 0;
  const done: [name: string, turn: number][] = [];
  for (const name of ['a', 'b', 'c']) turns.push(() => done.push([name, turn]));
  assert.equal(done.length, 0);
  while (done.length < 3) {
    await new Promise((resolve) => setImmediate(resolve));
    turn++;
  }
  assert.deepEqual(
    done.map(([name]) => name),
    ['a', 'b', 'c'],
  );
  assert.equal(new Set(done.map(([, at]) => at)).size, 3);
});

it('continues with tasks pushed by a task, or afterwards', async () => {
  const turns = new YieldingQueue();
  const done: string[] = [];
  await new Promise<void>((resolve) => {
    turns.push(() => {
      done.push('first');
      turns.push(() => {
        done.push('second');
        resolve();
      });
    });
  });
  await new Promise<void>((resolve) => turns.push(resolve));
  assert.deepEqual(done, ['first', 'second']);
});
