import assert from 'node:assert/strict';
import { existsSync, globSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));
const pages = ['README.md', 'CHANGELOG.md', ...globSync('{docs,examples}/**/*.md', { cwd: root })];

for (const page of pages) {
  test(`links of ${page} are valid`, () => {
    const wrong = linksOf(page)
      .map((link) => [link, problemOf(page, link)] as const)
      .filter(([, problem]) => problem !== undefined);
    assert.deepEqual(wrong, []);
  });
}

test('docs/README.md leads to every page of docs/ and docs/how-to/', () => {
  const linked = new Set(linksOf('docs/README.md').map((link) => link.split('#')[0]));
  const all = globSync('{*,how-to/*}.md', { cwd: join(root, 'docs') }).filter((name) => name !== 'README.md');
  assert.deepEqual(
    all.filter((name) => !linked.has(name)),
    [],
  );
});

function textOf(page: string): string {
  // What is in fences is not Markdown.
  return readFileSync(join(root, page), 'utf8').replace(/^( *)```[^]*?^\1```$/gm, '');
}

function linksOf(page: string): string[] {
  const links = [...textOf(page).matchAll(/\]\(([^()\s]+)\)/g)].map(([, link = '']) => link);
  return links.filter((link) => !/^[a-z]+:/.test(link));
}

function problemOf(page: string, link: string): string | undefined {
  const [path = '', anchor] = link.split('#');
  const target = path === '' ? page : normalize(join(dirname(page), path));
  if (!existsSync(join(root, target))) return 'no such file';
  if (anchor === undefined || statSync(join(root, target)).isDirectory()) return undefined;
  return anchorsOf(target).includes(anchor) ? undefined : 'no such heading';
}

/** As GitHub makes them of headings. */
function anchorsOf(page: string): string[] {
  const headings = [...textOf(page).matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) => heading);
  return headings.map((heading) =>
    heading
      .toLowerCase()
      .replace(/[^\p{L}\p{N} _-]/gu, '')
      .replaceAll(' ', '-'),
  );
}
