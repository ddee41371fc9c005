import assert from 'node:assert/strict';
import { appendFile, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { openEmbeddedEngine } from '../../../src/engine/embedded/open.ts';
import { MetricRegistry } from '../../../src/metrics.ts';
import { EngineSegments } from '../../../src/services/logs/engine-segments.ts';
import { GroupMetrics } from '../../../src/services/logs/group-metrics.ts';
import { LogGroup } from '../../../src/services/logs/log-group.ts';
import type { LogSegments } from '../../../src/services/logs/log-segments.ts';
import { SegmentFiles } from '../../../src/services/logs/segment-files.ts';
import { logsLimits } from '../../../src/services/logs/limits.ts';
import { systemClock } from '../../../src/support/clock.ts';
import { ConcurrencyLimit } from '../../../src/support/concurrency-limit.ts';
import { unfenced } from '../../../src/support/fence.ts';
import { silentLog } from '../../../src/support/log.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

function groupIn(folder: string, segments: LogSegments = new SegmentFiles(folder)): LogGroup {
  return new LogGroup({
    name: '/aws/lambda/f',
    segments,
    log: silentLog,
    fence: unfenced,
    metrics: new GroupMetrics(new MetricRegistry(), '/aws/lambda/f'),
    recoveries: new ConcurrencyLimit(1),
    opened: () => undefined,
    ensureListed: () => Promise.resolve(),
  });
}

test('a function that prints endlessly keeps its newest lines, within a limit', async () => {
  const folder = await temporaryFolder();
  const group = groupIn(folder);
  const text = 'x'.repeat(64 * 1024);
  const count = 800;
  for (let n = 0; n < count; n++) {
    if (!group.append({ stream: n < 10 ? 'old' : 'new', timestampMs: n + 1, message: `${n} ${text}` })) {
      await group.flushed();
    }
  }
  const most = logsLimits.segmentBytesMax * logsLimits.segmentsPerGroupMax;
  const stored = await group.storedBytes();
  assert.ok(
    stored <= most + logsLimits.waitingBytesMax * logsLimits.segmentsPerGroupMax && stored > most / 2,
  );
  assert.equal((await readdir(folder)).length, logsLimits.segmentsPerGroupMax);
  assert.deepEqual(
    (await group.streams()).map(({ name }) => name),
    ['new'],
  );
  const numbers: number[] = [];
  for await (const { message } of group.events(0, Infinity)) numbers.push(Number(message.split(' ')[0]));
  assert.equal(numbers.at(-1), count - 1);
  assert.deepEqual(
    numbers,
    Array.from({ length: numbers.length }, (_, n) => count - numbers.length + n),
  );
  await group.close();

  const again = groupIn(folder);
  assert.equal(again.append({ stream: 'newer', timestampMs: count + 1, message: 'after' }), true);
  const found: string[] = [];
  for await (const { message } of again.events(count, Infinity)) found.push(message.slice(0, 5));
  assert.deepEqual(found, ['799 x', 'after']);
  await again.close();
});

test('files whose events have all expired are removed', async () => {
  const folder = await temporaryFolder();
  const group = groupIn(folder);
  const text = 'x'.repeat(logsLimits.segmentBytesMax / 2);
  for (let n = 1; n <= 6; n++) await group.put([{ stream: 'one', timestampMs: n, message: `${n} ${text}` }]);
  const files = (await readdir(folder)).length;
  await group.expire(4);
  assert.ok((await readdir(folder)).length < files);
  const found: string[] = [];
  for await (const { message } of group.events(4, Infinity)) found.push(message.slice(0, 1));
  assert.deepEqual(found, ['4', '5', '6']);
  await group.expire(Infinity);
  assert.equal(await group.storedBytes(), 0);
  await group.close();
});

test('a line that a crash has left incomplete costs no other event, and restarts begin no new files', async () => {
  const folder = await temporaryFolder();
  for (let n = 0; n < logsLimits.segmentsPerGroupMax + 2; n++) {
    const group = groupIn(folder);
    await group.put([{ stream: 'one', timestampMs: 1, message: `${n}` }]);
    await group.close();
    await appendFile(join(folder, '00000001.ndjson'), '{"time":1,"stream":"one","mess');
  }
  const group = groupIn(folder);
  const found: string[] = [];
  for await (const { message } of group.events(0, Infinity)) found.push(message);
  assert.equal(found.join(' '), '0 1 2 3 4 5 6 7 8 9');
  assert.deepEqual(await readdir(folder), ['00000001.ndjson']);
});

test('a put that is repeated is stored once, also after a restart, and by another machine that has the log', async () => {
  const folder = await temporaryFolder();
  const clock = systemClock;
  const engine = await openEmbeddedEngine({ folder: join(folder, 'engine'), clock, log: silentLog });
  const ingestedMs = 1_000_000;
  for (const open of [() => new SegmentFiles(folder), () => new EngineSegments(engine, 'g')]) {
    const stored = async (message: string, putKey: string, afterMs = 0): Promise<string> => {
      const group = groupIn(folder, open());
      const event = { stream: 'one', timestampMs: 1, ingestedMs: ingestedMs + afterMs };
      await group.put([
        { ...event, message },
        { ...event, message, putKey },
      ]);
      const found: string[] = [];
      for await (const { message } of group.events(0, Infinity)) found.push(message);
      await group.close();
      return found.join('');
    };
    assert.equal(await stored('a', 'k'), 'aa');
    assert.equal(await stored('a', 'k', logsLimits.putRepeatMs - 1), 'aa');
    assert.equal(await stored('b', 'l'), 'aabb');
    assert.equal(await stored('a', 'k', logsLimits.putRepeatMs), 'aabbaa');
  }
  await engine.close();
});

test('events that cannot be stored are refused, and later ones are stored again', async () => {
  const folder = join(await temporaryFolder(), 'group');
  await writeFile(folder, 'not a folder');
  const group = groupIn(folder);
  const event = { stream: 'one', timestampMs: 1, message: 'x' };
  await assert.rejects(group.put([event]));
  await rm(folder);
  await group.put([event]);
  assert.equal((await group.streams()).length, 1);
  await group.close();
});
