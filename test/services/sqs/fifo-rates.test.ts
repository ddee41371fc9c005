import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { ServiceError } from '../../../src/errors.ts';
import { ManualClock } from '../../../src/support/clock.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';
import { openQueues } from './queue.ts';

const throttled = { code: 'RequestThrottled', message: 'Request is throttled.', status: 403 };

async function setup(t: TestContext, attributes: Record<string, string>, hasAwsLimits = true) {
  const clock = new ManualClock(1_700_000_000_000);
  const { queues, close } = await openQueues(await temporaryFolder(), { clock, hasAwsLimits });
  t.after(close);
  await queues.create(
    { name: 'q.fifo', attributes: { FifoQueue: 'true', ...attributes }, tags: {} },
    () => {},
  );
  const open = queues.open('q.fifo');
  /** How many of these calls are taken before one is refused. */
  const taken = (action: 'send' | 'receive' | 'delete', most: number): number => {
    for (let count = 0; count < most; count++) {
      try {
        open.admit(action);
      } catch (error) {
        assert(error instanceof ServiceError);
        const { code, message, status } = error;
        assert.deepEqual({ code, message, status }, throttled);
        return count;
      }
    }
    return most;
  };
  return { clock, taken };
}

describe('the rates of a FIFO queue with --limits aws', () => {
  it('are 300 calls a second of each action', async (t) => {
    const { clock, taken } = await setup(t, {});
    for (const action of ['send', 'receive', 'delete'] as const) assert.equal(taken(action, 1000), 300);
    clock.advance(100);
    assert.equal(taken('send', 1000), 30);
    assert.equal(taken('receive', 1000), 30);
  });

  it('do not hold for high throughput, and not without --limits aws', async (t) => {
    const high = { FifoThroughputLimit: 'perMessageGroupId', DeduplicationScope: 'messageGroup' };
    assert.equal((await setup(t, high)).taken('send', 1000), 1000);
    assert.equal((await setup(t, {}, false)).taken('send', 1000), 1000);
  });
});
