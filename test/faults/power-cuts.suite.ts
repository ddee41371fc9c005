/**
 * The power is cut at random moments of a real server under a load of everything that it stores. Unsynced writes are
 * there in part, page by page or torn, in any order, with the lengths of their files or zeros in their place; names
 * are as a journal has them or each on its own. Nothing acknowledged may be lost, nothing may be wrong.
 *
 * SEED repeats the choices of a run, CUTS and LOAD_SECONDS make it longer, KEEP_FAILED is a folder for the images on
 * which it failed.
 */
import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import { runSeed } from '../support/random.ts';
import { hasTools } from '../support/tools.ts';
import { ACKNOWLEDGED_LEAST, cutPower, type CampaignReport } from './power-cuts.ts';

const cuts = Number(process.env['CUTS'] ?? 7);
/** `cuts` or `faults`: only that campaign, as in the long forms. */
const campaign = process.env['CAMPAIGN'];
const loadSeconds = Number(process.env['LOAD_SECONDS'] ?? 5);

function tell(t: TestContext, { acknowledged, changes, errors, problems }: CampaignReport): void {
  t.diagnostic(`${acknowledged} acknowledged, ${changes} changes of the disk, ${problems.length} problems`);
  for (const [error, count] of errors) t.diagnostic(`${count} times under the load: ${error}`);
}

test(
  `${cuts} power failures: acknowledged data is there, and the server starts`,
  { skip: campaign === 'faults' },
  async (t) => {
    if (!hasTools(t, 'cc')) return;
    const seed = runSeed();
    t.diagnostic(`SEED=${seed}`);
    const report = await cutPower({ seed, cuts, loadSeconds, kills: 1 });
    tell(t, report);
    assert.deepEqual(report.unrecorded, [], 'the disk is recorded as it is');
    assert.deepEqual([...report.errors], []);
    assert.equal(report.problems.length, 0, report.problems.join('\n'));
    assert(report.acknowledged >= ACKNOWLEDGED_LEAST, 'there was a load');
  },
);

test(
  `${cuts} power failures with a disk whose syncs fail and that is full at times`,
  { skip: campaign === 'cuts' },
  async (t) => {
    if (!hasTools(t, 'cc')) return;
    const seed = runSeed();
    t.diagnostic(`SEED=${seed}`);
    const faults = { failingSyncs: 20_000, fullDisks: 5_000, shortWrites: 20_000 };
    const report = await cutPower({ seed, cuts, loadSeconds, kills: 1, faults });
    tell(t, report);
    assert.equal(report.problems.length, 0, report.problems.join('\n'));
    assert(report.errors.size > 0, 'the disk failed');
    assert(report.acknowledged >= ACKNOWLEDGED_LEAST, 'there was a load');
  },
);

test(
  'the test detects a missing sync: of records, and of objects',
  { skip: campaign !== undefined },
  async (t) => {
    if (!hasTools(t, 'cc')) return;
    const seed = runSeed();
    t.diagnostic(`SEED=${seed}`);
    for (const [skippedSyncs, loss] of [
      ['.segment', /records are lost|does not start/],
      ['/objects/', /object|does not start/],
    ] as const) {
      const report = await cutPower({ seed, cuts: 8, loadSeconds: 2, kills: 0, skippedSyncs });
      assert(
        report.problems.some((problem) => loss.test(problem)),
        `${skippedSyncs}: ${report.problems.join('\n')}`,
      );
    }
  },
);
