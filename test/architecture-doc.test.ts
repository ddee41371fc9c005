import assert from 'node:assert/strict';
import { existsSync, globSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const page = readFileSync(`${root}/docs/architecture.md`, 'utf8');
const sources = globSync('src/**/*.ts', { cwd: root }).map((file) => ({
  file,
  text: readFileSync(`${root}/${file}`, 'utf8'),
}));

/** The first cells of the table below a heading. */
function rowsBelow(heading: string): string[] {
  const [, section = ''] = page.split(`${heading}\n`);
  const [body = ''] = section.split(/^#+ /m);
  return [...body.matchAll(/^\| `([^`]+)` \|/gm)].map(([, cell = '']) => cell);
}

test('every file and folder that docs/architecture.md names exists', () => {
  const named = [...page.matchAll(/`((?:src|test)\/[^`*]+)`/g)].map(([, path = '']) => path);
  assert(named.length > 30);
  assert.deepEqual(
    named.filter((path) => !existsSync(`${root}/${path}`)),
    [],
  );
});

test('docs/architecture.md lists all tables', () => {
  const opened = /(?:\.table(?:<[^(]*>)?\(|tables\.open(?:<[^(]*>)?\(|_TABLE = )'([^'<]+)'/g;
  const inCode = new Set(
    sources.flatMap(({ text }) => [...text.matchAll(opened)].map(([, name = '']) => name)),
  );
  const listed = rowsBelow('### Tables').filter((name) => !name.includes('<'));
  assert.deepEqual(listed, [...inCode].toSorted());
});

test('docs/architecture.md lists all files that schedule background work', () => {
  const scheduling = sources
    .filter(
      ({ file, text }) => file !== 'src/support/clock.ts' && /lock\.schedule\(|\bsetInterval\(/.test(text),
    )
    .map(({ file }) => file);
  assert.deepEqual(rowsBelow('## Background work').toSorted(), scheduling.toSorted());
});
