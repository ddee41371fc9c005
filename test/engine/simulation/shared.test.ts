import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import { runHistories } from '../../support/histories.ts';
import type { Fences } from '../shared/memory-log.ts';
import { BrokenPromise, SharedHistory } from './shared-history.ts';

const MAX = { count: 3000, ms: 10_000 };

describe('machines that share a log', () => {
  const stores: readonly (readonly [name: string, Fences])[] = [
    ['a store that refuses a deposed owner', { store: true, content: true }],
    ['a store that lets a deposed owner write, because it has forgotten it', { store: false, content: true }],
  ];
  for (const [name, fences] of stores) {
    it(`keep what was acknowledged, once and in its place: ${name}`, async (t) => {
      await runHistories(t, MAX, (seed) => new SharedHistory(seed, fences).run());
    });
  }

  it('join after the log was trimmed, and come back after that, from snapshots', async (t) => {
    let [trimmed, behind] = [0, 0];
    const run = async (seed: number): Promise<void> => {
      const history = new SharedHistory(seed, undefined, { withSnapshots: true });
      await history.run();
      if (history.trimmed > 0) trimmed++;
      behind += history.behind;
    };
    const told = (): string => `; in ${trimmed} the log was trimmed, past a machine ${behind} times`;
    await runHistories(t, MAX, run, told);
  });

  it('lose records when nothing fences a deposed owner off: these histories notice it', async () => {
    let losses = 0;
    for (let seed = 1; seed <= 20; seed++) {
      await new SharedHistory(seed, { store: false, content: false }).run().catch((error: unknown) => {
        if (error instanceof BrokenPromise && error.message.endsWith('lost')) losses++;
      });
    }
    assert(losses > 0, 'no history lost a record');
  });
});
