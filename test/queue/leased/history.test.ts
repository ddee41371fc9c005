import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { runHistories } from '../../support/histories.ts';
import { QueueHistory } from './queue-history.ts';

const MAX = { count: 4000, ms: 6_000 };
/** One of so many runs on the real engine, which is slow; the others on one in memory. */
const REAL_EVERY = 40;

describe('a leased queue whose server is killed at any time', () => {
  it('keeps what it acknowledged, and of a FIFO queue the order of groups', async (t) => {
    await runHistories(t, MAX, run);
  });

  it('is deterministic for the same seed', async () => {
    assert.deepEqual(await run(7), await run(7));
  });
});

async function run(seed: number): Promise<readonly string[]> {
  const history = new QueueHistory(seed, seed % REAL_EVERY === 0 ? 'real' : 'in memory');
  await history.run();
  return history.trace;
}
