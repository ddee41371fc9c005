import assert from 'node:assert/strict';
import { describe, it } from 'node:test';

import { verifyEngine } from '../../../../src/engine/embedded/recover/verify.ts';
import { ALL, pack, textsOf } from '../../contract.ts';
import { Random } from '../../simulation/random.ts';
import { contentOf, diskOf, emptyDisk, fillStore, openStore } from '../store.ts';

/** After a power cut ext4 and XFS may show a file at its new length with zeros where nothing was written. */
describe('the newest segment, with what a power failure leaves after its last commit', () => {
  const random = new Random(7);
  const garbage = (length: number): Buffer => Buffer.from(Array.from({ length }, () => random.below(256)));
  const tails: Readonly<Record<string, (segment: Buffer) => Buffer>> = {
    'a few zeros': () => Buffer.alloc(3),
    'as many zeros as a head has bytes': () => Buffer.alloc(44),
    'a page of zeros': () => Buffer.alloc(4096),
    'a MiB of zeros': () => Buffer.alloc(1 << 20),
    'what another file held': () => garbage(5000),
    'the beginning of a commit, and zeros': (segment) =>
      Buffer.concat([segment.subarray(64, 150), Buffer.alloc(4096)]),
    'an earlier commit of the same segment': (segment) => segment.subarray(64),
    'zeros, and then what another file held': () => Buffer.concat([Buffer.alloc(512), garbage(700)]),
  };

  for (const [name, tailOf] of Object.entries(tails)) {
    it(`starts without a finding, and continues: ${name}`, async () => {
      const filled = emptyDisk();
      await fillStore(filled);
      const files = filled.files();
      const newest = [...files.keys()].findLast((path) => path.endsWith('.segment')) ?? '';
      const segment = files.get(newest) ?? Buffer.alloc(0);
      const disk = diskOf(new Map([...files, [newest, Buffer.concat([segment, tailOf(segment)])]]));
      assert.deepEqual((await verifyEngine({ folder: '', disk: diskOf(disk.files()) })).findings, []);
      let engine = await openStore(disk);
      const content = await contentOf(engine);
      // Two records for each log in every other of 60 requests; seven were trimmed.
      assert.equal(content.logs.flat().length, 3 * 30 * 2 - 7);
      await engine.append({ batches: [{ log: 1, records: pack('after') }] });
      await engine.close();
      engine = await openStore(disk);
      assert.equal(textsOf(await engine.read(1, 0, ALL)).at(-1), 'after');
      await engine.close();
    });
  }

  it('starts with one slot of the watermark zeroed, and refuses both', async () => {
    const filled = emptyDisk();
    await fillStore(filled);
    const files = filled.files();
    const mark = Buffer.from(files.get('mark') ?? '');
    for (const slot of [0, 512]) {
      const zeroed = Buffer.from(mark).fill(0, slot, slot + 512);
      await (await openStore(diskOf(new Map([...files, ['mark', zeroed]])))).close();
    }
    await assert.rejects(
      openStore(diskOf(new Map([...files, ['mark', Buffer.alloc(1024)]]))),
      /^DamageError: mark is damaged at byte 0: /,
    );
  });
});
