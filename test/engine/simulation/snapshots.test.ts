import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import { BrokenSnapshot, SnapshotHistory } from './snapshot-history.ts';

/** As in simulation.test.ts: NAGARE_SEED=n replays one history, NAGARE_HISTORIES=n runs that many. */
const seedAsked = process.env['NAGARE_SEED'];
const historiesAsked = process.env['NAGARE_HISTORIES'];
const first = Number(seedAsked ?? 1);
const count = Number(historiesAsked ?? (seedAsked === undefined ? 5000 : 1));
const MILLISECONDS_MAX = historiesAsked === undefined ? 5_000 : Infinity;

describe('machines that take snapshots of a log', () => {
  it('have all of each complete one, and trim no further than the newest', async (t) => {
    const end = performance.now() + MILLISECONDS_MAX;
    let seed = first;
    let completed = 0;
    for (; seed < first + count && performance.now() < end; seed++) {
      const history = new SnapshotHistory(seed);
      await history.run().catch((error: unknown) => {
        throw new Error(`history ${seed} failed; replay it with NAGARE_SEED=${seed}`, { cause: error });
      });
      completed += history.completed;
    }
    t.diagnostic(`${seed - first} histories from seed ${first} on, ${completed} snapshots`);
  });

  const broken: readonly (readonly [string, ConstructorParameters<typeof SnapshotHistory>[1]])[] = [
    ['ignores conditions', { ignoresConditions: true }],
    ['lists what was there before', { hasStaleLists: true }],
  ];
  for (const [what, faults] of broken) {
    it(`lose parts in a store that ${what}: these histories notice it`, async () => {
      for (let seed = 1; seed <= 400; seed++) {
        const failure: unknown = await new SnapshotHistory(seed, faults)
          .run()
          .catch((error: unknown) => error);
        if (failure instanceof BrokenSnapshot) return;
      }
      assert.fail('no history noticed it');
    });
  }
});
