import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import { runHistories } from '../../support/histories.ts';
import { BrokenSnapshot, SnapshotHistory } from './snapshot-history.ts';

const MAX = { count: 5000, ms: 5_000 };

describe('machines that take snapshots of a log', () => {
  it('have all of each complete one, and trim no further than the newest', async (t) => {
    let completed = 0;
    const run = async (seed: number): Promise<void> => {
      const history = new SnapshotHistory(seed);
      await history.run();
      completed += history.completed;
    };
    await runHistories(t, MAX, run, () => `, ${completed} snapshots`);
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
