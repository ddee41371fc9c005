import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  defaultRetryPolicy,
  parseDeliveryPolicy,
  retryDelaySeconds,
  type RetryPolicy,
} from '../../../src/services/sns/delivery-policy.ts';

function delays(policy: RetryPolicy): (number | undefined)[] {
  return Array.from({ length: policy.numRetries + 1 }, (_, index) => retryDelaySeconds(policy, index + 1));
}

test('by default three retries, twenty seconds apart', () => {
  assert.deepEqual(delays(defaultRetryPolicy), [20, 20, 20, undefined]);
});

test('the four phases follow each other', () => {
  const policy = parseDeliveryPolicy(
    JSON.stringify({
      healthyRetryPolicy: {
        minDelayTarget: 1,
        maxDelayTarget: 60,
        numRetries: 10,
        numNoDelayRetries: 2,
        numMinDelayRetries: 2,
        numMaxDelayRetries: 3,
        backoffFunction: 'linear',
      },
    }),
    'subscription',
  );
  assert.ok(policy !== undefined);
  assert.deepEqual(delays(policy), [0, 0, 1, 1, 1, 30.5, 60, 60, 60, 60, undefined]);
});

test('every backoff grows from the minimum to the maximum delay', () => {
  for (const backoffFunction of ['linear', 'arithmetic', 'geometric', 'exponential'] as const) {
    const policy = {
      ...defaultRetryPolicy,
      minDelayTarget: 1,
      maxDelayTarget: 100,
      numRetries: 8,
      backoffFunction,
    };
    const found = delays(policy)
      .slice(0, -1)
      .map((delay) => delay ?? 0);
    assert.equal(found[0], 1);
    assert.equal(found.at(-1), 100);
    assert.deepEqual(
      found,
      found.toSorted((a, b) => a - b),
    );
  }
});

test('a topic has its policy for http under a separate name', () => {
  const text = '{"http":{"defaultHealthyRetryPolicy":{"numRetries":0}}}';
  assert.equal(parseDeliveryPolicy(text, 'topic')?.numRetries, 0);
});

test('invalid policies, and unsupported ones, are refused by name', () => {
  const wrong: readonly (readonly [object, RegExp])[] = [
    [{ healthyRetryPolicy: { numRetries: 101 } }, /numRetries/],
    [{ healthyRetryPolicy: { minDelayTarget: 30, maxDelayTarget: 20 } }, /maxDelayTarget/],
    [{ healthyRetryPolicy: { numRetries: 3, numNoDelayRetries: 4 } }, /numRetries/],
    [{ healthyRetryPolicy: { minDelayTarget: 600, maxDelayTarget: 600, numRetries: 7 } }, /3600 seconds/],
    [{ healthyRetryPolicy: { backoffFunction: 'random' } }, /backoffFunction/],
    [{ throttlePolicy: { maxReceivesPerSecond: 1 } }, /nagare does not support throttlePolicy/],
    [{ sicklyRetryPolicy: {} }, /sicklyRetryPolicy/],
  ];
  for (const [policy, message] of wrong) {
    assert.throws(() => parseDeliveryPolicy(JSON.stringify(policy), 'subscription'), message);
  }
  assert.throws(() => parseDeliveryPolicy('nonsense', 'topic'), /JSON/);
});
