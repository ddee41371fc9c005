import assert from 'node:assert/strict';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { copyingBytes, readingBytes } from '../../../src/cli/output/bytes-progress.ts';
import { Progress } from '../../../src/cli/output/progress.ts';
import { silentTerminal, type Terminal } from '../../../src/cli/terminal.ts';
import { temporaryFolder } from '../../support/server.ts';
import { until } from '../../support/until.ts';

function seen(): { readonly terminal: Terminal; readonly lines: string[] } {
  const lines: string[] = [];
  const rewrite = (text: string) => void lines.push(text);
  return { terminal: { ...silentTerminal, showsErrors: true, rewrite }, lines };
}

/** The time of `performance.now()`, as the test sets it. */
function clockOf(t: TestContext): { set(ms: number): void } {
  let nowMs = 0;
  t.mock.method(performance, 'now', () => nowMs);
  return { set: (ms) => (nowMs = ms) };
}

test('after a second, a person sees the rate, the part that is done and the remaining time', (t) => {
  const clock = clockOf(t);
  const { terminal, lines } = seen();
  const progress = new Progress(terminal, 'records', { total: 4000 });
  clock.set(900);
  progress.add(500);
  assert.deepEqual(lines, []);
  clock.set(2000);
  progress.add(500, 'shard 2');
  assert.deepEqual(lines, ['1,000 records, 500/s, 25 %, 6 s left, shard 2']);
  // A better estimate of the whole.
  progress.expect(2000);
  clock.set(2500);
  progress.add(250);
  assert.equal(lines.at(-1), '1,250 records, 500/s, 62 %, 2 s left');
  progress.end();
  assert.equal(lines.at(-1), '');
});

test('bytes have units, and work of a known length has the rest of its time', (t) => {
  const clock = clockOf(t);
  const { terminal, lines } = seen();
  const bytes = new Progress(terminal, 'bytes', { what: 'reading data' });
  const timed = new Progress(terminal, 'done', { forMs: 3000 });
  clock.set(2000);
  bytes.add(5 * 1024 * 1024);
  timed.add(10);
  assert.deepEqual(lines, ['reading data: 5.0 MiB, 2.5 MiB/s', '10 done, 5/s, 1 s left']);
});

const rewrite = () => assert.fail('nobody sees it');

test('a program that reads standard error, and a person who wants quiet, see no progress', async (t) => {
  const clock = clockOf(t);
  const unseen = new Progress({ ...silentTerminal, rewrite }, 'records');
  const quiet = new Progress({ ...silentTerminal, rewrite, showsErrors: true }, 'records', { quiet: true });
  clock.set(5000);
  for (const progress of [unseen, quiet]) {
    progress.add(1);
    progress.end();
  }
  const shown = { what: 'reading', folder: '/nowhere' };
  assert.equal(await readingBytes({ ...silentTerminal, rewrite }, {}, shown, () => Promise.resolve(1)), 1);
});

test('what is read of a folder is a part of its size, and the line is gone at the end', async () => {
  const folder = await temporaryFolder();
  await mkdir(join(folder, 'a'));
  await writeFile(join(folder, 'a', 'file'), Buffer.alloc(4096));
  const { terminal, lines } = seen();
  await readingBytes(terminal, {}, { what: 'reading', folder }, async (onRead) => {
    onRead(1024);
    await until(() => lines.some((line) => line.includes('25 %')));
  });
  assert.match(
    lines.find((line) => line.includes('25 %')) ?? '',
    /^reading: 1\.0 KiB, .*\/s, 25 %, .* left$/,
  );
  assert.equal(lines.at(-1), '');
});

test('what is copied is seen in the copy, also when another process writes it', async () => {
  const folder = await temporaryFolder();
  const target = await temporaryFolder();
  await writeFile(join(folder, 'file'), Buffer.alloc(4096));
  const { terminal, lines } = seen();
  await copyingBytes(terminal, {}, { what: 'copying', folder, target }, async () => {
    await writeFile(join(target, 'file'), Buffer.alloc(2048));
    await until(() => lines.some((line) => /^copying: 2\.0 KiB, .*, 50 %/.test(line)));
  });
  assert.equal(lines.at(-1), '');
});
