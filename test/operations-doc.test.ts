import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { file, operationsDoc } from '../scripts/operations-doc.ts';

test('docs/operations.md has a row for every operation, as the registries have them (npm run docs writes it)', () => {
  assert.equal(readFileSync(file, 'utf8'), operationsDoc());
});
