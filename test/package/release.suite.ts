import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));
const script = 'scripts/release.mjs';

function release(...args: string[]) {
  return spawnSync(process.execPath, [script, ...args], { cwd: root, encoding: 'utf8' });
}

function git(...args: string[]): string {
  return execFileSync('git', args, { cwd: root, encoding: 'utf8' });
}

test('a dry run packs the release with its SBOM and sums, and changes nothing', () => {
  const before = [git('status', '--porcelain'), git('rev-parse', 'HEAD'), git('tag', '--list')];
  const { status, stdout, stderr } = release('99.0.0', '--dry-run', '--skip-checks');
  assert.equal(status, 0, stderr);
  assert.match(stdout, /^[0-9a-f]{64} {2}nagare-99\.0\.0\.tgz$/m);
  assert.match(stdout, /^[0-9a-f]{64} {2}nagare-99\.0\.0\.cdx\.json$/m);
  assert.match(stdout, /dry run: nothing was changed/);
  assert.deepEqual([git('status', '--porcelain'), git('rev-parse', 'HEAD'), git('tag', '--list')], before);
});

test('a release without a valid version is refused with the usage', () => {
  for (const args of [[], ['1.2'], ['1.2.3', '1.2.4']]) {
    const { status, stderr } = release(...args, '--dry-run');
    assert.equal(status, 1);
    assert.match(stderr, /^usage: node scripts\/release\.mjs <version>/);
  }
});
