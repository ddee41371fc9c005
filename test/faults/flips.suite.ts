/**
 * A bit is flipped, or a file cut or removed, in a data folder with files of every kind: records, tables, keys,
 * objects, code, metrics, logs. Each damage is refused by name when the server starts, told of while all else goes
 * on, or harmless. Nothing is ever served that is not as it was stored, and no other code is executed.
 *
 * SEED repeats a run, FLIPS is the number of damages.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { runSeed, seededRandom } from '../support/random.ts';
import { describeDamage, fillFolder, pickDamages, tryDamage } from './flips.ts';

const count = Number(process.env['FLIPS'] ?? 12);

test(`${count} cases of damage: each is refused by name, reported, or harmless`, async (t) => {
  const seed = runSeed();
  t.diagnostic(`SEED=${seed}`);
  const random = seededRandom(seed);
  const folder = await fillFolder(random, 3);
  const failed: string[] = [];
  const verdicts = new Map<string, number>();
  for (const damage of await pickDamages(folder, count, random)) {
    const { verdict, details } = await tryDamage(folder, damage);
    verdicts.set(verdict ?? 'wrong', (verdicts.get(verdict ?? 'wrong') ?? 0) + 1);
    if (verdict === undefined) failed.push(`${describeDamage(damage)}\n${details}`);
  }
  t.diagnostic([...verdicts].map(([verdict, times]) => `${times} ${verdict}`).join(', '));
  assert.equal(failed.length, 0, failed.join('\n\n'));
});
