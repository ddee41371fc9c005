import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseFilterPattern } from '../../../../src/services/logs/filter-pattern/filter-pattern.ts';
import { processorMsOf } from '../../../support/processor-time.ts';

// The examples of docs.aws.amazon.com/AmazonCloudWatch/latest/logs/FilterAndPatternSyntax.html are marked [D].
const event = JSON.stringify({
  eventType: 'UpdateTrail',
  sourceIPAddress: '111.111.111.111',
  arrayKey: ['value', 'another value'],
  objectList: [
    { name: 'a', id: 1 },
    { name: 'b', id: 2 },
  ],
  SomeObject: null,
  cluster: { name: 'c' },
  latency: 100.5,
  ok: true,
  'a key': 1,
});
const line = '127.0.0.1 Prod frank [10/Oct/2000:13:25:15 -0700] "GET /index.html HTTP/1.0" 404 1534';

const json: readonly (readonly [pattern: string, matches: boolean])[] = [
  ['{ $.eventType = "UpdateTrail" }', true], // [D]
  ['{ $.sourceIPAddress != 123.123.* }', true], // [D]
  ['{ $.arrayKey[0] = "value" }', true], // [D]
  ['{ $.arrayKey[*] = "another value" }', true],
  ['{ $.arrayKey[2] = "value" }', false],
  ['{ $.objectList[1].id = 2 }', true], // [D]
  ['{ $.SomeObject IS NULL }', true], // [D]
  ['{ $.SomeOtherObject NOT EXISTS }', true], // [D]
  ['{ $.SomeObject NOT EXISTS }', false],
  ['{ $.ok IS TRUE }', true],
  ['{ $.ok IS FALSE }', false],
  ['{ $.latency > 100 }', true],
  ['{ $.latency >= 1.005e2 && $.latency < 101 }', true],
  ['{ ($.eventType = "x" || $.cluster.name = "c") && $.ok IS TRUE }', true], // [D]
  ['{ $.eventType = "x" || $.cluster.name = "c" && $.ok IS FALSE }', false],
  ['{ $.eventType = "*Trail" }', true],
  ['{ $.eventType = "Up*te*Trail" }', true],
  ['{ $.eventType = "Trail*" }', false],
  ['{ $.eventType = UpdateTrail }', true],
  ["{ $.['a key'] = 1 }", true],
  ['{ $.nothing != "x" }', false],
  ['{ $.cluster = "c" }', false],
];

const fields: readonly (readonly [pattern: string, matches: boolean])[] = [
  ['[ip, user, username, timestamp, request, status_code, bytes]', true], // [D]
  ['[ip, user, username, timestamp, request, status_code=404, bytes]', true],
  ['[ip, user, username, timestamp, request =*.html*, status_code = 4*, bytes > 1000]', true], // [D]
  ['[..., request =*.html*, status_code = 4*, bytes]', true], // [D]
  ['[ip, ..., bytes > 2000]', false],
  ['[ip, user, username, timestamp, request, status_code = 5* || status_code = 404, bytes]', true],
  ['[ip, user, username, timestamp, request, status_code != 4*, bytes]', false],
  ['[ip, user]', false],
  ['[ip, user, ..., username, timestamp, request, status, bytes, more]', false],
];

test('a pattern over JSON selects messages by their properties', () => {
  for (const [pattern, matches] of json) assert.equal(parseFilterPattern(pattern)(event), matches, pattern);
  assert.equal(parseFilterPattern('{ $.a NOT EXISTS }')('plain text'), false);
  assert.equal(parseFilterPattern('{ $.a NOT EXISTS }')('{"a":'), false);
});

test('a pattern over fields selects messages by their number and their values', () => {
  for (const [pattern, matches] of fields) assert.equal(parseFilterPattern(pattern)(line), matches, pattern);
});

test('an invalid pattern is refused, and so is a regular expression', () => {
  const invalid = [
    '{ $.a }',
    '{ $.a = }',
    '{ $.a > x }',
    '{ a = 1 }',
    '{ ($.a = 1 }',
    '[a',
    '[a,]',
    '[..., ...]',
  ];
  for (const pattern of [...invalid, '{ $.a = 1 } x', '{}', '[]']) {
    assert.throws(() => parseFilterPattern(pattern), { code: 'InvalidParameterException' }, pattern);
  }
  for (const pattern of ['%a%', '{ $.a = %x% }', '[a = %x%]']) {
    assert.throws(() => parseFilterPattern(pattern), {
      message: 'nagare does not support regular expressions in filter patterns yet',
    });
  }
});

test('the time that a message takes grows with its size only', async () => {
  const matches = parseFilterPattern('[a, ..., b = x*y*z]');
  for (const message of ['[ '.repeat(500_000), '" \\'.repeat(300_000), `${'1'.repeat(1_000_000)}x`]) {
    const tookMs = await processorMsOf(() => {
      matches(message);
      parseFilterPattern('[a > 1]')(message);
    });
    // Quadratic work would take minutes.
    assert.ok(tookMs < 5_000, `${tookMs} ms`);
  }
});
