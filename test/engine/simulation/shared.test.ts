import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import type { Fences } from '../shared/memory-log.ts';
import { BrokenPromise, SharedHistory } from './shared-history.ts';

/** As in simulation.test.ts: NAGARE_SEED=n replays one history, NAGARE_HISTORIES=n runs that many. */
const seedAsked = process.env['NAGARE_SEED'];
const historiesAsked = process.env['NAGARE_HISTORIES'];
const first = Number(seedAsked ?? 1);
const count = Number(historiesAsked ?? (seedAsked === undefined ? 3000 : 1));
const MILLISECONDS_MAX = historiesAsked === undefined ? 10_000 : Infinity;

describe('machines that share a log', () => {
  const stores: readonly (readonly [name: string, Fences])[] = [
    ['a store that refuses a deposed owner', { store: true, content: true }],
    ['a store that lets a deposed owner write, because it has forgotten it', { store: false, content: true }],
  ];
  for (const [name, fences] of stores) {
    it(`keep what was acknowledged, once and in its place: ${name}`, async (t) => {
      const end = performance.now() + MILLISECONDS_MAX;
      let seed = first;
      for (; seed < first + count && performance.now() < end; seed++) {
        await new SharedHistory(seed, fences).run().catch((error: unknown) => {
          throw new Error(`history ${seed} failed; replay it with NAGARE_SEED=${seed}`, { cause: error });
        });
      }
      t.diagnostic(`${seed - first} histories from seed ${first} on`);
    });
  }

  it('join after the log was trimmed, and come back after that, from snapshots', async (t) => {
    const end = performance.now() + MILLISECONDS_MAX;
    let seed = first;
    let [trimmed, behind] = [0, 0];
    for (; seed < first + count && performance.now() < end; seed++) {
      const history = new SharedHistory(seed, undefined, { withSnapshots: true });
      await history.run().catch((error: unknown) => {
        throw new Error(`history ${seed} failed; replay it with NAGARE_SEED=${seed}`, { cause: error });
      });
      if (history.trimmed > 0) trimmed++;
      behind += history.behind;
    }
    t.diagnostic(
      `${seed - first} histories from seed ${first} on; in ${trimmed} the log was trimmed, past a machine ${behind} times`,
    );
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
