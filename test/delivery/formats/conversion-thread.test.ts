import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ConversionThread } from '../../../src/delivery/formats/conversion-thread.ts';
import { createParquetFormat } from '../../../src/delivery/formats/parquet-format.ts';
import { silentLog } from '../../../src/support/log.ts';
import { openX, parquetDefaults, rowsOf } from './conversions.ts';

const format = (thread: ConversionThread) =>
  createParquetFormat(
    { columns: [{ name: 'id', type: 'int' }], serDe: openX, parquet: parquetDefaults },
    thread,
  );

function record(data: string) {
  return {
    data: Buffer.from(data),
    arrivalMs: 0,
    shardId: 'shardId-000000000000',
    sequenceNumber: data,
    subSequenceNumber: 0,
    partitionKey: 'p',
  };
}

test('a thread converts large batches to the same bytes without blocking the server', async () => {
  const thread = new ConversionThread(silentLog);
  try {
    const padding = 'x'.repeat(1000);
    const good = Array.from({ length: 2000 }, (_, id) => record(`{"id":${id},"p":"${padding}"}`));
    const records = [...good.slice(0, 1000), record('nonsense'), ...good.slice(1000)];
    const [first, second, third] = await Promise.all([1, 2, 3].map(() => format(thread).encode(records)));
    assert.deepEqual(second, first);
    assert.deepEqual(third, first);
    assert.equal((await rowsOf(first ?? { body: new Uint8Array() })).length, 2000);
    assert.deepEqual(
      first?.refused.map(({ record: { sequenceNumber }, errorCode, outputType, attempts }) => {
        return { sequenceNumber, errorCode, outputType, attempts };
      }),
      [
        {
          sequenceNumber: 'nonsense',
          errorCode: 'DataFormatConversion.ParseError',
          outputType: 'format-conversion-failed',
          attempts: 1,
        },
      ],
    );
    // The records are still there for another attempt.
    assert.equal(
      Buffer.from(records[0]?.data ?? [])
        .toString()
        .slice(0, 8),
      '{"id":0,',
    );
  } finally {
    await thread.close();
  }
});

test('a batch fails and can be retried if its thread is closed', async () => {
  const thread = new ConversionThread(silentLog);
  const large = record(`{"id":1,"p":"${'x'.repeat(300_000)}"}`);
  const failing = assert.rejects(format(thread).encode([large]));
  await thread.close();
  await failing;
  const next = new ConversionThread(silentLog);
  assert.deepEqual(await rowsOf(await format(next).encode([large])), [{ id: 1 }]);
  await next.close();
});
