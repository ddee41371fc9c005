import assert from 'node:assert/strict';
import { test } from 'node:test';
import { logTo, type Log } from '../../src/support/log.ts';

function written(write: (log: Log) => void): Record<string, unknown> {
  let line = '';
  write(logTo({ write: (text) => void (line += text) }, 'debug'));
  return JSON.parse(line) as Record<string, unknown>;
}

test('an error is logged with its type, its message and its stack, and those of its cause', () => {
  const error = new TypeError('no such shard', { cause: new Error('the catalog is closed') });
  const { err } = written((log) => log.error({ err: error, stream: 'orders' }, 'scaling failed'));
  const { type, message, stack } = err as Record<string, string>;
  assert.equal(type, 'TypeError');
  assert.equal(message, 'no such shard: the catalog is closed');
  assert.match(stack ?? '', /TypeError: no such shard\n +at .*\ncaused by: Error: the catalog is closed/s);
});

test('a thrown value that is not an error is logged as its text', () => {
  for (const thrown of ['out of order', 7, null]) {
    const { err } = written((log) => log.error({ err: thrown }, 'it failed'));
    assert.equal((err as Record<string, string>)['message'], String(thrown));
  }
});

test('an error under another name does not compile: only `err` is printed with its message', () => {
  const error = new Error('lost');
  // @ts-expect-error: `error` is printed as {}.
  written((log) => log.error({ error }, 'it failed'));
});
