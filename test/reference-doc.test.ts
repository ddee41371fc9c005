import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { boundsDoc, file as boundsFile } from '../scripts/bounds-doc.ts';
import { commandsDoc, file as commandsFile } from '../scripts/commands-doc.ts';
import { nagareYamlDoc, file as nagareYamlFile } from '../scripts/nagare-yaml-doc.ts';

test('docs/commands.md has the current commands and options (npm run docs writes it)', async () => {
  const { isTTY } = process.stdout;
  process.stdout.isTTY = false;
  try {
    assert.equal(readFileSync(commandsFile, 'utf8'), await commandsDoc());
  } finally {
    process.stdout.isTTY = isTTY;
  }
});

test('docs/nagare-yaml.md has the current keys (npm run docs writes it)', () => {
  assert.equal(readFileSync(nagareYamlFile, 'utf8'), nagareYamlDoc());
});

test('docs/nagare-yaml.md describes every key', () => {
  const silent = nagareYamlDoc()
    .split('\n')
    .filter((line) => line.startsWith('| `') && line.endsWith('|  |'));
  assert.deepEqual(silent, []);
});

test('docs/bounds.md has every bound of every limits.ts (npm run docs writes it)', async () => {
  assert.equal(readFileSync(boundsFile, 'utf8'), await boundsDoc());
});
