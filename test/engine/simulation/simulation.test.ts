import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import { runHistories } from '../../support/histories.ts';
import { History } from './history.ts';

const MAX = { count: 3000, ms: 6_000 };

describe('the engine on a disk that loses, tears, fails and fills up', () => {
  it('keeps what it acknowledged, and nothing partially, through thousands of short runs', async (t) => {
    await runHistories(t, MAX, run);
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
