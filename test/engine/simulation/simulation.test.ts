import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import { History } from './history.ts';

/** NAGARE_SEED=n replays one history; NAGARE_HISTORIES=n runs that many, without one as many as fit into the time. */
const replayed = process.env['NAGARE_SEED'];
const asked = process.env['NAGARE_HISTORIES'];
const histories = Number(asked ?? 3000);
const MILLISECONDS_MAX = asked === undefined ? 15_000 : Infinity;

describe('the engine on a disk that loses, tears, fails and fills up', () => {
  it('keeps what it acknowledged, and nothing by halves, through thousands of short lives', async (t) => {
    const first = replayed === undefined ? Date.now() % 1_000_000_000 : Number(replayed);
    const count = replayed === undefined ? histories : 1;
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

  it('lives the same life twice with the same seed', async () => {
    assert.deepEqual(await run(42), await run(42));
  });
});

async function run(seed: number): Promise<string[]> {
  const history = new History(seed);
  await history.run();
  return history.trace;
}
