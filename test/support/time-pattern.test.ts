import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { TimePatternError, timeFormatter } from '../../src/support/time-pattern.ts';

/** Written by Patterns.java beside it, with Java's own DateTimeFormatter. */
const lines = readFileSync(new URL('java-time-patterns/expected.jsonl', import.meta.url), 'utf8');
const expected: readonly { readonly pattern: string; readonly texts: readonly string[] | null }[] = lines
  .trim()
  .split('\n')
  .map((line) => JSON.parse(line));
const zones = ['UTC', 'Asia/Kathmandu', 'America/New_York'];
const times = [0, 1572787459223, 1767225599999, 1709208000001, 1782907200000, 1793510999000];

test('time patterns mean the same as in Java, and patterns that Java refuses are refused', () => {
  assert.ok(expected.length > 100);
  for (const { pattern, texts } of expected) {
    if (texts === null) {
      assert.throws(() => timeFormatter(pattern, 'UTC'), TimePatternError, pattern);
      continue;
    }
    const made = zones.flatMap((zone) => times.map(timeFormatter(pattern, zone)));
    assert.deepEqual(made, texts, pattern);
  }
});

test('names of zones are supported for UTC, and refused by name elsewhere', () => {
  assert.equal(timeFormatter('z zzzz v', 'UTC')(0), 'UTC Coordinated Universal Time UTC');
  assert.throws(
    () => timeFormatter('zzz', 'Asia/Tokyo'),
    /letters zzz .* only supported for UTC; use XXX or O/,
  );
});

test('letters that Amazon Data Firehose refuses too, and unknown zones, are refused', () => {
  for (const pattern of ['VV', 'ppH']) assert.throws(() => timeFormatter(pattern, 'UTC'), TimePatternError);
  assert.throws(() => timeFormatter('yyyy', 'Nowhere/Land'), /unknown time zone Nowhere\/Land/);
});
