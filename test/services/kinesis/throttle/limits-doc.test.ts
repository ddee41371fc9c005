import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';
import { awsKinesisLimits } from '../../../../src/config/aws-kinesis-limits.ts';

test('docs/limits.md has every limit with its value', async () => {
  const text = await readFile(new URL('../../../../docs/limits.md', import.meta.url), 'utf8');
  const rows = Array.from(text.matchAll(/^\| `(\w+)` \| (\d+) \|/gm), ([, name, number]) => [
    name,
    Number(number),
  ]);
  const { callsPerSecond, ...single } = awsKinesisLimits;
  assert.deepEqual(rows, [...Object.entries(single), ...Object.entries(callsPerSecond)]);
});
