import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

test('docs/how-to/terraform.md lists the resources that modules apply, and no others', () => {
  const here = fileURLToPath(new URL('.', import.meta.url));
  const page = readFileSync(`${here}../../docs/how-to/terraform.md`, 'utf8');
  const table = page.slice(page.indexOf('## What applies')).match(/^\|.*$/gm) ?? [];
  const modules = globSync('modules/**/*.tf', { cwd: here }).map((path) => readFileSync(here + path, 'utf8'));
  const applied = modules.flatMap((text) => matches(text, /^resource "(aws_\w+)"/gm));
  // A data source, which applies nothing.
  const listed = matches(table.join('\n'), /`(aws_\w+)`/g).filter((name) => name !== 'aws_caller_identity');
  assert.deepEqual(listed.toSorted(), [...new Set(applied)].toSorted());
});

function matches(text: string, pattern: RegExp): string[] {
  return [...text.matchAll(pattern)].map(([, found = '']) => found);
}
