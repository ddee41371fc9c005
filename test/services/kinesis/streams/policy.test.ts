import assert from 'node:assert/strict';
import { test } from 'node:test';
import { checkPolicy } from '../../../../src/services/kinesis/streams/policy.ts';

const arn = 'arn:aws:kinesis:us-east-1:000000000000:stream/orders';
const statement = {
  Sid: 'read',
  Effect: 'Allow',
  Principal: { AWS: 'arn:aws:iam::111122223333:root' },
  Action: ['kinesis:GetRecords', 'kinesis:Describe*'],
  Resource: arn,
};

const policy = (changes: object) =>
  JSON.stringify({ Version: '2012-10-17', Statement: [{ ...statement, ...changes }] });

test('a policy for this resource is accepted', () => {
  checkPolicy(policy({}), arn);
  checkPolicy(policy({ Action: 'kinesis:*', Effect: 'Deny', Principal: '*', Resource: [arn] }), arn);
});

test('an invalid policy is reported', () => {
  const wrong: [string, RegExp][] = [
    ['{', /invalid Json/],
    ['[]', /Syntax errors/],
    ['{"Statement":[]}', /Syntax errors/],
    ['{"Statement":["x"]}', /Syntax errors/],
    [policy({ Effect: 'Maybe' }), /Syntax errors/],
    [policy({ Principal: undefined }), /Missing required field Principal/],
    [policy({ Action: undefined }), /must contain actions/],
    [policy({ Action: 's3:GetObject' }), /s3:GetObject is not an action of Kinesis/],
    [policy({ Resource: undefined }), /must contain resources/],
    [policy({ Resource: `${arn}2` }), /orders2 is not the one/],
    ['{"Version":"1","Statement":[]}', /Syntax errors/],
    [policy({ Sid: 'x'.repeat(30_000) }), /larger than/],
  ];
  for (const [text, message] of wrong) {
    assert.throws(() => checkPolicy(text, arn), { code: 'InvalidArgumentException', message });
  }
});
