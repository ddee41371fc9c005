import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';

interface LockedPackage {
  readonly version?: string;
  readonly resolved?: string;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

function locked(): Readonly<Record<string, LockedPackage>> {
  const text = readFileSync(new URL('../package-lock.json', import.meta.url), 'utf8');
  // The file is npm's own; what of it is used is checked below.
  return (JSON.parse(text) as { packages: Record<string, LockedPackage> }).packages;
}

/**
 * `npm ci` refuses a lock file that lacks a package for another platform, and npm leaves those out when the registry
 * it was written with did not have them.
 */
test('the lock file has the packages of all platforms, so that `npm ci` works on each', () => {
  const packages = locked();
  const missing = Object.values(packages)
    .flatMap((entry) => Object.keys(entry.optionalDependencies ?? {}))
    .filter((name) => packages[`node_modules/${name}`] === undefined);
  assert.deepEqual(missing, [], 'node scripts/complete-package-lock.mjs adds them');
});

test('the lock file names no registry, so that any registry can be used', () => {
  const named = Object.values(locked()).filter((entry) => entry.resolved?.startsWith('http'));
  assert.deepEqual(named, []);
});
