import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { Leases } from '../../src/consumers/leases.ts';

const never = new AbortController().signal;

describe('leases', () => {
  test('have one owner at a time for each name', async () => {
    const leases = new Leases();
    let owners = 0;
    let most = 0;
    const own = async (): Promise<void> => {
      const release = await leases.acquire('a', never);
      most = Math.max(most, ++owners);
      await new Promise((resolve) => setImmediate(resolve));
      owners--;
      release?.();
    };
    await Promise.all(Array.from({ length: 10 }, own));
    assert.equal(most, 1);
  });

  test('of other names are free', async () => {
    const leases = new Leases();
    assert.ok((await leases.acquire('a', never)) !== undefined);
    assert.ok((await leases.acquire('b', never)) !== undefined);
  });

  test('are not waited for by those who have been stopped', async () => {
    const leases = new Leases();
    await leases.acquire('a', never);
    const stop = new AbortController();
    const waiting = leases.acquire('a', stop.signal);
    stop.abort();
    assert.equal(await waiting, undefined);
    assert.equal(await leases.acquire('b', stop.signal), undefined);
  });
});
