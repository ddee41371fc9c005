import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Settlements } from '../../src/queue/settlements.ts';

/** An engine that carries out a commit when it is told to. */
function slowEngine() {
  const commits: { readonly carryOut: () => number[]; readonly end: (error?: Error) => void }[] = [];
  const settlements = new Settlements<number>((takeMessages) => {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const end = (error?: Error): void => (error === undefined ? resolve() : reject(error));
    commits.push({ carryOut: () => [...takeMessages()], end });
    return promise;
  });
  return { commits, settlements };
}

describe('messages that are settled at about the same time', () => {
  it('share a commit until it is carried out; later ones come with the next', async () => {
    const { commits, settlements } = slowEngine();
    const first = [settlements.settle(1), settlements.settle(2)];
    assert.equal(commits.length, 1);
    assert.deepEqual(commits[0]?.carryOut(), [1, 2]);
    const later = settlements.settle(3);
    // Once more, for another frame: the disk had no room for the first.
    assert.deepEqual(commits[0]?.carryOut(), [1, 2]);
    assert.deepEqual(commits[1]?.carryOut(), [3]);
    commits[1]?.end();
    await later;
    commits[0]?.end();
    await Promise.all(first);
  });

  it('fail together, also when the commit is never carried out, and then can be settled again', async () => {
    const { commits, settlements } = slowEngine();
    const both = [settlements.settle(1), settlements.settle(2)];
    commits[0]?.end(new Error('busy'));
    for (const settled of both) await assert.rejects(settled, /busy/);
    const again = settlements.settle(1);
    assert.deepEqual(commits[1]?.carryOut(), [1]);
    commits[1]?.end();
    await again;
  });
});
