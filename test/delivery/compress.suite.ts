import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { compress } from '../../src/delivery/compress.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { hasTools, runTool } from '../support/tools.ts';

const script = fileURLToPath(new URL('compress.py', import.meta.url));
const body = Buffer.from(Array.from({ length: 50_000 }, (_, i) => `{"number":${i}}\n`).join(''));

/** By the format: a program of others that prints what is in a file. */
const readers = {
  GZIP: ['gzip', '-dc'],
  ZIP: ['unzip', '-p'],
  SNAPPY: ['python3', script, 'SNAPPY'],
  HADOOP_SNAPPY: ['python3', script, 'HADOOP_SNAPPY'],
} as const;

for (const format of ['GZIP', 'ZIP', 'SNAPPY', 'HADOOP_SNAPPY'] as const) {
  const [program, ...args] = readers[format];
  test(`${program} reads ${format}`, async (t) => {
    // python3 comes with its packages where the AWS CLI does.
    if (!hasTools(t, program, ...(program === 'python3' ? ['aws'] : []))) return;
    const path = join(await temporaryFolder(), 'object');
    await writeFile(path, await compress(body, format));
    assert.equal(await runTool(program, [...args, path]), body.toString());
  });
}
