import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ServiceError } from '../../../src/errors.ts';
import { MetricRegistry } from '../../../src/metrics.ts';
import { FakeStreams } from '../../support/fake-streams.ts';
import { until } from '../../support/until.ts';
import { FakeStore } from '../../support/fake-store.ts';
import { recordedLog } from '../../support/recorded-log.ts';
import { listLog, row } from './setting.ts';

/** A list log whose store fails, each time that it is asked, with what `failure` gives. */
function failing(failure: () => Error | undefined) {
  const streams = new FakeStreams(() => 0);
  const [shard = ''] = streams.create('s', 2);
  const store = new FakeStore(0);
  let asked = 0;
  store.fate = () => {
    asked++;
    const error = failure();
    if (error !== undefined) throw error;
    return 'well';
  };
  const { log, lines } = recordedLog();
  const kept = { row: { ...row, format: '{message}' } };
  const running = listLog(streams, store, kept, new MetricRegistry(), log);
  running.start();
  const put = (message: string) =>
    streams.putRecord('s', shard, 'k', Buffer.from(JSON.stringify({ message })));
  const untilAsked = (more: number) => {
    const from = asked;
    return until(() => asked >= from + more);
  };
  return { running, store, lines, put, untilAsked };
}

const gone = new ServiceError('NoSuchBucket', 'The specified bucket does not exist', 404);

// A bucket that was gone filled the log with an error and its stack at each attempt, for each shard.
describe('a failure of a list log', () => {
  it('is logged in one line without a stack when it starts, when it changes, and when it is over', async () => {
    let failure: Error | undefined = gone;
    const { running, store, lines, put, untilAsked } = failing(() => failure);
    put('a');
    await untilAsked(20);
    const said = 'the list log log failed; retrying:';
    assert.deepEqual(lines, [`warn: ${said} The specified bucket does not exist`]);
    failure = Object.assign(new AggregateError([]), { code: 'ECONNREFUSED' });
    await untilAsked(20);
    assert.deepEqual(lines.slice(1), [`warn: ${said} ECONNREFUSED`]);
    failure = undefined;
    await until(() => store.text('b', 'log.txt') === 'a\n');
    await until(() => lines.length === 3);
    assert.deepEqual(lines.slice(2), ['info: the list log log has recovered']);
    failure = gone;
    put('b');
    await untilAsked(20);
    assert.deepEqual(lines.slice(3), [`warn: ${said} The specified bucket does not exist`]);
    await running.close();
  });

  it('is logged with its stack when it is a bug', async () => {
    const { running, lines, put, untilAsked } = failing(() => new TypeError('x is not a function'));
    put('a');
    await untilAsked(10);
    assert.equal(lines.length, 1);
    assert.match(lines[0] ?? '', /^error with a stack: .*x is not a function$/);
    await running.close();
  });
});
