import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { failureDestinations } from '../../../../src/services/lambda/mapping/failure-destinations.ts';

describe('destinations of failures', () => {
  const sent: string[][] = [];
  const destinations = failureDestinations({
    publish: async (arn, _, message) => void sent.push([arn, message]),
    put: async (bucket, key, body) => void sent.push([bucket, key, Buffer.from(body).toString()]),
  });
  const report = { message: 'm', object: { key: 'k', body: 'b' } };

  test('are topics, which get the message', async () => {
    const arn = 'arn:aws:sns:us-east-1:000000000000:failures';
    assert.ok(destinations.canSendTo(arn));
    await destinations.send(arn, report);
    assert.deepEqual(sent.pop(), [arn, 'm']);
  });

  test('are buckets, which get the object', async () => {
    assert.ok(destinations.canSendTo('arn:aws:s3:::failures'));
    await destinations.send('arn:aws:s3:::failures', report);
    assert.deepEqual(sent.pop(), ['failures', 'k', 'b']);
  });

  test('are nothing else', () => {
    for (const arn of ['arn:aws:sqs:us-east-1:000000000000:q', 'kafka://topic', 'arn:aws:s3:::b/key', '']) {
      assert.ok(!destinations.canSendTo(arn), arn);
    }
  });
});
