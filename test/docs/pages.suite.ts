import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { cp, mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { mainPath } from '../support/server-process.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { hasTools, runTool } from '../support/tools.ts';
import { howTo, runPage, stepsOf } from './page.ts';

const version2 = fileURLToPath(new URL('../engine/embedded/version-2', import.meta.url));

/** What a page needs besides the AWS CLI, as it says itself. */
const programs: Readonly<Record<string, readonly string[]>> = {
  'read-a-stream.md': ['go', 'mvn', 'java', 'npm', 'python3'],
  'first-function.md': ['python3'],
  'behind-a-proxy.md': ['nginx', 'openssl'],
  'monitoring.md': ['curl'],
  'tls.md': ['openssl', 'curl'],
  'upgrading.md': ['curl'],
};
/** Tests of their own, below. */
const others = ['upgrading.md', 'service-under-systemd.md'];

for (const page of readdirSync(howTo).filter((name) => name.endsWith('.md') && !others.includes(name))) {
  test(`docs/how-to/${page} works as written`, async (t) => {
    if (!hasTools(t, 'aws', 'bash', ...(programs[page] ?? []))) return;
    await runPage(page);
  });
}

test('README.md: the first minute works as written', async (t) => {
  if (!hasTools(t, 'bash')) return;
  const readme = await readFile(join(howTo, '../../README.md'), 'utf8');
  const [, section = ''] = /^## The first minute\n(.*?)^## /ms.exec(readme) ?? [];
  const page = join(await temporaryFolder(), 'first-minute.md');
  await writeFile(page, section);
  await runPage(relative(howTo, page));
});

test('docs/security.md: the set-up works as written', async (t) => {
  if (!hasTools(t, 'aws', 'bash')) return;
  await runPage('../security.md');
});

test('docs/how-to/upgrading.md upgrades a store of version 2, and downgrades it', async (t) => {
  if (!hasTools(t, 'bash', 'curl')) return;
  const folder = await runPage('upgrading.md', async (work) => {
    await mkdir(join(work, 'nagare-data'));
    await cp(version2, join(work, 'nagare-data', 'engine'), { recursive: true });
  });
  assert.deepEqual(await filesOf(join(folder, 'nagare-data', 'engine')), await filesOf(version2));
});

async function filesOf(folder: string): Promise<Record<string, string>> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  const contents = files.map(async (path) => {
    return [path.slice(folder.length + 1), (await readFile(path)).toString('base64')] as const;
  });
  return Object.fromEntries(await Promise.all(contents));
}

test('systemd accepts the unit in docs/how-to/service-under-systemd.md', async (t) => {
  if (!hasTools(t, 'systemd-analyze')) return;
  const steps = stepsOf(await readFile(join(howTo, 'service-under-systemd.md'), 'utf8'));
  const unit = steps.find((step) => step.kind === 'file' && step.name === 'nagare.service');
  assert(unit?.kind === 'file');
  const content = unit.content
    .replace('/opt/nagare/node_modules/.bin/node', process.execPath)
    .replace('/opt/nagare/node_modules/nagare/dist/main.js', mainPath);
  assert.ok(content.includes(`ExecStart=${process.execPath} ${mainPath} start\n`));
  const path = join(await temporaryFolder(), 'nagare.service');
  await writeFile(path, content);
  // It prints what it does not know, and then ends with 0.
  const printed = await runTool('bash', [
    '-c',
    `systemd-analyze verify '${path}' 2>&1 | grep nagare || true`,
  ]);
  assert.equal(printed, '');
});
