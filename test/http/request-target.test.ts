import assert from 'node:assert/strict';
import { it } from 'node:test';
import { splitTarget } from '../../src/http/request-target.ts';

for (const [target, path, query] of [
  ['/', '/', ''],
  ['/a%20b?c=d?e', '/a%20b', 'c=d?e'],
  ['/?', '/', ''],
  ['//a//b', '//a//b', ''],
  ['http://host:80/a?b', '/a', 'b'],
  ['HTTPS://host?b', '/', 'b'],
  ['*', '*', ''],
] as const) {
  it(`parses ${target}`, () => assert.deepEqual(splitTarget(target), [path, query]));
}
