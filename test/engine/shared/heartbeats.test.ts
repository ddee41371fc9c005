import assert from 'node:assert/strict';
import { test } from 'node:test';

import { decodeFrame } from '../../../src/engine/shared/envelope.ts';
import { sharedLimits } from '../../../src/engine/shared/limits.ts';
import { ManualClock } from '../../../src/support/clock.ts';
import { put } from '../contract.ts';
import { FaultyDisk } from '../simulation/faulty-disk.ts';
import { Random } from '../simulation/random.ts';
import { until } from '../../support/until.ts';
import { MemoryStore } from './memory-log.ts';
import { openMember } from './shared-engine.ts';

/** A standby that has started holds its requests until it knows the owner, which commits do not name. */
test('an owner that commits all the time says every other second who it is', async () => {
  const store = new MemoryStore();
  const timers = new ManualClock(1_700_000_000_000);
  const shared = { takeOverAfterMs: 600_000, timers };
  const owner = await openMember({ log: store.open(), disk: new FaultyDisk(new Random(1)), shared });
  await until(() => {
    timers.advance(100);
    return owner.member.status().role === 'owner';
  });
  const heartbeats = (): number => {
    let count = 0;
    for (let at = 0; at < store.next; at++) {
      if (decodeFrame(store.at(at) ?? Buffer.alloc(0), at)?.kind === 'heartbeat') count++;
    }
    return count;
  };
  for (let second = 0; second < 8; second++) {
    await put(owner.engine, 1, `${second}`);
    const isDue = second % 2 === 0;
    const before = heartbeats();
    timers.advance(sharedLimits.heartbeatEveryMs);
    if (isDue) await until(() => heartbeats() === before + 1, { what: `the heartbeat of second ${second}` });
    else for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => setImmediate(resolve));
  }
  assert.equal(heartbeats(), 4);
  await owner.close();
});
