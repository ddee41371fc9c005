import { anyActor, needsNothing, unlimited } from '../support/unlimited.ts';
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatArn, parseArn } from '../../src/aws/arn.ts';
import { isFinalFailure, Targets } from '../../src/aws/targets.ts';
import { ServiceError } from '../../src/errors.ts';

test('ARNs are parsed and formatted', () => {
  const arn = 'arn:aws:lambda:us-east-1:000000000000:function:f:$LATEST';
  const parsed = parseArn(arn);
  assert.deepEqual(parsed, {
    partition: 'aws',
    service: 'lambda',
    region: 'us-east-1',
    accountId: '000000000000',
    resource: 'function:f:$LATEST',
  });
  assert.equal(
    formatArn('lambda', { region: 'us-east-1', accountId: '000000000000' }, 'function:f:$LATEST'),
    arn,
  );
  assert.equal(parseArn('arn:aws-cn:s3:::bucket/key')?.resource, 'bucket/key');
  for (const text of [
    '',
    'f',
    'arn:aws:sns',
    'arn:aws:sns:us-east-1:1:t',
    'arn:aws:sns:us-east-1:000000000000:',
  ]) {
    assert.equal(parseArn(text), undefined, text);
  }
});

test('an event is delivered to the service of its ARN, if that accepts it', async () => {
  const told: string[] = [];
  const targets = new Targets(unlimited);
  targets.register('sns', {
    accepts: (arn) => !arn.endsWith('.fifo'),
    needs: needsNothing,
    deliver: async (arn, { message }) => void told.push(`${arn} ${message}`),
  });
  const topic = 'arn:aws:sns:us-east-1:000000000000:t';
  assert.equal(targets.serviceOf(topic), 'sns');
  await targets.deliver(topic, { message: 'm' }, anyActor);
  assert.deepEqual(told, [`${topic} m`]);
  for (const arn of [`${topic}.fifo`, 'arn:aws:sqs:us-east-1:000000000000:q', 'kafka://topic', '']) {
    assert.equal(targets.serviceOf(arn), undefined, arn);
    await assert.rejects(targets.deliver(arn, { message: 'm' }, anyActor), isFinalFailure);
  }
});

test('a refusal is final; an internal error or throttling is not', () => {
  assert.equal(isFinalFailure(new ServiceError('NotFound', 'Topic does not exist', 404)), true);
  assert.equal(isFinalFailure(new ServiceError('Throttled', 'later', 429)), false);
  assert.equal(isFinalFailure(new ServiceError('InternalFailure', 'fault', 500)), false);
  assert.equal(isFinalFailure(new Error('the other side is away')), false);
});
