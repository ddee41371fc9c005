import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import {
  checkDeadLetterPrefix,
  checkKeyTemplate,
  deadLetterKey,
  DEFAULT_KEY_TEMPLATE,
  objectKey,
} from '../../../../src/services/kinesis/channels/key-template.ts';
import type { Storage } from '../../../../src/services/kinesis/channels/rows.ts';

const SEQUENCE = '49590338271490256608559692538361571095921575989136588898';
const range = {
  shardId: 'shardId-000000000007',
  firstSequenceNumber: SEQUENCE,
  firstArrivalMs: Date.UTC(2026, 1, 3, 4, 5, 6),
};
const SUFFIX = `0a1b2c3d-000000000007-${SEQUENCE}`;

function channel(keyTemplate: string, compression: Storage['compression'] = 'NONE') {
  const bucket = { bucket: 'b', bucketArn: 'arn:aws:s3:::b', bucketOwner: '000000000000' };
  return {
    id: '0a1b2c3d-1111-2222-3333-444444444444',
    name: 'archive',
    stream: { name: 'orders' },
    storage: { ...bucket, keyTemplate, compression },
    deadLetters: { ...bucket, prefix: 'errors/' },
  };
}

describe('keys of objects', () => {
  const cases: [string, Storage['compression'], string][] = [
    [
      DEFAULT_KEY_TEMPLATE,
      'GZIP',
      'kinesis-channel/archive/0a1b2c3d-1111-2222-3333-444444444444/2026/02/03/04/' +
        `archive-0a1b2c3d-1111-2222-3333-444444444444-2026-02-03-04-05-${SUFFIX}.gz`,
    ],
    ['!{stream-name}/!{yy}!{MM}!{dd}T!{HH}!{mm}', 'NONE', `orders/260203T0405-${SUFFIX}`],
    ['x!{extension}', 'NONE', `x-${SUFFIX}`],
    ['x!{extension}', 'ZSTD', `x-${SUFFIX}.zst`],
    ['year=!{yyyy}/x!{extension:.json.gz}', 'GZIP', `year=2026/x-${SUFFIX}.json.gz`],
    ['plain', 'NONE', `plain-${SUFFIX}`],
  ];
  for (const [template, compression, key] of cases) {
    test(`${template} with ${compression}`, () => {
      checkKeyTemplate(channel(template, compression));
      assert.equal(objectKey(channel(template, compression), range), key);
    });
  }

  test('rejected records have keys below their prefix', () => {
    assert.equal(deadLetterKey(channel('x'), range), `errors/2026/02/03/04/archive-${SUFFIX}.json`);
  });
});

describe('invalid templates and prefixes', () => {
  const templates: [string, RegExp][] = [
    ['a b', /characters that are not allowed/],
    ['a/ü', /characters that are not allowed/],
    ['!{yyyy', /braces are unbalanced/],
    ['yyyy}', /braces are unbalanced/],
    ['{yyyy}', /braces are unbalanced/],
    ['!{!{yyyy}}', /braces are unbalanced/],
    ['/x', /begins or ends with \//],
    ['!{yyyy}/', /begins or ends with \//],
    ['a/../b', /\. or \.\. as a part/],
    ['./b', /\. or \.\. as a part/],
    ['!{partition}', /!\{partition\} is not a variable/],
    ['!{constructor}', /!\{constructor\} is not a variable/],
    ['!{extension}/x', /!\{extension\} is not at its end/],
    ['!{yyyy:.x}', /!\{yyyy:\.x\} is not a variable/],
    ['x'.repeat(1000), /too long/],
  ];
  for (const [template, message] of templates) {
    test(template.slice(0, 20), () => {
      assert.throws(() => checkKeyTemplate(channel(template)), { code: 'InvalidArgumentException', message });
    });
  }

  test('a template without an extension, when objects are compressed', () => {
    const message = /must end with !\{extension\}/;
    for (const template of ['x', '!{yyyy}']) {
      assert.throws(() => checkKeyTemplate(channel(template, 'ZSTD')), { message });
    }
  });

  for (const prefix of ['', '/x', 'a b', '../x', 'x'.repeat(513)]) {
    test(`the prefix "${prefix.slice(0, 10)}"`, () => {
      const { deadLetters, ...rest } = channel('x');
      const code = 'InvalidArgumentException';
      assert.throws(() => checkDeadLetterPrefix({ ...rest, deadLetters: { ...deadLetters, prefix } }), {
        code,
      });
    });
  }
});
