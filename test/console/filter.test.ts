import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { compileFilter, FilterError } from '../../src/console/filter.ts';
import { parseExactly } from '../../src/decode/exact.ts';

const text = '{"user":{"id":18446744073709551617,"name":"Ada"},"tags":["a","b"],"price":1.5,"ok":false}';
const record = {
  key: 'customer-7',
  shard: 'shardId-000000000003',
  size: 120,
  timeMs: Date.UTC(2026, 10, 29, 12),
  text: () => text,
  value: () => parseExactly(text),
};

describe('filters of records', () => {
  const matching = [
    'ada',
    '"user"',
    'customer-7',
    'key == customer-7',
    'key ~ MER and size > 100',
    '$.user.id == 18446744073709551617',
    '$.user.id > 18446744073709551616',
    '$.user.name = "Ada"',
    '$.tags[1] == b',
    '$.price >= 1.5 and not $.price > 1.5',
    '$.ok == false',
    '$.missing != x',
    'size < 10 or (key == customer-7 and ada)',
    'time > 2026-11-29T11:59:00Z',
    'shard ~ 03',
    'ada customer',
  ];
  for (const source of matching)
    test(`${source} matches`, () => assert.equal(compileFilter(source)(record), true));

  const others = [
    'bob',
    'key == customer',
    '$.user.id == 18446744073709551616',
    'not ada',
    '$.missing == x',
    '$.constructor ~ function',
    'time > 2026-11-29T12:00:01Z',
    'ada and bob',
  ];
  for (const source of others)
    test(`${source} does not`, () => assert.equal(compileFilter(source)(record), false));

  for (const source of ['key ==', '(ada', 'ada )', 'nothing == 1', '== 1', '"open', 'a'.repeat(3000)]) {
    test(`${source.slice(0, 20)} is refused with the reason`, () => {
      assert.throws(() => compileFilter(source), FilterError);
    });
  }
});
