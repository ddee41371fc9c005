import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { configurationDoc, file } from '../scripts/configuration-doc.ts';
import { readConfig } from '../src/config.ts';
import { temporaryFolder } from './support/temporary-folder.ts';

const text = readFileSync(file, 'utf8');

test('docs/configuration.md lists the settings as they are (npm run docs writes them)', () => {
  assert.equal(text, configurationDoc());
});

test('the nagare.yaml that it shows is a right one, and uses every option', async () => {
  const [, yaml = ''] = /```yaml\n([^`]*)```/.exec(text) ?? [];
  const folder = await temporaryFolder();
  await writeFile(join(folder, 'nagare.yaml'), yaml);
  const { declarations } = await readConfig({ flags: {}, environment: {}, workingFolder: folder });
  const shown = new Set([...yaml.matchAll(/^\s*-?\s*([a-zA-Z]+):/gm)].map(([, key]) => key));
  const declared = readFileSync(new URL('../src/config/declarations.ts', import.meta.url), 'utf8');
  for (const [, key = ''] of declared.matchAll(/^\s+([a-zA-Z]+): (?:required|optional|withDefault)\(/gm)) {
    assert.ok(shown.has(key), `${key} is not shown`);
  }
  const { placeOf: _, ...kinds } = declarations;
  for (const [kind, entries] of Object.entries(kinds)) {
    assert.ok(Object.keys(entries).length > 0, `no ${kind} are shown`);
  }
});
