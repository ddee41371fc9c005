import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ALL, pack } from '../../contract.ts';
import { emptyDisk, openStore } from '../store.ts';

// Small records were kept with all that had been made beside them: five times as much memory as they take.
test('cached small records take hardly more than their size', async () => {
  const engine = await openStore(emptyDisk(), { segmentBytes: 1 << 30 });
  const others: Buffer[] = [];
  for (let n = 0; n < 500; n++) {
    // A request's bytes and the like, which go with the request.
    others.push(Buffer.allocUnsafe(800));
    await engine.append({ batches: [{ log: 1, records: pack('x'.repeat(200)) }] });
  }
  const batches = await engine.read(1, 0, ALL);
  const bytes = batches.reduce((sum, batch) => sum + batch.bytes.length, 0);
  const memory = new Set(batches.map((batch) => batch.bytes.buffer));
  const held = [...memory].reduce((sum, { byteLength }) => sum + byteLength, 0);
  assert.equal(batches.length, 500);
  assert.ok(held < 2 * bytes, `${held} bytes are held for ${bytes}`);
  assert.ok(others.every(({ buffer }) => !memory.has(buffer)));
  await engine.close();
});
