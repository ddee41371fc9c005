import assert from 'node:assert/strict';
import { test } from 'node:test';
import { NotOwnerError } from '../../src/engine/engine.ts';
import { ownerLog } from '../../src/server/owner-log.ts';
import { recordedLog } from '../support/recorded-log.ts';

/** A deposed owner logged errors of its queues and delivery streams, with stacks, although nothing was wrong. */
test('what cannot be stored because another machine has taken over is no error', () => {
  const { log, lines } = recordedLog();
  const own = ownerLog(log);
  const deposed = new NotOwnerError('another machine owns the shared log');
  own.error({ err: deposed }, 'could not trim');
  own.warn({ err: deposed }, 'could not store');
  own.error({ err: new Error('broken') }, 'could not read');
  own.warn('slow');
  own.info({}, 'begun');
  assert.deepEqual(lines, [
    'debug with a stack: could not trim',
    'debug with a stack: could not store',
    'error with a stack: could not read',
    'warn: slow',
    'info: begun',
  ]);
});
