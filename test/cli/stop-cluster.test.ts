import assert from 'node:assert/strict';
import { test } from 'node:test';
import { clusterHealth, startMachines } from '../cluster/machines.ts';

// Services wait by timers that do not keep the process alive: it once ended in the middle of its stop, with code 13.
test('an owner whose log does not answer any more stops in order', async () => {
  await using machines = await startMachines({ count: 1 });
  const owner = await machines.owner();
  assert.equal((await clusterHealth(owner))?.role, 'owner');
  await machines.store.kill();
  assert.equal(await owner.stop('SIGTERM'), 0);
});
