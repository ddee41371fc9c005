import { anyActor, unlimited } from '../../support/unlimited.ts';
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Targets } from '../../../src/aws/targets.ts';
import { queueDeclarer } from '../../../src/services/sqs/declared.ts';
import { offeredQueues } from '../../../src/services/sqs/offered-queues.ts';
import { attributesOf } from '../../../src/services/sqs/queue.ts';
import { queueTarget } from '../../../src/services/sqs/target.ts';
import { systemClock } from '../../../src/support/clock.ts';
import { applyDeclared } from '../../support/declarations.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';
import { openQueues } from './queue.ts';

const open = async () => await openQueues(await temporaryFolder(), { clock: systemClock });

const request = { most: 10, waitMs: 0, signal: new AbortController().signal };

describe('queues for other services', () => {
  it('take events by ARN, with attributes', async () => {
    const { queues, close } = await open();
    await queues.create({ name: 'failed', attributes: {}, tags: {} }, () => {});
    const targets = new Targets(unlimited);
    targets.register('sqs', queueTarget(queues));
    const arn = 'arn:aws:sqs:us-east-1:000000000000:failed';
    assert.equal(targets.serviceOf(arn), 'sqs');
    assert.equal(targets.serviceOf('arn:aws:sqs:us-east-1:000000000000:a/b'), undefined);
    await targets.deliver(
      arn,
      {
        message: '{"a":1}',
        attributes: { ErrorCode: { type: 'Number', value: '200' } },
      },
      anyActor,
    );
    const offered = offeredQueues(queues, '000000000000');
    const [message] = await offered.receive(arn, request);
    assert.equal(message?.body, '{"a":1}');
    assert.deepEqual(message?.messageAttributes, {
      ErrorCode: { dataType: 'Number', stringValue: '200' },
    });
    assert.equal(message?.attributes['ApproximateReceiveCount'], '1');
    await offered.changeVisibility(arn, message?.receiptHandle ?? '', 0);
    const [again] = await offered.receive(arn, request);
    await offered.delete(arn, [again?.receiptHandle ?? '']);
    assert.deepEqual(await queues.open('failed').messages.counts(), { visible: 0, inFlight: 0, delayed: 0 });
    await assert.rejects(targets.deliver(`${arn}2`, { message: 'a' }, anyActor), {
      code: 'QueueDoesNotExist',
    });
    await close();
  });

  it('are declared in nagare.yaml, dead-letter queues first, and changed by it', async () => {
    const { queues, close } = await open();
    const declarer = queueDeclarer(queues, (name) => `http://q/${name}`);
    const content = {
      queues: {
        jobs: { visibilityTimeout: 60, deadLetterQueue: 'failed', maxReceiveCount: 3, tags: { a: 'b' } },
        failed: {},
        'in-order.fifo': { contentBasedDeduplication: true },
      },
    };
    await applyDeclared(declarer, content);
    const jobs = queues.require('jobs');
    assert.equal(jobs.attributes['VisibilityTimeout'], '60');
    assert.deepEqual(jobs.tags, { a: 'b' });
    assert.deepEqual(JSON.parse(jobs.attributes['RedrivePolicy'] ?? ''), {
      deadLetterTargetArn: 'arn:aws:sqs:us-east-1:000000000000:failed',
      maxReceiveCount: 3,
    });
    assert.equal(attributesOf(queues.require('in-order.fifo'))['ContentBasedDeduplication'], 'true');
    assert.deepEqual((await declarer.describe()).sections, { queues: content.queues });
    await applyDeclared(declarer, { queues: { jobs: { visibilityTimeout: 5 } } });
    assert.equal(queues.require('jobs').id, jobs.id);
    assert.equal(queues.require('jobs').attributes['VisibilityTimeout'], '5');
    await assert.rejects(applyDeclared(declarer, { queues: { 'not valid': {} } }), {
      code: 'InvalidParameterValueException',
    });
    const found = await declarer.find(['queues', 'jobs']);
    await found?.remove();
    assert.equal(queues.get('jobs'), undefined);
    await close();
  });
});
