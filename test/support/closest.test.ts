import assert from 'node:assert/strict';
import { test } from 'node:test';
import { closest } from '../../src/support/closest.ts';

const known = ['streams', 'functions', 'listLogs', 'dataDir'];

test('a word with few typing errors is matched', () => {
  assert.equal(closest('stream', known), 'streams');
  assert.equal(closest('fucntions', known), 'functions');
  assert.equal(closest('listlogs', known), 'listLogs');
  assert.equal(closest('data_dir', known), 'dataDir');
});

test('an unrelated word matches nothing', () => {
  assert.equal(closest('topics', known), undefined);
  assert.equal(closest('', known), undefined);
});
