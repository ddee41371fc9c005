import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { configurationDoc, file } from '../scripts/configuration-doc.ts';
import { file as schemaFile, schemaText } from '../scripts/schema.ts';
import { readConfig } from '../src/config.ts';
import { sectionsOf } from '../src/declarations/plan.ts';
import { registrations } from '../src/services/index.ts';
import { temporaryFolder } from './support/temporary-folder.ts';

const text = readFileSync(file, 'utf8');

test('docs/configuration.md lists the current settings (npm run docs writes them)', () => {
  assert.equal(text, configurationDoc());
});

test('the nagare.yaml in the docs is valid, and uses every option', async () => {
  const [, yaml = ''] = /```yaml\n([^`]*)```/.exec(text) ?? [];
  const folder = await temporaryFolder();
  await writeFile(join(folder, 'nagare.yaml'), yaml);
  const sections = sectionsOf(registrations);
  const { declarations } = await readConfig({ flags: {}, environment: {}, workingFolder: folder, sections });
  assert.deepEqual(declarations.problems, []);
  const shown = new Set(
    [...yaml.matchAll(/(?:^|[{,])\s*-?\s*([a-zA-Z][a-zA-Z0-9]*):/gm)].map(([, key]) => key),
  );
  for (const { name, entry } of sections) {
    assert.ok(declarations.names(name).length > 0, `no ${name} are shown`);
    for (const key of keysOf(entry?.schema ?? {}))
      assert.ok(shown.has(key), `${key} of ${name} is not shown`);
  }
});

/** All keys of a schema that are not names of the user's choice; those of limits are told in docs/limits.md. */
function keysOf(schema: unknown): string[] {
  if (typeof schema !== 'object' || schema === null) return [];
  return Object.entries(schema).flatMap(([word, part]: [string, unknown]) => {
    if (word !== 'properties' || typeof part !== 'object' || part === null) return keysOf(part);
    return Object.entries(part).flatMap(([key, value]) => [key, ...(key === 'limits' ? [] : keysOf(value))]);
  });
}

test('nagare.schema.json is the current schema of nagare.yaml (npm run docs writes it)', () => {
  assert.equal(readFileSync(schemaFile, 'utf8'), schemaText());
});
