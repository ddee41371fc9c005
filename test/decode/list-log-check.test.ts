import assert from 'node:assert/strict';
import { test } from 'node:test';
import { describeReport, ListLogCheck } from '../../src/decode/list-log-check.ts';

function check(text: string, written: string | undefined, totalBytes = text.length) {
  const checked = new ListLogCheck(totalBytes, written === undefined ? {} : { 'nagare-lines': written });
  // In parts that end anywhere.
  for (let at = 0; at < text.length; at += 3) checked.add(Buffer.from(text.slice(at, at + 3)));
  return checked.report();
}

test('the object of a list log has the lines that were written, and others only from before it', () => {
  const whole = check('one\ntwo\n\n', '3;1');
  assert.deepEqual(whole, { bytes: 9, lines: 3, written: 3, problems: [] });
  assert.equal(describeReport(whole), '3 lines');
  const appended = check('header\none\n', '1;0');
  assert.deepEqual(appended.problems, []);
  assert.equal(describeReport(appended), '2 lines, 1 of them from before the list log');
  assert.deepEqual(check('', '0;0').problems, []);
});

test('missing lines, a cut line, missing bytes, and an object of somebody else are problems', () => {
  assert.deepEqual(check('one\n', '2;0').problems, ['2 lines were written, and 1 are there']);
  assert.deepEqual(check('one\ntw', '1;0').problems, ['the last line has no end']);
  assert.deepEqual(check('one\n', '1;0', 10).problems, ['4 of 10 bytes could be read']);
  assert.deepEqual(check('one\n', undefined).problems, ['the object does not say what was written to it']);
});
