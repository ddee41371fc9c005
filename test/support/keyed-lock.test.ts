import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { KeyedLock } from '../../src/support/keyed-lock.ts';

function gate(): { opened: Promise<void>; open: () => void } {
  const { promise, resolve } = Promise.withResolvers<void>();
  return { opened: promise, open: resolve };
}

describe('a keyed lock', () => {
  it('lets sharers in together, and an exclusive one alone, in the order of asking', async () => {
    const lock = new KeyedLock();
    const events: string[] = [];
    const first = gate();
    const work = (name: string, until?: Promise<void>) => async () => {
      events.push(`+${name}`);
      await until;
      events.push(`-${name}`);
    };
    const all = [
      lock.shared('k', work('a', first.opened)),
      lock.shared('k', work('b', first.opened)),
      lock.exclusive('k', work('c')),
      lock.shared('k', work('d')),
      lock.exclusive('other', work('e')),
    ];
    await new Promise(setImmediate);
    assert.deepEqual(events, ['+a', '+b', '+e', '-e']);
    first.open();
    await Promise.all(all);
    assert.deepEqual(events.slice(4), ['-a', '-b', '+c', '-c', '+d', '-d']);
  });

  it('is released by work that fails', async () => {
    const lock = new KeyedLock();
    await assert.rejects(
      lock.exclusive('k', () => Promise.reject(new Error('no'))),
      /no/,
    );
    assert.equal(await lock.exclusive('k', () => Promise.resolve(1)), 1);
  });
});
