/**
 * Worked examples of the IAM user guide: "Policy evaluation logic", "Policies and permissions", "IAM JSON policy
 * elements" (NotAction, NotResource, Condition, variables), "Condition operators", "Multivalued context keys".
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Decision } from '../../../src/auth/policy/evaluate.ts';
import type { PolicyPrincipal } from '../../../src/auth/policy/principal.ts';
import { ACCOUNT, ann, compiled, decide, type Question } from './support.ts';

interface Example {
  readonly says: string;
  readonly statements: object | readonly object[];
  readonly version?: string;
  readonly asked: readonly (readonly [question: Question, decision: Decision])[];
}

const home = 'arn:aws:s3:::mybucket';
const denied: Decision = 'explicitDeny';
const no: Decision = 'implicitDeny';
const yes: Decision = 'allowed';

function ask(action: string, resource: string, context: Question['context'] = {}): Question {
  return { action, resource, context };
}

function conditional(condition: object): object {
  return { Effect: 'Allow', Action: 's3:*', Resource: '*', Condition: condition };
}

const get = (context: Question['context']): Question => ask('s3:GetObject', `${home}/k`, context);

const examples: readonly Example[] = [
  {
    says: 'an explicit deny overrides an allow (evaluation logic)',
    statements: [
      { Effect: 'Allow', Action: 's3:*', Resource: '*' },
      { Effect: 'Deny', Action: 's3:DeleteObject', Resource: '*' },
    ],
    asked: [
      [ask('s3:GetObject', `${home}/k`), yes],
      [ask('s3:DeleteObject', `${home}/k`), denied],
      [ask('ec2:RunInstances', '*'), no],
    ],
  },
  {
    says: 'actions ignore case and have wildcards (Action)',
    statements: { Effect: 'Allow', Action: ['iam:*AccessKey*', 'sqs:Sen?Message'], Resource: '*' },
    asked: [
      [ask('iam:CreateAccessKey', '*'), yes],
      [ask('IAM:LISTACCESSKEYS', '*'), yes],
      [ask('sqs:SendMessage', '*'), yes],
      [ask('sqs:SenddMessage', '*'), no],
      [ask('sqs:SenMessage', '*'), no],
      [ask('iam:CreateUser', '*'), no],
    ],
  },
  {
    says: 'NotAction with Allow gives all but the listed actions (NotAction)',
    statements: { Effect: 'Allow', NotAction: 's3:DeleteBucket', Resource: 'arn:aws:s3:::*' },
    asked: [
      [ask('s3:GetObject', `${home}/k`), yes],
      [ask('s3:DeleteBucket', home), no],
    ],
  },
  {
    says: 'NotResource with Deny spares the listed resources (NotResource)',
    statements: [
      { Effect: 'Allow', Action: 's3:*', Resource: '*' },
      {
        Effect: 'Deny',
        Action: 's3:*',
        NotResource: ['arn:aws:s3:::HRBucket/Payroll', 'arn:aws:s3:::HRBucket/Payroll/*'],
      },
    ],
    asked: [
      [ask('s3:GetObject', 'arn:aws:s3:::HRBucket/Payroll/2026'), yes],
      [ask('s3:GetObject', 'arn:aws:s3:::HRBucket/other'), denied],
    ],
  },
  {
    says: 'a home folder by a variable (policy variables)',
    statements: { Effect: 'Allow', Action: 's3:*', Resource: `${home}/\${aws:username}/*` },
    asked: [
      [ask('s3:GetObject', `${home}/ann/a`, { 'aws:username': 'ann' }), yes],
      [ask('s3:GetObject', `${home}/bob/a`, { 'aws:username': 'ann' }), no],
      [ask('s3:GetObject', `${home}/bob/a`, { 'aws:username': '*' }), no],
      [ask('s3:GetObject', `${home}//a`), no],
    ],
  },
  {
    says: 'the older version takes variables as text (Version)',
    version: '2008-10-17',
    statements: { Effect: 'Allow', Action: 's3:*', Resource: `${home}/\${aws:username}/*` },
    asked: [
      [ask('s3:GetObject', `${home}/ann/a`, { 'aws:username': 'ann' }), no],
      [ask('s3:GetObject', `${home}/\${aws:username}/a`, { 'aws:username': 'ann' }), yes],
    ],
  },
  {
    says: 'a default value stands in for a missing key (policy variables)',
    statements: {
      Effect: 'Allow',
      Action: 's3:*',
      Resource: `${home}/\${aws:PrincipalTag/team, 'company-wide'}/*`,
    },
    asked: [
      [ask('s3:GetObject', `${home}/company-wide/a`), yes],
      [ask('s3:GetObject', `${home}/yellow/a`, { 'aws:PrincipalTag/team': 'yellow' }), yes],
      [ask('s3:GetObject', `${home}/company-wide/a`, { 'aws:PrincipalTag/team': 'yellow' }), no],
    ],
  },
  {
    says: '${*}, ${?} and ${$} are these characters (policy variables)',
    statements: { Effect: 'Allow', Action: 's3:*', Resource: `${home}/\${*}\${?}\${$}` },
    asked: [
      [ask('s3:GetObject', `${home}/*?$`), yes],
      [ask('s3:GetObject', `${home}/abc`), no],
    ],
  },
  {
    says: 'wildcards stay within a part of an ARN, but the last one covers the rest (Resource)',
    statements: {
      Effect: 'Allow',
      Action: '*',
      Resource: ['arn:aws:kinesis:*:1*:stream/a', 'arn:aws:sns:*'],
    },
    asked: [
      [ask('kinesis:PutRecord', `arn:aws:kinesis:us-east-1:${ACCOUNT}:stream/a`), yes],
      [ask('kinesis:PutRecord', `arn:aws:kinesis:us-east-1:${ACCOUNT}:stream/b:1:stream/a`), no],
      [ask('kinesis:PutRecord', `arn:aws:kinesis:us-east-1:2:stream/a`), no],
      [ask('sns:Publish', `arn:aws:sns:us-east-1:${ACCOUNT}:news`), yes],
    ],
  },
  {
    says: 'several keys must all match, several values one (Condition)',
    statements: conditional({
      StringEquals: { 'aws:PrincipalTag/department': ['finance', 'hr'], 'aws:PrincipalTag/role': 'audit' },
    }),
    asked: [
      [get({ 'aws:PrincipalTag/department': 'hr', 'aws:PrincipalTag/role': 'audit' }), yes],
      [get({ 'AWS:principaltag/Department': 'hr', 'aws:PrincipalTag/role': 'audit' }), yes],
      [get({ 'aws:PrincipalTag/department': 'hr', 'aws:PrincipalTag/role': 'dev' }), no],
      [get({ 'aws:PrincipalTag/department': 'hr' }), no],
    ],
  },
  {
    says: 'a negated operator matches none of the values, and a missing key (negated operators)',
    statements: conditional({ StringNotEquals: { 'aws:PrincipalTag/job': ['dev', 'ops'] } }),
    asked: [
      [get({ 'aws:PrincipalTag/job': 'audit' }), yes],
      [get({ 'aws:PrincipalTag/job': 'ops' }), no],
      [get({}), yes],
    ],
  },
  {
    says: '...IfExists matches a missing key (IfExists)',
    statements: conditional({ StringLikeIfExists: { 'ec2:InstanceType': ['t1.*', 't2.*'] } }),
    asked: [
      [get({ 'ec2:InstanceType': 't2.micro' }), yes],
      [get({ 'ec2:InstanceType': 'm5.large' }), no],
      [get({}), yes],
    ],
  },
  {
    says: 'Null tests whether a key is there (Null)',
    statements: conditional({ Null: { 'aws:TokenIssueTime': 'true' } }),
    asked: [
      [get({}), yes],
      [get({ 'aws:TokenIssueTime': '2026-01-01T00:00:00Z' }), no],
    ],
  },
  {
    says: 'address ranges, and exceptions from them (IP address operators)',
    statements: [
      conditional({ IpAddress: { 'aws:SourceIp': ['203.0.113.0/24', '2001:DB8:1234:5678::/64'] } }),
      {
        Effect: 'Deny',
        Action: '*',
        Resource: '*',
        Condition: { IpAddress: { 'aws:SourceIp': '203.0.113.7' } },
      },
    ],
    asked: [
      [get({ 'aws:SourceIp': '203.0.113.99' }), yes],
      [get({ 'aws:SourceIp': '2001:db8:1234:5678::1' }), yes],
      [get({ 'aws:SourceIp': '203.0.114.1' }), no],
      [get({ 'aws:SourceIp': '203.0.113.7' }), denied],
    ],
  },
  {
    says: 'all IPv6 addresses are no IPv4 address (IP address operators)',
    statements: conditional({ IpAddress: { 'aws:SourceIp': '::/0' } }),
    asked: [
      [get({ 'aws:SourceIp': '2001:db8::1' }), yes],
      [get({ 'aws:SourceIp': '203.0.113.99' }), no],
    ],
  },
  {
    says: 'numbers, dates and booleans (numeric, date and Boolean operators)',
    statements: conditional({
      NumericLessThanEquals: { 's3:max-keys': '10' },
      DateGreaterThan: { 'aws:CurrentTime': '2026-07-01T00:00:00Z' },
      DateLessThan: { 'aws:EpochTime': '1800000000' },
      Bool: { 'aws:SecureTransport': true },
    }),
    asked: [
      [
        get({
          's3:max-keys': '10',
          'aws:CurrentTime': '2026-08-01T00:00:00Z',
          'aws:EpochTime': '1790000000',
          'aws:SecureTransport': 'true',
        }),
        yes,
      ],
      [
        get({
          's3:max-keys': '11',
          'aws:CurrentTime': '2026-08-01T00:00:00Z',
          'aws:EpochTime': '1790000000',
          'aws:SecureTransport': 'true',
        }),
        no,
      ],
    ],
  },
  {
    says: 'ARNs in conditions (ARN operators)',
    statements: conditional({ ArnLike: { 'aws:SourceArn': `arn:aws:sns:*:${ACCOUNT}:order-*` } }),
    asked: [
      [get({ 'aws:SourceArn': `arn:aws:sns:us-east-1:${ACCOUNT}:order-new` }), yes],
      [get({ 'aws:SourceArn': `arn:aws:sns:us-east-1:999999999999:order-new` }), no],
      [get({ 'aws:SourceArn': 'order-new' }), no],
    ],
  },
  {
    says: 'ForAllValues: every value of the request, also none (multivalued context keys)',
    statements: conditional({
      'ForAllValues:StringEquals': { 'aws:TagKeys': ['environment', 'cost-center'] },
    }),
    asked: [
      [get({ 'aws:TagKeys': ['environment'] }), yes],
      [get({ 'aws:TagKeys': ['environment', 'cost-center'] }), yes],
      [get({ 'aws:TagKeys': ['environment', 'team'] }), no],
      [get({}), yes],
    ],
  },
  {
    says: 'ForAnyValue: at least one value of the request (multivalued context keys)',
    statements: conditional({
      'ForAnyValue:StringEquals': { 'aws:TagKeys': ['environment', 'cost-center'] },
    }),
    asked: [
      [get({ 'aws:TagKeys': ['environment', 'team'] }), yes],
      [get({ 'aws:TagKeys': ['team'] }), no],
      [get({}), no],
    ],
  },
  {
    says: 'binary values are compared as bytes (BinaryEquals)',
    statements: conditional({ BinaryEquals: { 'aws:key': 'QmluYXJ5VmFsdWVJbkJhc2U2NA==' } }),
    asked: [
      [get({ 'aws:key': 'QmluYXJ5VmFsdWVJbkJhc2U2NA==' }), yes],
      [get({ 'aws:key': 'QmluYXJ5' }), no],
    ],
  },
];

for (const { says, statements, version, asked } of examples) {
  test(says, () => {
    const policy = compiled(statements, 'identity', version);
    for (const [question, expected] of asked) {
      assert.equal(decide(question, { identity: [policy] }), expected, JSON.stringify(question));
    }
  });
}

const allowAll = compiled({ Effect: 'Allow', Action: '*', Resource: '*' });
const allowS3 = compiled({ Effect: 'Allow', Action: 's3:*', Resource: '*' });
const allowGet = compiled({ Effect: 'Allow', Action: 's3:GetObject', Resource: '*' });
const denyPut = compiled({ Effect: 'Deny', Action: 's3:PutObject', Resource: '*' });
const putting = ask('s3:PutObject', `${home}/k`);
const getting = ask('s3:GetObject', `${home}/k`);

test('a boundary and a session policy limit what the identity may do (permissions boundaries, session policies)', () => {
  assert.equal(decide(getting, { identity: [allowAll], boundary: [allowGet] }), yes);
  assert.equal(decide(putting, { identity: [allowAll], boundary: [allowGet] }), no);
  assert.equal(decide(getting, { identity: [], boundary: [allowGet] }), no);
  assert.equal(decide(putting, { identity: [allowAll], boundary: [allowAll, denyPut] }), denied);
  assert.equal(decide(putting, { identity: [allowAll], session: [allowGet] }), no);
  assert.equal(decide(getting, { identity: [allowAll], boundary: [allowS3], session: [allowGet] }), yes);
  // A boundary or a session without any policy allows nothing.
  assert.equal(decide(getting, { identity: [allowAll], session: [] }), no);
});

const session: PolicyPrincipal = {
  kind: 'assumed-role',
  accountId: ACCOUNT,
  arn: `arn:aws:sts::${ACCOUNT}:assumed-role/handler/one`,
  roleArn: `arn:aws:iam::${ACCOUNT}:role/handler`,
};

function granting(principal: unknown, effect = 'Allow'): ReturnType<typeof compiled> {
  return compiled({ Effect: effect, Principal: principal, Action: 's3:*', Resource: '*' }, 'resource');
}

test('a resource policy is enough within the account, except for a grant to the account (evaluation logic)', () => {
  assert.equal(decide(getting, { resource: granting({ AWS: ann.arn }) }), yes);
  assert.equal(decide(getting, { resource: granting({ AWS: ann.arn }), boundary: [denyPut] }), yes);
  assert.equal(decide(getting, { resource: granting({ AWS: ACCOUNT }) }), no);
  assert.equal(decide(getting, { resource: granting({ AWS: ACCOUNT }), identity: [allowS3] }), yes);
  assert.equal(
    decide(getting, { resource: granting({ AWS: ACCOUNT }, 'Deny'), identity: [allowS3] }),
    denied,
  );
  const bySession = { ...getting, principal: session };
  assert.equal(decide(bySession, { resource: granting({ AWS: session.roleArn }) }), yes);
  // A grant to the role is limited by its boundary, one to the session is not.
  assert.equal(decide(bySession, { resource: granting({ AWS: session.roleArn }), boundary: [denyPut] }), no);
  assert.equal(decide(bySession, { resource: granting({ AWS: session.arn }), boundary: [denyPut] }), yes);
});

test('across accounts both sides must allow (cross-account policy evaluation logic)', () => {
  const other = { resourceAccountId: '999999999999' };
  assert.equal(decide(getting, { ...other, identity: [allowS3] }), no);
  assert.equal(decide(getting, { ...other, resource: granting({ AWS: ACCOUNT }) }), no);
  assert.equal(decide(getting, { ...other, resource: granting({ AWS: ACCOUNT }), identity: [allowS3] }), yes);
  assert.equal(decide(getting, { ...other, resource: granting({ AWS: ann.arn }) }), no);
});

test('services and anonymous callers have only what resource policies give them (Principal)', () => {
  const service: PolicyPrincipal = { kind: 'service', accountId: '', arn: 'sns.amazonaws.com' };
  const anonymous: PolicyPrincipal = { kind: 'anonymous', accountId: '', arn: '' };
  assert.equal(
    decide({ ...getting, principal: service }, { resource: granting({ Service: service.arn }) }),
    yes,
  );
  assert.equal(decide({ ...getting, principal: service }, { resource: granting({ AWS: '*' }) }), yes);
  assert.equal(decide({ ...getting, principal: anonymous }, { resource: granting('*') }), yes);
  assert.equal(decide({ ...getting, principal: anonymous }, { resource: granting({ AWS: ACCOUNT }) }), no);
  assert.equal(decide({ ...getting, principal: anonymous }, {}), no);
});

test('NotPrincipal with Deny spares those it lists (NotPrincipal)', () => {
  const policy = compiled(
    { Effect: 'Deny', NotPrincipal: { AWS: [ann.arn, ACCOUNT] }, Action: 's3:*', Resource: '*' },
    'resource',
  );
  const stranger: PolicyPrincipal = {
    kind: 'user',
    accountId: '999999999999',
    arn: 'arn:aws:iam::999999999999:user/x',
  };
  assert.equal(decide(getting, { resource: policy, identity: [allowS3] }), yes);
  assert.equal(decide({ ...getting, principal: stranger }, { resource: policy }), denied);
});

test('the root of an account may do everything in it, unless it is denied explicitly (root user)', () => {
  const root: PolicyPrincipal = { kind: 'root', accountId: ACCOUNT, arn: `arn:aws:iam::${ACCOUNT}:root` };
  assert.equal(decide({ ...putting, principal: root }, {}), yes);
  assert.equal(decide({ ...putting, principal: root }, { resource: granting('*', 'Deny') }), denied);
});
