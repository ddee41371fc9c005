import assert from 'node:assert/strict';
import { test } from 'node:test';
import { encodeRows } from '../../../src/delivery/iceberg/encode-rows.ts';
import { EncodingThread } from '../../../src/delivery/iceberg/encoding-thread.ts';
import { readPartitionFields } from '../../../src/delivery/iceberg/partition-spec.ts';
import { readSchema } from '../../../src/delivery/iceberg/schema.ts';
import { silentLog } from '../../../src/support/log.ts';
import { readParquet } from './world.ts';

const schema = readSchema({
  type: 'struct',
  'schema-id': 0,
  fields: [
    { id: 1, name: 'n', type: 'long', required: true },
    { id: 2, name: 'kind', type: 'string', required: false },
    { id: 3, name: 'price', type: 'decimal(10, 2)', required: false },
  ],
});
const partitions = [{ 'source-id': 2, 'field-id': 1000, name: 'kind', transform: 'identity' }];
const spec = { specId: 0, fields: readPartitionFields(partitions, schema), json: partitions };
const options = { schema, spec, codec: 'ZSTD' as const };

/** More bytes than are encoded at once. */
const records = Array.from({ length: 5000 }, (_, n) =>
  Buffer.from(
    n === 7
      ? 'nonsense'
      : JSON.stringify({ n, kind: n % 2 === 0 ? 'even' : 'odd', price: 0.25, pad: 'x'.repeat(80) }),
  ),
);

test('a thread encodes large batches to the same files without blocking the server', async () => {
  const thread = new EncodingThread(silentLog);
  try {
    let turns = 0;
    const counting = setInterval(() => turns++, 1);
    const encoded = await thread.encode(options, records);
    clearInterval(counting);
    assert.ok(turns > 0);
    assert.deepEqual(encoded, structuredClone(encodeRows(options, records)));
    assert.deepEqual(
      encoded.refused.map(({ index, errorCode }) => [index, errorCode]),
      [[7, 'Iceberg.InvalidJson']],
    );
    const [even] = encoded.files;
    const rows = await readParquet(even?.body ?? new Uint8Array());
    assert.deepEqual([rows.length, rows[1]], [2500, { n: 2n, kind: 'even', price: 0.25 }]);
    // The records are still there for another attempt.
    assert.equal(JSON.parse(records[0]?.toString() ?? '').n, 0);
  } finally {
    await thread.close();
  }
});

test('a batch fails and can be retried if its thread is closed', async () => {
  const thread = new EncodingThread(silentLog);
  const failing = assert.rejects(thread.encode(options, records));
  await thread.close();
  await failing;
});
