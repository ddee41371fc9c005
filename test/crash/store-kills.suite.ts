/**
 * kill -9 again and again, at any moment of a store at work: puts of one and many records, reshards, retention,
 * streams that come and go, tags, a list log and a consumer. Nothing acknowledged is lost or repeated, order is kept,
 * and what the process checks of itself when it starts holds. Repeat a failed run with its SEED; KILLS is their number.
 *
 * kill.suite.ts kills whole servers. Here no socket lies between what is acknowledged and who hears of it, so that
 * an answer that is given before its record is on disk shows within a few kills.
 */
import assert from 'node:assert/strict';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

import { verifyEngine } from '../../src/engine/embedded/recover/verify.ts';
import { runSeed, seededRandom } from '../support/random.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { Known } from './known.ts';
import type { Told } from './told.ts';
import { until } from '../support/until.ts';

const kills = Number(process.env['KILLS'] ?? 12);
const program = fileURLToPath(new URL('loaded-store.ts', import.meta.url));

test(`${kills} times kill -9 on all paths: nothing acknowledged is lost or repeated`, async (t) => {
  const seed = runSeed();
  t.diagnostic(`SEED=${seed}`);
  const random = seededRandom(seed);
  const folder = await temporaryFolder();
  t.after(() => rm(folder, { recursive: true, force: true }));
  const known = new Known(4);
  for (let kill = 1; kill <= kills; kill++) {
    const run = start(folder, known, seed + kill, false);
    t.after(() => run.child.kill('SIGKILL'));
    // Some are killed while they start. In some, however slow the machine is, what reads has caught up: the clock moves
    // from run to run, and what nobody has read for a day is gone.
    if (random() >= 0.1) await run.says('ready');
    if (kill % 4 === 0) await run.says('caught up');
    await sleep(random() * 400);
    run.child.kill('SIGKILL');
    assert.equal(await run.ended, 'SIGKILL', `run ${kill}: ${run.errors()}`);
    if (kill % 20 === 0) await checkFolder(folder);
  }
  const last = start(folder, known, seed, true);
  assert.equal(await last.ended, 0, last.errors());
  known.checkEnd();
  await checkFolder(folder);
  t.diagnostic(`${known.records} records`);
});

async function checkFolder(folder: string): Promise<void> {
  assert.deepEqual((await verifyEngine({ folder: join(folder, 'engine') })).findings, []);
}

interface Run {
  readonly child: ChildProcess;
  /** Resolves when it has said so, or has ended. */
  says(text: string): Promise<unknown>;
  /** Resolves with the signal or exit code when all was heard that the process said. */
  readonly ended: Promise<number | string | null>;
  errors(): string;
}

function start(folder: string, known: Known, seed: number, last: boolean): Run {
  const file = join(folder, 'told');
  const given = JSON.stringify(known.given(seed, last));
  const child = spawn(process.execPath, [program, folder, file, given], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let [output, errors] = ['', ''];
  child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (errors += chunk.toString()));
  const ended = once(child, 'exit').then(async ([code, signal]) => {
    await hear(file, known);
    return (signal ?? code) as number | string | null; // as node says
  });
  const hasEnded = (): boolean => child.exitCode !== null || child.signalCode !== null;
  const says = (text: string): Promise<unknown> =>
    until(() => output.includes(text) || hasEnded(), { what: text, withinMs: 120_000 });
  return { child, says, ended, errors: () => errors };
}

async function hear(file: string, known: Known): Promise<void> {
  const text = await readFile(file, 'utf8').catch(() => '');
  await rm(file, { force: true });
  for (const line of text.split('\n')) {
    if (line !== '') known.take(JSON.parse(line) as Told); // our own
  }
}
