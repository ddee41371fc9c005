import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { kinesisDifferences } from '../scripts/kinesis-differences.ts';
import { file, operationsDoc } from '../scripts/operations-doc.ts';

test('docs/operations.md has a row for every operation, as the registries have them (npm run docs writes it)', () => {
  assert.equal(readFileSync(file, 'utf8'), operationsDoc());
});

test('each difference from AWS names an existing test', () => {
  for (const {
    test: [path, name],
  } of kinesisDifferences) {
    const text = readFileSync(new URL(path, import.meta.url), 'utf8');
    assert(text.includes(`'${name}`), `${path}: ${name}`);
  }
});
