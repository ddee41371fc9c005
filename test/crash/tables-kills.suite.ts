/**
 * kill -9 again and again while rows of a table on disk and of the catalog change in the same commits, and table files
 * are written and merged all the time: what is found is the state after the last acknowledged commit, or after a
 * later one, whole. Repeat a failed run with its SEED; KILLS is their number.
 */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

import { openEmbeddedEngine } from '../../src/engine/embedded/open.ts';
import { verifyEngine } from '../../src/engine/embedded/recover/verify.ts';
import { systemClock } from '../../src/support/clock.ts';
import { silentLog } from '../../src/support/log.ts';
import { runSeed, seededRandom } from '../support/random.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { BOUNDS, catalogKey, diskKey, KEYS } from './changing-tables.ts';

const kills = Number(process.env['KILLS'] ?? 12);
const program = fileURLToPath(new URL('changing-tables.ts', import.meta.url));

test(`${kills} times kill -9 while tables change: each commit is complete, and none is lost`, async (t) => {
  const seed = runSeed();
  t.diagnostic(`SEED=${seed}`);
  const random = seededRandom(seed);
  const folder = join(await temporaryFolder(), 'engine');
  t.after(() => rm(folder, { recursive: true, force: true }));
  let acknowledged = 0;
  for (let kill = 1; kill <= kills; kill++) {
    const child = spawn(process.execPath, [program, folder, String(acknowledged)], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    t.after(() => child.kill('SIGKILL'));
    child.stdout.on('data', (chunk: Buffer) => {
      const last = chunk.toString().trimEnd().split('\n').at(-1);
      acknowledged = Math.max(acknowledged, Number(last));
    });
    // Some are killed while they start.
    if (random() >= 0.1) await once(child.stdout, 'data');
    await sleep(random() * 400);
    child.kill('SIGKILL');
    await once(child, 'close');
    acknowledged = await check(folder, acknowledged);
  }
  t.diagnostic(`${acknowledged} commits`);
});

/** Gives the last commit that is there. */
async function check(folder: string, acknowledged: number): Promise<number> {
  const engine = await openEmbeddedEngine({ folder, clock: systemClock, log: silentLog, bounds: BOUNDS });
  const inMemory = engine.catalog.table<{ n: number }>('rows');
  const last = Math.max(0, ...[...inMemory.entries()].map(([, { n }]) => n));
  assert(
    last >= acknowledged,
    `commit ${acknowledged} was acknowledged, ${last} is the last one that is there`,
  );
  const found = new Map<string, number>();
  for await (const [key, { n }] of engine.tables.open<{ n: number }>('rows').entries()) found.set(key, n);
  const expected = new Map<string, number>();
  const expectedInMemory = new Map<string, number>();
  for (let n = Math.max(1, last - 2 * KEYS); n <= last; n++) {
    expected.set(diskKey(n), n);
    expected.delete(diskKey(n + KEYS / 2));
    expectedInMemory.set(catalogKey(n), n);
  }
  assert.deepEqual(found, expected);
  for (const [key, n] of expectedInMemory) assert.equal(inMemory.get(key)?.n, n);
  await engine.close();
  assert.deepEqual((await verifyEngine({ folder })).findings, []);
  return last;
}
