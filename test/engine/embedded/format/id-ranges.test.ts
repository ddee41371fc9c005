import assert from 'node:assert/strict';
import { test } from 'node:test';
import { array, assert as check, integer, nat, property, tuple } from 'fast-check';

import { IdRanges } from '../../../../src/engine/embedded/format/id-ranges.ts';

test('is a set, whatever is added in any order, and stores neighbours as one range', () => {
  const range = tuple(nat(60), integer({ min: 1, max: 8 }));
  check(
    property(array(range, { maxLength: 40 }), (added) => {
      const ranges = new IdRanges();
      const set = new Set<number>();
      for (const [from, count] of added) {
        ranges.add(from, from + count);
        for (let id = from; id < from + count; id++) set.add(id);
      }
      for (let id = 0; id < 80; id++) assert.equal(ranges.has(id), set.has(id));
      let end = -1;
      for (const { from, until } of ranges) {
        assert(from > end && until > from);
        end = until;
      }
    }),
  );
});
