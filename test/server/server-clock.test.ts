import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import type { DataFolder } from '../../src/data-folder/data-folder.ts';
import { openServerClock } from '../../src/server/server-clock.ts';
import { silentLog } from '../../src/support/log.ts';
import { seededPick } from '../support/random.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

// A flipped bit in a name made the time NaN, and the server ended at its first write; one in a number put the server
// years ahead, where all its records had expired.
test('damage to the stored state of the clock is logged, and the clock of the machine is trusted', async () => {
  const pick = seededPick(20191103);
  const path = await temporaryFolder();
  const data: DataFolder = {
    path,
    mayHaveOlderWriter: false,
    lost: Promise.race([]),
    fence: { check: () => undefined },
    close: () => Promise.resolve(),
  };
  const warnings: unknown[] = [];
  const log = { ...silentLog, warn: (...said: unknown[]) => void warnings.push(said) };
  const file = join(path, 'clock.json');
  await (await openServerClock(data, log)).close();
  await (await openServerClock(data, log)).close();
  assert.deepEqual(warnings, []);
  const whole = await readFile(file);
  for (let at = 0; at < whole.length - 1; at++) {
    const damaged = Buffer.from(whole);
    damaged.writeUInt8(damaged.readUInt8(at) ^ (1 << Math.floor(pick(8))), at);
    await writeFile(file, damaged);
    const opened = await openServerClock(data, log);
    assert(Math.abs(opened.clock.now() - Date.now()) < 60_000, damaged.toString());
    await opened.close();
    assert.equal(warnings.splice(0).length, 1, damaged.toString());
  }
});
