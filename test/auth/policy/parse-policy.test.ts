import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { PolicyKind } from '../../../src/auth/policy/document.ts';
import { MalformedPolicyError } from '../../../src/auth/policy/errors.ts';
import { policyLimits } from '../../../src/auth/policy/limits.ts';
import { parsePolicy } from '../../../src/auth/policy/parse-policy.ts';
import { compiled, decide } from './support.ts';
import { processorMsOf } from '../../support/processor-time.ts';

const allow = { Effect: 'Allow', Action: 's3:GetObject', Resource: '*' };

function messageFor(document: unknown, kind: PolicyKind = 'identity'): string | undefined {
  try {
    parsePolicy(typeof document === 'string' ? document : JSON.stringify(document), kind);
    return undefined;
  } catch (error) {
    if (error instanceof MalformedPolicyError) return error.message;
    throw error;
  }
}

function statement(members: object): object {
  return { Version: '2012-10-17', Statement: [{ ...allow, ...members }] };
}

const syntax = 'Syntax errors in policy.';

// The messages that AWS's IAM gives, as far as they are known from the tests that moto has run against it.
const refused: readonly (readonly [document: unknown, message: string, kind?: PolicyKind])[] = [
  ['', 'This policy contains invalid Json'],
  ['[]', syntax],
  ['null', syntax],
  [{}, syntax],
  [{ Version: '2012-10-17', Statement: [] }, syntax],
  [{ Version: '2012-10-18', Statement: allow }, syntax],
  [{ Version: '2012-10-17', Statement: allow, Extra: 1 }, syntax],
  [statement({ Extra: 1 }), syntax],
  [statement({ Effect: 'allow' }), syntax],
  [statement({ Action: 5 }), syntax],
  [statement({ NotAction: 's3:*' }), syntax],
  [statement({ Condition: { stringequals: { 'aws:a': 'b' } } }), syntax],
  [statement({ Condition: { NullIfExists: { 'aws:a': 'true' } } }), syntax],
  [statement({ Condition: { StringEquals: { 'aws:a': null } } }), syntax],
  [statement({ Condition: { NotIpAddress: { 'aws:SourceIp': '1.2.3.4/33' } } }), syntax],
  [statement({ Condition: { NumericNotEquals: { 's3:max-keys': 'ten' } } }), syntax],
  [
    statement({ Condition: { DateLessThan: { 'aws:CurrentTime': 'soon' } } }),
    'The policy failed legacy parsing',
  ],
  [statement({ Action: [] }), 'Policy statement must contain actions.'],
  [statement({ Resource: [] }), 'Policy statement must contain resources.'],
  [
    statement({ Action: 'GetObject' }),
    'Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc.',
  ],
  [statement({ Action: 's3:Get:Object' }), 'Actions/Condition can contain only one colon.'],
  [statement({ Action: 's3_:GetObject' }), 'Vendor s3_ is not valid'],
  [statement({ Resource: 'bucket' }), 'Resource bucket must be in ARN format or "*".'],
  [
    statement({ Resource: 'arn:cloud:s3:::bucket' }),
    'Partition "cloud" is not valid for resource "arn:cloud:s3:::bucket".',
  ],
  [statement({ Resource: 'arn:aws' }), 'Resource vendor must be fully qualified and cannot contain regexes.'],
  [
    statement({ Resource: 'arn:aws:*:::a' }),
    'Resource vendor must be fully qualified and cannot contain regexes.',
  ],
  [statement({ Resource: 'arn:aws:s3::bucket' }), 'The policy failed legacy parsing'],
  [statement({ Principal: '*' }), 'Policy document should not specify a principal.'],
  [
    {
      Version: '2012-10-17',
      Statement: [
        { ...allow, Sid: 'a' },
        { ...allow, Sid: 'a' },
      ],
    },
    'Statement IDs (SID) in a single policy must be unique.',
  ],
  [statement({}), 'Missing required field Principal', 'resource'],
  [
    {
      Version: '2012-10-17',
      Statement: { Effect: 'Allow', Principal: { AWS: 'ann' }, Action: 'sts:AssumeRole' },
    },
    'Invalid principal in policy: "AWS":"ann"',
    'trust',
  ],
  [
    { Version: '2012-10-17', Statement: { Effect: 'Allow', Principal: '*', Action: 's3:GetObject' } },
    'AssumeRole policy may only specify STS AssumeRole actions.',
    'trust',
  ],
];

for (const [document, message, kind] of refused) {
  const text = typeof document === 'string' ? document : JSON.stringify(document);
  test(`refused with "${message}": ${kind ?? 'identity'} ${text}`, () => {
    assert.equal(messageFor(document, kind), message);
  });
}

test('a document without a version, with one statement or with an empty Sid is valid', () => {
  assert.equal(messageFor({ Statement: allow }), undefined);
  assert.equal(
    messageFor({
      Statement: [
        { ...allow, Sid: '' },
        { ...allow, Sid: '' },
      ],
    }),
    undefined,
  );
});

test('documents are bounded in length and in values', () => {
  const long = `${JSON.stringify({ Statement: allow })}${' '.repeat(policyLimits.documentCharactersMax)}`;
  assert.equal(messageFor(long), syntax);
  const many = Array.from({ length: policyLimits.valuesMax + 1 }, () => '*');
  assert.equal(messageFor({ Statement: { ...allow, Action: many } }), syntax);
  assert.equal(
    messageFor('['.repeat(policyLimits.documentCharactersMax)),
    'This policy contains invalid Json',
  );
});

test('__proto__ is a name like others: refused as an element, a condition key without a value otherwise', () => {
  assert.equal(
    messageFor('{"Statement":{"Effect":"Allow","Action":"s3:*","Resource":"*","__proto__":{}}}'),
    syntax,
  );
  assert.equal(messageFor('{"__proto__":{"Statement":[]}}'), syntax);
  const inherited = '{"Statement":{"Effect":"Allow","__proto__":{"Action":"s3:*","Resource":"*"}}}';
  assert.equal(messageFor(inherited), syntax);
  const policy = compiled({ ...allow, Condition: { StringEquals: { 'aws:RequestTag/__proto__': 'x' } } });
  assert.equal(decide({ action: 's3:GetObject', resource: '*' }, { identity: [policy] }), 'implicitDeny');
  assert.equal(
    decide(
      { action: 's3:GetObject', resource: '*', context: { 'aws:RequestTag/__proto__': 'x' } },
      { identity: [policy] },
    ),
    'allowed',
  );
});

test('a pattern of many stars takes no longer than its length times the text', async () => {
  const policy = compiled({ ...allow, Action: `s3:${'*a'.repeat(500)}b` });
  const request = { action: `s3:${'a'.repeat(2000)}`, resource: '*' };
  const tookMs = await processorMsOf(() =>
    assert.equal(decide(request, { identity: [policy] }), 'implicitDeny'),
  );
  assert.ok(tookMs < 2000, `${tookMs} ms`);
});
