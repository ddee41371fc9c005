import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { AuditEntry } from '../../src/audit/audit-log.ts';
import { auditLimits } from '../../src/audit/limits.ts';
import { RecordQueue, type RecordQueueOptions } from '../../src/audit/record-queue.ts';
import { MetricRegistry } from '../../src/metrics.ts';
import { ManualClock } from '../../src/support/clock.ts';
import { recordedLog } from '../support/recorded-log.ts';
import { until } from '../support/until.ts';

function entry(line: string): AuditEntry {
  return { line, bytes: line.length, partitionKey: 'key', stream: undefined };
}

function queueWith(options: Pick<RecordQueueOptions, 'write'> & Partial<RecordQueueOptions>) {
  const clock = new ManualClock();
  const metrics = new MetricRegistry();
  const { log, lines } = recordedLog();
  const queue = new RecordQueue({
    name: 'file',
    bytesMax: 100,
    batch: { bytesMax: 50, recordsMax: 3 },
    lossRecord: (count) => entry(`lost ${count}`),
    clock,
    log,
    metrics,
    ...options,
  });
  const sumOf = (name: string): number =>
    [...metrics].filter(({ identity }) => identity.name === name).reduce((sum, { sum: of }) => sum + of, 0);
  return { queue, clock, lines, sumOf };
}

describe('audit records that wait to be written', () => {
  it('are written in order, in bounded batches', async () => {
    const batches: string[][] = [];
    const { queue, sumOf } = queueWith({
      write: async (batch) => void batches.push(batch.map(({ line }) => line)),
    });
    for (const line of ['1', '2', '3', '4', 'x'.repeat(49), '5', '6']) queue.add(entry(line));
    await queue.close();
    assert.deepEqual(batches, [
      ['1', '2', '3'],
      ['4', 'x'.repeat(49)],
      ['5', '6'],
    ]);
    assert.equal(sumOf('WrittenRecords'), 7);
  });

  it('are kept while they cannot be written; those without room are counted and named', async () => {
    const written: string[] = [];
    let isFull = true;
    let attempts = 0;
    const { queue, clock, lines, sumOf } = queueWith({
      write: (batch) => {
        attempts++;
        if (isFull) return Promise.reject(new Error('no space left'));
        written.push(...batch.map(({ line }) => line));
        return Promise.resolve();
      },
    });
    for (let n = 0; n < 15; n++) queue.add(entry(`record ${n}`.padEnd(10)));
    await until(() => queue.failure !== undefined);
    assert.equal(queue.failure, 'no space left');
    isFull = false;
    clock.advance(auditLimits.retryMs);
    await queue.close();
    assert.equal(attempts > 1, true);
    assert.equal(written.length, 11);
    assert.deepEqual(written.slice(0, 4), ['record 0  ', 'record 1  ', 'record 2  ', 'record 3  ']);
    assert.ok(written.includes('lost 5'));
    assert.equal(queue.failure, undefined);
    assert.deepEqual([sumOf('WrittenRecords'), sumOf('LostRecords')], [11, 5]);
    assert.deepEqual(lines, [
      'error with a stack: audit records cannot be written to the file; they are kept while there is room',
      'info: audit records are written to the file again',
      'error: audit records were lost, because the file did not take them in time',
    ]);
  });

  it('do not keep a server from stopping', async () => {
    const { queue, clock, lines } = queueWith({ write: () => Promise.reject(new Error('no space left')) });
    queue.add(entry('1'));
    await until(() => queue.failure !== undefined);
    const closed = queue.close();
    clock.advance(auditLimits.closeMs);
    await closed;
    assert.equal(lines.at(-1), 'error: audit records were not written to the file');
  });

  it('stay away from where they do not belong', async () => {
    const written: string[] = [];
    const { queue } = queueWith({
      write: async (batch) => void written.push(...batch.map(({ line }) => line)),
      skips: ({ line }) => line === '1',
    });
    for (const line of ['1', '2']) queue.add(entry(line));
    await queue.close();
    assert.deepEqual(written, ['2']);
  });
});
