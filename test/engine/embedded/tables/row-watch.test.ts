import assert from 'node:assert/strict';
import { test } from 'node:test';
import { RowWatch } from '../../../../src/engine/embedded/tables/row-watch.ts';
import { catalogRowKey, diskTablePrefix } from '../../../../src/engine/embedded/format/row-key.ts';
import type { ChangedRow } from '../../../../src/engine/watch-rows.ts';

test('changed rows are reported to those who watch their table, once for each frame', () => {
  const watch = new RowWatch();
  const told: (readonly ChangedRow[])[] = [];
  const end = watch.add(['t', 'disk'], (changed) => told.push(changed));
  watch.saw(catalogRowKey('t', 'é'));
  watch.saw(catalogRowKey('other', 'a'));
  watch.saw(`${diskTablePrefix('disk')}b`);
  assert.deepEqual(told, []);
  watch.tell();
  watch.tell();
  assert.deepEqual(told, [
    [
      { table: 't', key: 'é' },
      { table: 'disk', key: 'b' },
    ],
  ]);
  end();
  watch.saw(catalogRowKey('t', 'a'));
  watch.tell();
  assert.equal(told.length, 1);
});
