import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { mkdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { AuditFile } from '../../src/audit/audit-file.ts';
import { removeFolder, temporaryFolder } from '../support/temporary-folder.ts';

async function inFolder(run: (path: string) => Promise<void>): Promise<void> {
  const folder = await temporaryFolder();
  try {
    await run(join(folder, 'audit.log'));
  } finally {
    await removeFolder(folder);
  }
}

const text = (path: string): Promise<string> => readFile(path, 'utf8');

describe('the audit file', () => {
  it('appends to what is there, and only its owner may read it', async () => {
    await inFolder(async (path) => {
      await writeFile(path, 'earlier\n', { mode: 0o600 });
      const file = new AuditFile({ path, bytesMax: 1000, filesMax: 3 });
      await file.write('one\n');
      await file.write('two\n');
      await file.close();
      assert.equal(await text(path), 'earlier\none\ntwo\n');
      await rm(path);
      await file.write('three\n');
      await file.close();
      assert.equal((await stat(path)).mode & 0o777, 0o600);
    });
  });

  it('begins a line of its own after a line that a crash has cut off', async () => {
    await inFolder(async (path) => {
      await writeFile(path, 'whole\n{"cut":');
      const file = new AuditFile({ path, bytesMax: 1000, filesMax: 3 });
      await file.write('next\n');
      await file.close();
      assert.equal(await text(path), 'whole\n{"cut":\nnext\n');
    });
  });

  it('keeps a full file under a number, and so many files as it may have', async () => {
    await inFolder(async (path) => {
      const file = new AuditFile({ path, bytesMax: 10, filesMax: 3 });
      for (const line of ['first-\n', 'second\n', 'third-\n', 'fourth\n']) await file.write(line);
      await file.close();
      assert.equal(await text(path), 'fourth\n');
      assert.equal(await text(`${path}.1`), 'third-\n');
      assert.equal(await text(`${path}.2`), 'second\n');
      assert.equal(existsSync(`${path}.3`), false);
    });
  });

  it('continues with a new file when it is the only one', async () => {
    await inFolder(async (path) => {
      const file = new AuditFile({ path, bytesMax: 10, filesMax: 1 });
      await file.write('first-\n');
      await file.write('second\n');
      await file.close();
      assert.equal(await text(path), 'second\n');
    });
  });

  it('writes to a renamed file until it is opened again', async () => {
    await inFolder(async (path) => {
      const file = new AuditFile({ path, bytesMax: 1000, filesMax: 3 });
      await file.write('one\n');
      await rename(path, `${path}-20260101`);
      await file.write('two\n');
      file.reopen();
      await file.write('three\n');
      await file.close();
      assert.equal(await text(`${path}-20260101`), 'one\ntwo\n');
      assert.equal(await text(path), 'three\n');
    });
  });

  it('rejects while it cannot be written, and continues afterwards', async () => {
    await inFolder(async (path) => {
      await mkdir(path);
      const file = new AuditFile({ path, bytesMax: 1000, filesMax: 3 });
      await assert.rejects(file.write('one\n'), { code: 'EISDIR' });
      await rm(path, { recursive: true });
      await file.write('one\n');
      await file.close();
      assert.equal(await text(path), 'one\n');
    });
  });
});
