import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { KeyedLock } from '../../src/support/keyed-lock.ts';

const never = new AbortController().signal;

function gate(): { opened: Promise<void>; open: () => void } {
  const { promise, resolve } = Promise.withResolvers<void>();
  return { opened: promise, open: resolve };
}

describe('a keyed lock', () => {
  it('admits shared holders together, and an exclusive one alone, in the order of requests', async () => {
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

  it('is held by an acquirer until it is released', async () => {
    const lock = new KeyedLock();
    let holders = 0;
    let most = 0;
    const hold = async (): Promise<void> => {
      const release = await lock.acquire('k', never);
      most = Math.max(most, ++holders);
      await new Promise(setImmediate);
      holders--;
      release?.();
    };
    await Promise.all(Array.from({ length: 10 }, hold));
    assert.equal(most, 1);
    assert.ok((await lock.acquire('k', never)) !== undefined);
    assert.ok((await lock.acquire('other', never)) !== undefined);
  });

  it('does not wait for aborted requests, and admits those behind them', async () => {
    const lock = new KeyedLock();
    const stop = new AbortController();
    const first = gate();
    const sharing = lock.shared('k', () => first.opened);
    const stopped = lock.acquire('k', stop.signal);
    const behind = lock.shared('k', () => Promise.resolve('in'));
    stop.abort();
    assert.equal(await stopped, undefined);
    assert.equal(await behind, 'in');
    assert.equal(await lock.acquire('other', stop.signal), undefined);
    first.open();
    await sharing;
    const release = await lock.acquire('k', never);
    assert.ok(release !== undefined);
    // A stop that comes after the lock was acquired does not matter.
    const late = new AbortController();
    const next = lock.acquire('k', late.signal);
    release();
    const releaseNext = await next;
    assert.ok(releaseNext !== undefined);
    late.abort();
    releaseNext();
    assert.equal(await lock.exclusive('k', () => Promise.resolve(1)), 1);
  });
});
