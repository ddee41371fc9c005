import assert from 'node:assert/strict';
import { it } from 'node:test';
import type { RefusedRecord } from '../../../../src/delivery/destination.ts';
import { ErrorLog } from '../../../../src/services/firehose/pipeline/error-log.ts';
import type { LogStore } from '../../../../src/services/logs/log-store.ts';
import { ManualClock } from '../../../../src/support/clock.ts';

function refusedWith(errorMessage: string): RefusedRecord {
  const record = {
    data: Buffer.from('x'),
    arrivalMs: 0,
    shardId: 's',
    sequenceNumber: '1',
    subSequenceNumber: 0,
    partitionKey: '',
  };
  return { record, errorCode: 'Bad', errorMessage, attempts: 1 };
}

it('writes a line for each kind of refusal, and no more than a hundred for a range', () => {
  const lines: string[] = [];
  const group = { append: ({ message }: { message: string }) => lines.push(message) };
  const log = new ErrorLog({
    // The only part of a log group that is used.
    logs: { named: () => group } as unknown as Pick<LogStore, 'named'>,
    clock: new ManualClock(),
    groupName: 'g',
    streamName: 's',
    deliveryStreamArn: 'arn',
    destination: 'arn:aws:s3:::lake',
    version: 1,
  });
  log.refused(['a', 'b', 'a'].map(refusedWith));
  assert.deepEqual(
    lines.map((line) => (JSON.parse(line) as { message: string }).message),
    ['a', 'b'],
  );
  lines.length = 0;
  log.refused(Array.from({ length: 10_000 }, (_, at) => refusedWith(`record ${at} is bad`)));
  assert.equal(lines.length, 100);
});
