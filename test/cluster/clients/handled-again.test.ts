import assert from 'node:assert/strict';
import { test } from 'node:test';
import { timesHandledAgain } from './handled-again.ts';

const stream = 'abcdefgh'.split('');

test('counts how often a reader went back', () => {
  assert.equal(timesHandledAgain(stream, stream, 3), 0);
  assert.equal(timesHandledAgain('abcdbcdefgh'.split(''), stream, 3), 1);
  assert.equal(timesHandledAgain('abcdbcdefghfgh'.split(''), stream, 3), 2);
  assert.equal(timesHandledAgain('aabaab'.split(''), 'aabaab'.split(''), 3), 0);
  assert.equal(timesHandledAgain([], [], 3), 0);
});

test('finds what is lost, out of order, or from further back', () => {
  for (const wrong of ['abcefgh', 'abcdefg', 'abdcefgh', 'abcdefghx', 'abcdefgabcdefgh', ''])
    assert.throws(() => timesHandledAgain(wrong.split(''), stream, 3), { name: 'AssertionError' }, wrong);
});
