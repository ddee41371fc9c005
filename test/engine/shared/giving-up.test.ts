import assert from 'node:assert/strict';
import { test } from 'node:test';

import { decodeFrame, encodeFrame } from '../../../src/engine/shared/envelope.ts';
import { ALL, put, textsOf } from '../contract.ts';
import { FaultyDisk } from '../simulation/faulty-disk.ts';
import { Random } from '../simulation/random.ts';
import { until } from '../../support/until.ts';
import { MemoryStore } from './memory-log.ts';
import { openMember, untilOwner } from './shared-engine.ts';

const emptyDisk = (): FaultyDisk => new FaultyDisk(new Random(1));

/** When the first owner takes over, the frames of the next one are there at the same moment. */
class StoreOfTwoOwners extends MemoryStore {
  readonly #behind: readonly Buffer[];

  constructor(behind: readonly Buffer[]) {
    super();
    this.#behind = behind;
  }

  override store(term: number, number: number, bytes: Buffer): number | undefined {
    const position = super.store(term, number, bytes);
    if (position === 0) for (const [at, frame] of this.#behind.entries()) super.store(2, at, frame);
    return position;
  }
}

test('a member has what came behind its takeover when it gives the log up at that moment', async () => {
  const template = new MemoryStore();
  const other = await openMember({ log: template.open(), disk: emptyDisk() });
  await untilOwner(other);
  await put(other.engine, 1, 'a');
  await other.close();
  const commit = decodeFrame(template.at(1) ?? Buffer.alloc(0), 1);
  assert.equal(commit.kind, 'commit');
  const owner = { url: 'http://b', version: '1.0.0' };
  const behind = [
    encodeFrame(2, { kind: 'takeover', owner, id: 'b' }),
    encodeFrame(2, { kind: 'commit', payload: [commit.payload] }),
  ];
  for (let turns = 0; turns < 20; turns++) {
    const store = new StoreOfTwoOwners(behind.map((frame) => Buffer.concat(frame)));
    const onRole = async (role: string): Promise<void> => {
      for (let n = 0; n < turns; n++) await Promise.resolve();
      if (role === 'owner') void first.member.demote();
    };
    const shared = { takeOverAfterMs: 600_000, onRole };
    const first = await openMember({ log: store.open(), disk: emptyDisk(), shared });
    await until(() => first.member.status().position === 2);
    assert.deepEqual(textsOf(await first.engine.read(1, 0, ALL)), ['a'], `after ${turns} turns`);
    await first.close();
  }
});
