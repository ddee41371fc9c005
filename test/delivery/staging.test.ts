import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { test } from 'node:test';
import type { DeliveryRecord } from '../../src/delivery/destination.ts';
import { Staging } from '../../src/delivery/staging.ts';
import { openEmbeddedEngine } from '../../src/engine/embedded/open.ts';
import { PayloadCipher } from '../../src/engine/payload-cipher.ts';
import { ManualClock } from '../../src/support/clock.ts';
import { silentLog } from '../../src/support/log.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

function record(sequenceNumber: string, text: string, partitionKeys?: Map<string, string>): DeliveryRecord {
  const info = { arrivalMs: 5, shardId: 'shardId-000000000000', subSequenceNumber: 1, partitionKey: 'k' };
  return {
    ...info,
    sequenceNumber,
    data: Buffer.from(text),
    ...(partitionKeys !== undefined && { partitionKeys }),
  };
}

function shown(records: readonly DeliveryRecord[]) {
  return records.map((one) => ({ ...one, data: Buffer.from(one.data).toString() }));
}

test('processed records are read back unchanged, also after an interrupted attempt', async () => {
  const folder = await temporaryFolder();
  const engine = await openEmbeddedEngine({ folder, clock: new ManualClock(1), log: silentLog });
  const staging = new Staging(engine, new PayloadCipher(randomBytes(32)));
  await staging.write('d/s/0', { records: [record('1', 'interrupted')], refused: [] });
  const records = [record('1', 'a', new Map([['customer', 'x']])), record('2', '')];
  const refused = [
    {
      record: record('3', 'bad'),
      errorCode: 'Lambda.FunctionError',
      errorMessage: 'it failed',
      attempts: 4,
      outputType: 'processing-failed',
    },
  ];
  const staged = await staging.write('d/s/0', { records, refused });
  const read = await staging.read(staged);
  assert.deepEqual(shown(read.records), shown(records));
  assert.deepEqual(
    read.refused.map(({ record: one, ...rest }) => ({ ...rest, records: shown([one]) })),
    refused.map(({ record: one, ...rest }) => ({ ...rest, records: shown([one]) })),
  );
  await staging.clear(staged);
  assert.equal(engine.bounds(staged.log).firstIndex, engine.bounds(staged.log).nextIndex);
  await engine.catalog.commit((transaction) => staging.end(transaction, 'd/'));
  await staging.sweep();
  assert.equal(engine.catalog.table('delivery.garbage').size, 0);
  await engine.close();
  await rm(folder, { recursive: true, force: true });
});
