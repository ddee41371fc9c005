import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { deflateRawSync } from 'node:zlib';
import * as fc from 'fast-check';
import type { ShardCheckpoint } from '../../../src/consumers/checkpoints.ts';
import {
  metadataBytes,
  readState,
  stateMetadata,
  type LogState,
} from '../../../src/services/listlog/log-state.ts';

const position: fc.Arbitrary<ShardCheckpoint> = fc.oneof(
  fc.constant({ state: 'finished' as const }),
  fc
    .tuple(
      fc.constantFrom('AFTER_SEQUENCE_NUMBER' as const, 'AT_SEQUENCE_NUMBER' as const),
      fc.bigInt(10n ** 55n, 10n ** 56n - 1n),
    )
    .map(([type, number]) => ({
      state: 'reading' as const,
      from: { type, sequenceNumber: number.toString() },
    })),
);

function stateOf(positions: ReadonlyMap<string, ShardCheckpoint>): LogState {
  return { id: 'id-1', writeToken: 'token', incarnation: 'stream; 1', positions, lines: 12, rawLines: 3 };
}

const shardId = (index: number): string => `shardId-${String(index).padStart(12, '0')}`;

describe("the state in an object's metadata", () => {
  it('is read as it was written, for one shard and for hundreds', () => {
    fc.assert(
      fc.property(fc.array(position, { maxLength: 60 }), (list) => {
        const state = stateOf(new Map(list.map((one, index) => [shardId(index), one])));
        const metadata = stateMetadata(state);
        assert.deepEqual(readState(metadata), state);
        for (const value of Object.values(metadata)) assert.match(value, /^[\x21-\x7e]*$/);
      }),
    );
  });

  // A bomb: 2 KB of metadata that become 200 MB, and something that is no deflate at all.
  it('with invalid positions is not read', () => {
    const bomb = deflateRawSync(Buffer.alloc(200 * 1024 * 1024, 'a')).toString('base64url');
    for (const positions of [`z${bomb}`, 'znothing']) {
      const metadata = { ...stateMetadata(stateOf(new Map())), 'nagare-positions': positions };
      assert.equal(readState(metadata), undefined);
    }
  });

  it('is readable if there are few shards', () => {
    const one = new Map<string, ShardCheckpoint>([
      [shardId(0), { state: 'reading', from: { type: 'AFTER_SEQUENCE_NUMBER', sequenceNumber: '4967' } }],
    ]);
    assert.equal(stateMetadata(stateOf(one))['nagare-positions'], 'shardId-000000000000=>4967');
  });

  it('fits 60 busy shards into the 2 KB that S3 allows', () => {
    const busy = new Map<string, ShardCheckpoint>();
    for (let index = 0; index < 60; index++) {
      const shard = index.toString(16);
      const ordinal = (index * 7_919_777_123).toString(16).padStart(16, '0');
      const arrival = (1_795_000_000 + index * 37).toString(16).padStart(9, '0');
      const hex = `2${(1_790_000_000).toString(16).padStart(9, '0')}${shard.slice(-1)}${ordinal}00${arrival}${shard.padStart(8, '0')}2`;
      const from = { type: 'AFTER_SEQUENCE_NUMBER' as const, sequenceNumber: BigInt(`0x${hex}`).toString() };
      busy.set(shardId(index), { state: 'reading', from });
    }
    assert.ok(metadataBytes(stateMetadata(stateOf(busy))) <= 2048);
  });

  it('is ignored when the metadata belongs to something else', () => {
    assert.equal(readState({}), undefined);
    assert.equal(readState({ 'nagare-list-log': '2;a;b' }), undefined);
  });
});
