import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import { History } from './history.ts';

/**
 * The same histories at every run, so that who changes the engine knows whose failure it is. NAGARE_SEED=n replays one;
 * NAGARE_HISTORIES=n runs that many, from there on (`NAGARE_SEED=$RANDOM NAGARE_HISTORIES=5000` looks for new ones);
 * without it as many as fit into the time.
 */
const seedAsked = process.env['NAGARE_SEED'];
const historiesAsked = process.env['NAGARE_HISTORIES'];
const first = Number(seedAsked ?? 1);
const count = Number(historiesAsked ?? (seedAsked === undefined ? 3000 : 1));
const MILLISECONDS_MAX = historiesAsked === undefined ? 6_000 : Infinity;

describe('the engine on a disk that loses, tears, fails and fills up', () => {
  it('keeps what it acknowledged, and nothing partially, through thousands of short runs', async (t) => {
    const end = performance.now() + MILLISECONDS_MAX;
    let seed = first;
    for (; seed < first + count && performance.now() < end; seed++) {
      await run(seed).catch((error: unknown) => {
        t.diagnostic(`failed: replay it with NAGARE_SEED=${seed}`);
        throw new Error(`history ${seed} failed; replay it with NAGARE_SEED=${seed}`, { cause: error });
      });
    }
    t.diagnostic(`${seed - first} histories from seed ${first} on`);
  });

  // Both slots of the mark were torn by failed writes, one after the other, and the power was cut: the start refused
  // a store that was whole.
  it('starts after failed writes have torn one slot of the watermark', async () => {
    await run(337_846_263);
  });

  it('is deterministic for the same seed', async () => {
    assert.deepEqual(await run(42), await run(42));
  });
});

async function run(seed: number): Promise<string[]> {
  const history = new History(seed);
  await history.run();
  return history.trace;
}
