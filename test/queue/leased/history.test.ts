import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { QueueHistory } from './queue-history.ts';

/** NAGARE_SEED=n replays one history; NAGARE_HISTORIES=n runs that many from there on. */
const seedAsked = process.env['NAGARE_SEED'];
const historiesAsked = process.env['NAGARE_HISTORIES'];
const first = Number(seedAsked ?? 1);
const count = Number(historiesAsked ?? (seedAsked === undefined ? 4000 : 1));
const MILLISECONDS_MAX = historiesAsked === undefined ? 6_000 : Infinity;
/** One of so many runs on the real engine, which is slow; the others on one in memory. */
const REAL_EVERY = 40;

describe('a leased queue whose server is killed at any time', () => {
  it('keeps what it acknowledged, and of a FIFO queue the order of groups', async (t) => {
    const end = performance.now() + MILLISECONDS_MAX;
    let seed = first;
    for (; seed < first + count && performance.now() < end; seed++) {
      await run(seed).catch((error: unknown) => {
        throw new Error(`history ${seed} failed; replay it with NAGARE_SEED=${seed}`, { cause: error });
      });
    }
    t.diagnostic(`${seed - first} histories from seed ${first} on`);
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
