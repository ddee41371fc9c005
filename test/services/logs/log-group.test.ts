import assert from 'node:assert/strict';
import { readdir } from 'node:fs/promises';
import { test } from 'node:test';
import { LogGroup } from '../../../src/services/logs/log-group.ts';
import { logsLimits } from '../../../src/services/logs/limits.ts';
import { silentLog } from '../../../src/support/log.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

test('a function that prints endlessly keeps its newest lines, within a limit', async () => {
  const folder = await temporaryFolder();
  const group = new LogGroup('/aws/lambda/f', folder, silentLog);
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

  const again = new LogGroup('/aws/lambda/f', folder, silentLog);
  assert.equal(again.append({ stream: 'newer', timestampMs: count + 1, message: 'after' }), true);
  const found: string[] = [];
  for await (const { message } of again.events(count, Infinity)) found.push(message.slice(0, 5));
  assert.deepEqual(found, ['799 x', 'after']);
  await again.close();
});
