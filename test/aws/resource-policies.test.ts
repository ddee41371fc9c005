import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ResourcePolicies } from '../../src/aws/resource-policies.ts';

test('finds the policy of a resource at the service that its ARN names', () => {
  const policies = new ResourcePolicies();
  policies.register('kinesis', { policyOf: (arn) => `{"of":"${arn}"}` });
  policies.register('sns', { policyOf: () => undefined });

  const stream = 'arn:aws:kinesis:us-east-1:000000000000:stream/orders';
  assert.equal(policies.policyOf(stream), `{"of":"${stream}"}`);
  assert.equal(policies.policyOf('arn:aws:sns:us-east-1:000000000000:orders'), undefined);
});

test('has no policy for services without policies and for texts that are no ARNs', () => {
  const policies = new ResourcePolicies();
  policies.register('kinesis', { policyOf: () => '{}' });

  for (const arn of ['arn:aws:logs:us-east-1:000000000000:log-group:a', 'kinesis', '', '*']) {
    assert.equal(policies.policyOf(arn), undefined);
  }
});
