import assert from 'node:assert/strict';
import { readdir } from 'node:fs/promises';
import { test } from 'node:test';
import { runCommand } from '../../support/command.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

test('bench measures each kind of work on a server of its own, judges the disk, and leaves nothing behind', async () => {
  const workingFolder = await temporaryFolder();
  const { code, output, errors } = await runCommand(
    ['bench', '--seconds', '1', '--json'],
    {},
    { workingFolder },
  );
  assert.equal(code, 0, errors);
  const { Disk: disk, Results: results } = JSON.parse(output) as {
    readonly Disk: { readonly Honest: string; readonly Syncs: number };
    readonly Results: readonly {
      readonly Work: string;
      readonly PerSecond: number;
      readonly P99Milliseconds: number;
    }[];
  };
  assert.ok(['no', 'unlikely', 'plausible'].includes(disk.Honest) && disk.Syncs > 0);
  assert.deepEqual(
    results.map(({ Work }) => Work.split(',')[0]),
    ['put', 'put', 'PutRecords of 500', 'get', 'push', 'list log'],
  );
  for (const { Work, PerSecond, P99Milliseconds } of results)
    assert.ok(PerSecond > 0 && P99Milliseconds > 0, Work);
  assert.deepEqual(await readdir(workingFolder), []);
});
