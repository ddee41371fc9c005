/** Two machines read the same stream: the one that stood still while the other took over moves no checkpoint. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CatalogCheckpoints, type ShardCheckpoint } from '../../src/consumers/checkpoints.ts';
import { NotOwnerError } from '../../src/engine/engine.ts';
import { MemoryStore } from '../engine/shared/memory-log.ts';
import { openMember, untilOwner } from '../engine/shared/shared-engine.ts';
import { FaultyDisk } from '../engine/simulation/faulty-disk.ts';
import { Random } from '../engine/simulation/random.ts';
import { FakeStreams } from '../support/fake-streams.ts';
import { until } from '../support/until.ts';

const after = (sequenceNumber: string): ShardCheckpoint => ({
  state: 'reading',
  from: { type: 'AFTER_SEQUENCE_NUMBER', sequenceNumber },
});

test('a consumer that was paused cannot move the checkpoint of the one that has taken over', async (t) => {
  const streams = new FakeStreams(() => 0);
  const [shardId = ''] = streams.create('s', 1);
  const stream = streams.describe('s') ?? assert.fail();
  const store = new MemoryStore();
  let passage = Promise.resolve();
  const first = await openMember({
    log: store.open(() => passage),
    disk: new FaultyDisk(new Random(1)),
  });
  await untilOwner(first);
  const second = await openMember({ log: store.open(), disk: new FaultyDisk(new Random(2)) });
  t.after(async () => {
    await first.close();
    await second.close();
  });
  const of = ({ engine }: typeof first) => new CatalogCheckpoints(engine.catalog, 'lambda/mapping');
  await of(first).save(stream, shardId, after('1'));

  const { promise, resolve: goOn } = Promise.withResolvers<void>();
  passage = promise;
  // It has handled the second record, and stands still before that is stored.
  const late = of(first).save(stream, shardId, after('2'));
  await untilOwner(second);
  assert.deepEqual(of(second).load(stream, shardId), after('1'));
  await of(second).save(stream, shardId, after('5'));
  goOn();
  await assert.rejects(late, NotOwnerError);
  await until(() => first.member.status().position === second.member.status().position);
  for (const member of [first, second]) assert.deepEqual(of(member).load(stream, shardId), after('5'));
  await assert.rejects(of(first).save(stream, shardId, after('3')), NotOwnerError);
});
