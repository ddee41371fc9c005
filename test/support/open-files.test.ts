import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openFilesMax, shareHandles } from '../../src/support/open-files.ts';

test('connections stay below the limit of handles, with a reserve for files', () => {
  for (const handles of [0, 64, 128, 256, 1024, 4096, 1_048_576]) {
    const { connections, keptFiles } = shareHandles(handles);
    assert.ok(connections >= 2 && keptFiles >= 2);
    if (handles >= 64)
      assert.ok(handles - connections - keptFiles >= 40, `${handles}: ${connections} ${keptFiles}`);
  }
  assert.deepEqual(shareHandles(1024), { connections: 492, keptFiles: 123 });
  assert.equal(shareHandles(Infinity).connections, Infinity);
});

test('the limit of this process is known', () => {
  assert.ok(openFilesMax() >= 64);
});
