import assert from 'node:assert/strict';
import { buffer } from 'node:stream/consumers';
import { test } from 'node:test';
import { gunzipSync } from 'node:zlib';
import { serverLimits } from '../../../src/server/limits.ts';
import { archiveOf, type Part } from '../../../src/server/support/archive.ts';
import { ManualClock } from '../../../src/support/clock.ts';
import { namesInTar } from '../../../src/support/tar.ts';
import { until } from '../../support/until.ts';

const part = (name: string, make: Part['make']): Part => ({ name, make });

test('a part that fails, hangs or is too long costs the archive only that part', async () => {
  const clock = new ManualClock();
  let signal: AbortSignal | undefined;
  const parts = [
    part('a.json', () => Promise.reject(new Error('no such thing'))),
    part('b.json', (stop) => {
      signal = stop;
      return new Promise(() => {});
    }),
    part('c.txt', () => Promise.resolve('x'.repeat(serverLimits.supportPartCharactersMax + 1))),
    part('d.json', () => Promise.resolve({ fine: true })),
  ];
  const reading = buffer(archiveOf(parts, clock, () => {}));
  await until(() => signal !== undefined);
  clock.advance(serverLimits.supportPartMs);
  const archive = gunzipSync(await reading);
  assert.ok(signal?.aborted);
  assert.deepEqual(namesInTar(archive), ['a.json', 'b.json', 'c.txt', 'd.json']);
  const text = archive.toString();
  assert.match(text, /"failed": "no such thing"/);
  assert.match(text, /"failed": "it was not there within 10000 ms"/);
  assert.match(text, /x\nThe rest is left out\.\n/);
  assert.match(text, /"fine": true/);
});

test('an archive that nobody reads is given up, and makes room for the next one', async () => {
  const clock = new ManualClock();
  let hasEnded = false;
  // More than what waits for a reader.
  const random = Array.from({ length: 400_000 }, () => Math.random()).join();
  const parts = Array.from({ length: 4 }, (_, at) => part(String(at), () => Promise.resolve(random)));
  const archive = archiveOf(parts, clock, () => (hasEnded = true));
  clock.advance(serverLimits.supportMsMax);
  await until(() => hasEnded);
  await assert.rejects(buffer(archive), /not read in time/);
});

test('so is one whose reader leaves', async () => {
  let hasEnded = false;
  let signal: AbortSignal | undefined;
  const hanging = part('a', (stop) => {
    signal = stop;
    return new Promise(() => {});
  });
  const archive = archiveOf([hanging], new ManualClock(), () => (hasEnded = true));
  await until(() => signal !== undefined);
  archive.destroy();
  await until(() => hasEnded && signal?.aborted);
});
