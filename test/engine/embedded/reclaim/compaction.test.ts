import assert from 'node:assert/strict';
import { test } from 'node:test';

import { until } from '../../../support/until.ts';
import { put } from '../../contract.ts';
import { emptyDisk, openStore } from '../store.ts';

test('segments of tiny records come to rest: rewriting them again would free nothing', async () => {
  const disk = emptyDisk();
  const engine = await openStore(disk, { segmentBytes: 40_000 });
  // Each record is a chunk of its own, whose place takes more bytes than the record.
  for (let n = 0; n < 3000; n++) await put(engine, 1 + (n % 50), '0123456789');
  let calls = -1;
  await until(async () => {
    const before = calls;
    calls = disk.calls;
    for (let turn = 0; turn < 50; turn++) await new Promise((resolve) => setImmediate(resolve));
    return before === calls && disk.calls === calls;
  });
  const rewritten = [...disk.files().keys()].map((path) => Number(/-(\d+)\.segment$/.exec(path)?.[1] ?? 0));
  assert(Math.max(...rewritten) < 20, rewritten.join());
  await engine.close();
});
