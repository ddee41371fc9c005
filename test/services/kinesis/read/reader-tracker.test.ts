import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { nobody } from '../../../../src/auth/identity.ts';
import type { Principal } from '../../../../src/auth/principal.ts';
import { ReaderTracker } from '../../../../src/services/kinesis/read/reader-tracker.ts';
import type { Shard } from '../../../../src/services/kinesis/shards/shard.ts';
import type { Stream } from '../../../../src/services/kinesis/streams/stream.ts';

// The tracker only needs the identity of a stream, and the indexes of its shards.
const stream = { shard: (index: number) => ({ id: `shard-${index}` }) } as unknown as Stream;
const shard = (index: number): Shard => ({ index }) as Shard;

function reader(accessKeyId: string): Principal {
  const scope = { accessKeyId, region: 'us-east-1', service: 'kinesis' };
  return { isSigned: true, scope, identity: nobody('unverified', '000000000000') };
}

describe('the readers that are seen', () => {
  test('are told apart by key and program, and keep their last position in each shard', () => {
    const tracker = new ReaderTracker();
    tracker.saw(stream, shard(0), reader('a'), 'one', { nextIndex: 5, records: 5, nowMs: 1 });
    tracker.saw(stream, shard(0), reader('a'), 'one', { nextIndex: 9, records: 4, nowMs: 2 });
    tracker.saw(stream, shard(1), reader('a'), 'one', { nextIndex: 2, records: 2, nowMs: 3 });
    tracker.saw(stream, shard(0), reader('a'), 'two', { nextIndex: 1, records: 1, nowMs: 4 });
    assert.deepEqual(
      tracker.of(stream).map(({ userAgent, shardId, nextIndex, records, lastSeenMs }) => {
        return [userAgent, shardId, nextIndex, records, lastSeenMs];
      }),
      [
        ['one', 'shard-0', 9, 9, 2],
        ['one', 'shard-1', 2, 2, 3],
        ['two', 'shard-0', 1, 1, 4],
      ],
    );
  });

  test('take bounded memory, however many clients make themselves up', () => {
    const tracker = new ReaderTracker();
    for (let at = 0; at < 10_000; at++) {
      tracker.saw(stream, shard(0), reader(`key-${at}`), 'x'.repeat(5000), {
        nextIndex: 1,
        records: 1,
        nowMs: at,
      });
    }
    const seen = tracker.of(stream);
    assert.equal(seen.length, 200);
    assert.equal(seen[0]?.userAgent.length, 256);
    assert.equal(seen.at(-1)?.caller, 'key-9999');
  });
});
