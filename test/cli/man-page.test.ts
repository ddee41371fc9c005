import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { manPage } from '../../scripts/man-page.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { hasTools } from '../support/tools.ts';

test('the man page has all commands with their options, and no former names', () => {
  const page = manPage();
  assert.ok(page.startsWith('.TH NAGARE 1 '));
  for (const command of ['tail <stream>', 'stream create <name>', 'dlq redrive <queue>', 'start']) {
    assert.ok(page.includes(`\n.SS nagare ${command.replaceAll('-', '\\-')}\n`), command);
  }
  assert.ok(page.includes('\\fB\\-\\-from <position>\\fR'));
  assert.ok(page.includes('\n.SH EXIT\\-CODES\n'));
  assert.doesNotMatch(page, /^\.SS nagare logs /m);
  assert.doesNotMatch(page, /__complete/);
});

test('groff has nothing to say against the man page', async (t) => {
  if (!hasTools(t, 'groff')) return;
  const file = join(await temporaryFolder(), 'nagare.1');
  await writeFile(file, manPage());
  const { stderr } = await promisify(execFile)('groff', ['-man', '-ww', '-Tutf8', '-z', file]);
  assert.equal(stderr, '');
});
