/** Decisions on random policies and requests, compared with those of a plain evaluator written from the guide. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type CompiledPolicy, compilePolicy } from '../../../src/auth/policy/compiled-policy.ts';
import { type Decision, evaluate } from '../../../src/auth/policy/evaluate.ts';
import { parsePolicy } from '../../../src/auth/policy/parse-policy.ts';
import type { PolicyPrincipal } from '../../../src/auth/policy/principal.ts';
import { requestContext } from '../../../src/auth/policy/request-context.ts';
import { runSeed, seededRandom } from '../../support/random.ts';
import { type Json, plainDecision, type PlainQuestion } from './plain-evaluator.ts';

const ACCOUNT = '123456789012';
const OTHER = '999999999999';

const principals: readonly PolicyPrincipal[] = [
  { kind: 'user', accountId: ACCOUNT, arn: `arn:aws:iam::${ACCOUNT}:user/ann` },
  {
    kind: 'assumed-role',
    accountId: ACCOUNT,
    arn: `arn:aws:sts::${ACCOUNT}:assumed-role/handler/one`,
    roleArn: `arn:aws:iam::${ACCOUNT}:role/handler`,
  },
];
const principalElements = [
  '*',
  { AWS: '*' },
  { AWS: ACCOUNT },
  { AWS: [`arn:aws:iam::${ACCOUNT}:root`] },
  { AWS: `arn:aws:iam::${ACCOUNT}:user/ann` },
  { AWS: [`arn:aws:iam::${ACCOUNT}:role/handler`, OTHER] },
  { AWS: `arn:aws:sts::${ACCOUNT}:assumed-role/handler/one` },
  { AWS: `arn:aws:iam::${OTHER}:user/ann` },
];
const actions = ['s3:GetObject', 's3:PutObject', 'kinesis:PutRecord', 'kinesis:PutRecords'];
const actionPatterns = [...actions, '*', 's3:*', 'S3:get*', 'kinesis:PutRecord?', '*:Put*', 's3:*Objec?'];
const resources = [
  'arn:aws:s3:::ann/a',
  'arn:aws:s3:::bob/a:b',
  `arn:aws:kinesis:us-east-1:${ACCOUNT}:stream/orders`,
  '*',
];
const resourcePatterns = [
  '*',
  'arn:aws:s3:::*',
  'arn:aws:s3:::${aws:username}/*',
  'arn:aws:s3:::bob/?:*',
  'arn:aws:s3:*',
  'arn:aws:kinesis:*:*:stream/o*',
  `arn:aws:kinesis:us-*:${ACCOUNT}:stream/*`,
  'arn:aws:s3::*:b*',
];
const values: Readonly<Record<string, readonly string[]>> = {
  String: ['a', 'A', 'ab', 'a*', '${aws:username}', 'ann'],
  Arn: ['arn:aws:sns:us-east-1:1:a', 'arn:aws:sns:*:1:*', 'arn:aws:*', 'arn:aws:sns:us-east-1:1:a:b'],
  Numeric: ['1', '2', '10'],
  Bool: ['true', 'false'],
  IpAddress: ['10.0.0.0/8', '10.1.0.0/16', '10.1.2.3'],
};
const given: typeof values = {
  String: ['a', 'A', 'ab', 'ann', 'abc'],
  Arn: ['arn:aws:sns:us-east-1:1:a', 'arn:aws:sns:us-east-1:1:a:b', 'a'],
  Numeric: ['1', '2', '3', '10'],
  Bool: ['true', 'false'],
  IpAddress: ['10.1.2.3', '10.2.0.1', '11.0.0.1'],
};
const operators: Readonly<Record<string, readonly string[]>> = {
  String: ['Equals', 'NotEquals', 'EqualsIgnoreCase', 'NotEqualsIgnoreCase', 'Like', 'NotLike'].map(
    (one) => `String${one}`,
  ),
  Arn: ['ArnEquals', 'ArnLike', 'ArnNotEquals', 'ArnNotLike'],
  Numeric: ['Equals', 'NotEquals', 'LessThan', 'GreaterThanEquals'].map((one) => `Numeric${one}`),
  Bool: ['Bool'],
  IpAddress: ['IpAddress', 'NotIpAddress'],
};
const types = Object.keys(operators);

class Chooser {
  readonly #random: () => number;

  constructor(random: () => number) {
    this.#random = random;
  }

  chance(probability: number): boolean {
    return this.#random() < probability;
  }

  one<Item>(items: readonly Item[]): Item {
    const item = items[Math.floor(this.#random() * items.length)];
    assert.ok(item !== undefined);
    return item;
  }

  some<Item>(items: readonly Item[], max: number, min = 1): Item[] {
    const count = min + Math.floor(this.#random() * (max - min + 1));
    return Array.from({ length: count }, () => this.one(items));
  }

  condition(): Json {
    if (this.chance(0.1)) return { Null: { [`test:${this.one(types)}`]: this.one(['true', 'false']) } };
    const type = this.one(types);
    const prefix = this.one(['', '', 'ForAllValues:', 'ForAnyValue:']);
    const operator = `${prefix}${this.one(operators[type] ?? [])}${this.one(['', '', 'IfExists'])}`;
    return { [operator]: { [`Test:${type}`]: this.some(values[type] ?? [], 3) } };
  }

  statement(isOfResource: boolean): Json {
    return {
      Effect: this.chance(0.75) ? 'Allow' : 'Deny',
      ...(isOfResource && { Principal: this.one(principalElements) }),
      [this.one(['Action', 'Action', 'NotAction'])]: this.some(actionPatterns, 2),
      [this.one(['Resource', 'Resource', 'NotResource'])]: this.some(resourcePatterns, 2),
      ...(this.chance(0.6) && { Condition: this.condition() }),
    };
  }

  policy(isOfResource = false): Json {
    const count = this.one([1, 1, 2, 3]);
    return {
      Version: this.one(['2012-10-17', '2012-10-17', '2008-10-17']),
      Statement: Array.from({ length: count }, () => this.statement(isOfResource)),
    };
  }

  policies(): Json[] {
    return Array.from({ length: this.one([0, 1, 1, 2]) }, () => this.policy());
  }

  question(): PlainQuestion {
    const context = Object.fromEntries(
      types.map((type) => [`test:${type.toLowerCase()}`, this.some(given[type] ?? [], 2, 0)]),
    );
    return {
      principal: this.one(principals),
      action: this.one(actions),
      resource: this.one(resources),
      context: { ...context, ...(this.chance(0.7) && { 'aws:username': ['ann'] }) },
      identity: this.policies(),
      boundary: this.chance(0.2) ? this.policies() : undefined,
      session: this.chance(0.2) ? this.policies() : undefined,
      resourcePolicy: this.chance(0.5) ? this.policy(true) : undefined,
      resourceAccountId: this.one([ACCOUNT, ACCOUNT, OTHER]),
    };
  }
}

function compile(policy: Json, kind: 'identity' | 'resource' = 'identity'): CompiledPolicy {
  return compilePolicy(parsePolicy(JSON.stringify(policy), kind));
}

function realDecision(question: PlainQuestion): Decision {
  const { principal, action, resource, context, resourcePolicy, resourceAccountId } = question;
  return evaluate(
    { principal, action, resource, context: requestContext(Object.entries(context)) },
    {
      identity: question.identity.map((policy) => compile(policy)),
      boundary: question.boundary?.map((policy) => compile(policy)),
      session: question.session?.map((policy) => compile(policy)),
      resource: resourcePolicy && compile(resourcePolicy, 'resource'),
      resourceAccountId,
    },
  ).decision;
}

test('random policies decide as a plain evaluator written from the guide does', (t) => {
  const seed = runSeed();
  t.diagnostic(`SEED=${seed}`);
  const chooser = new Chooser(seededRandom(seed));
  const seen = new Map<Decision, number>();
  for (let round = 0; round < 20_000; round++) {
    const question = chooser.question();
    const expected = plainDecision(question);
    assert.equal(realDecision(question), expected, JSON.stringify(question, undefined, 1));
    seen.set(expected, (seen.get(expected) ?? 0) + 1);
  }
  // The choices are worth something only if every decision is frequent.
  for (const decision of ['allowed', 'explicitDeny', 'implicitDeny'] as const) {
    assert.ok((seen.get(decision) ?? 0) > 1000, `${decision}: ${seen.get(decision)}`);
  }
});
