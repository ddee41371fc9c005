import assert from 'node:assert/strict';
import { readdir, readFile, readlink, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { strToU8, zipSync, type Zippable } from 'fflate';
import { unpack, UnpackedTooLargeError } from '../../../../src/services/lambda/code/unpack.ts';
import { readZip, ZipError } from '../../../../src/services/lambda/code/zip.ts';
import { temporaryFolder } from '../../../support/temporary-folder.ts';

const bounds = { bytesMax: 1000, filesMax: 10 };

/** With Unix permissions, as zip tools write them. */
function unix(text: string, mode: number): [Uint8Array, { os: number; attrs: number }] {
  return [strToU8(text), { os: 3, attrs: mode * 65536 }];
}

async function unpacked(entries: Zippable): Promise<string> {
  const folder = join(await temporaryFolder(), 'code');
  await unpack(Buffer.from(zipSync(entries)), folder, bounds);
  return folder;
}

test('files keep their folders, their content and their permissions', async () => {
  const folder = await unpacked({
    'index.js': strToU8('plain'),
    'lib/deep/a.txt': [strToU8('stored'), { level: 0 }],
    bootstrap: unix('#!/bin/sh', 0o100755),
    'hidden.txt': unix('no read for us', 0o100000),
    '流れ.txt': strToU8('unicode'),
  });
  assert.equal(await readFile(join(folder, 'index.js'), 'utf8'), 'plain');
  assert.equal(await readFile(join(folder, 'lib/deep/a.txt'), 'utf8'), 'stored');
  assert.equal(await readFile(join(folder, '流れ.txt'), 'utf8'), 'unicode');
  assert.equal((await stat(join(folder, 'bootstrap'))).mode & 0o777, 0o755);
  assert.equal((await stat(join(folder, 'index.js'))).mode & 0o777, 0o644);
  assert.equal((await stat(join(folder, 'hidden.txt'))).mode & 0o400, 0o400);
});

test('links within the zip are created; others are refused', async () => {
  const folder = await unpacked({ 'a/b.txt': strToU8('b'), 'c.txt': unix('a/b.txt', 0o120777) });
  assert.equal(await readlink(join(folder, 'c.txt')), 'a/b.txt');
  for (const target of ['/etc/passwd', '../../x', 'a/../../../x']) {
    await assert.rejects(unpacked({ 'a/link': unix(target, 0o120777) }), ZipError, target);
  }
  // A file of the zip must not be written through a link of the zip.
  const through = { d: unix('a', 0o120777), 'd/e.txt': strToU8('e') };
  await assert.rejects(unpacked(through), ZipError);
});

test('no name points outside the folder', async () => {
  for (const name of ['../evil', '/etc/evil', 'a/../../evil', 'a\\..\\..\\evil', 'a\0b', '..']) {
    const parent = await temporaryFolder();
    const zip = Buffer.from(zipSync({ [name]: strToU8('evil') }));
    await assert.rejects(unpack(zip, join(parent, 'code'), bounds), ZipError, name);
    assert.deepEqual(
      (await readdir(parent)).filter((entry) => entry !== 'code'),
      [],
    );
  }
});

test('limits are enforced, even if the zip misstates its sizes', async () => {
  await assert.rejects(unpacked({ big: new Uint8Array(1001) }), { name: 'UnpackedTooLargeError' });
  const many = Object.fromEntries(Array.from({ length: 11 }, (_, n) => [`f${n}`, strToU8('')]));
  await assert.rejects(unpacked(many), { name: 'UnpackedTooLargeError' });
  const lying = Buffer.from(zipSync({ big: new Uint8Array(100_000) }));
  const directory = lying.indexOf(Buffer.from([0x50, 0x4b, 1, 2]));
  lying.writeUInt32LE(10, directory + 24);
  await assert.rejects(unpack(lying, join(await temporaryFolder(), 'code'), bounds), ZipError);
});

test('damage is detected, wherever it is', () => {
  const zip = Buffer.from(
    zipSync({
      'a.txt': strToU8('some text that is long enough to be compressed'),
      'b/c.txt': strToU8('more'),
    }),
  );
  const whole = readZip(zip).map((entry) => [entry.name, entry.content().toString()]);
  let found = 0;
  for (let at = 0; at < zip.length; at++) {
    const damaged = Buffer.from(zip);
    damaged.writeUInt8(damaged.readUInt8(at) ^ 0xff, at);
    try {
      const read = readZip(damaged).map((entry) => [entry.name, entry.content().toString()]);
      // Times, names and sizes of local headers are not looked at, and names cannot be checked.
      if (JSON.stringify(read) === JSON.stringify(whole)) continue;
      assert.deepEqual(
        read.map(([, text]) => text),
        whole.map(([, text]) => text),
      );
    } catch (error) {
      assert.ok(error instanceof ZipError, String(error));
      found++;
    }
  }
  assert.ok(found > zip.length / 3);
  for (let length = 0; length < zip.length; length++)
    assert.throws(() => readZip(zip.subarray(0, length)), ZipError);
});

// These were faults of ours: CreateFunction answered 500.
test('a path that is a file and a folder, and names too long for a file system, are errors of the zip', async () => {
  const file = strToU8('x');
  for (const entries of [
    { a: file, 'a/b': file },
    { 'a/b': file, a: file },
    { a: file, 'a/b/': new Uint8Array() },
    { a: unix('c', 0o120777), c: file, 'a/b': file },
    { ['n'.repeat(5000)]: file },
    { ['n'.repeat(300)]: file },
    { [`${'n'.repeat(300)}/`]: new Uint8Array() },
    { [`${'n'.repeat(300)}/a`]: file },
    { ['l'.repeat(300)]: unix('a', 0o120777) },
  ]) {
    await assert.rejects(unpacked(entries), ZipError, Object.keys(entries).join(' ').slice(0, 40));
  }
});

test('folders count as well: a name can contain thousands of them', async () => {
  for (const name of ['d/'.repeat(11) + 'f', 'd/'.repeat(20_000) + 'f']) {
    await assert.rejects(unpacked({ [name]: strToU8('x') }), UnpackedTooLargeError);
  }
});
