import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { deadLetter, formatRecord } from '../../../../src/services/kinesis/channels/record-format.ts';
import type { RecordFormat } from '../../../../src/services/kinesis/channels/rows.ts';

const NOT_UTF8 = Buffer.from([0x22, 0xff, 0x22]);

function formatted(format: RecordFormat, data: string | Buffer): Buffer | string {
  const { parts, refusal } = { parts: [], ...formatRecord(format, Buffer.from(data)) };
  return refusal ?? Buffer.concat(parts);
}

describe('a record', () => {
  test('of JSON is a line', () => {
    for (const json of ['{"a":1}', '[]', 'null', '"ü"', ' 1 ']) {
      assert.deepEqual(formatted('JSON', json), Buffer.from(`${json}\n`));
    }
    assert.deepEqual(formatted('JSON', '{}\n'), Buffer.from('{}\n'), 'with the end that it has');
  });

  test('of text is a line', () => {
    assert.deepEqual(formatted('STRING', 'a'), Buffer.from('a\n'));
    assert.deepEqual(formatted('STRING', 'a\n'), Buffer.from('a\n'));
    assert.deepEqual(formatted('STRING', ''), Buffer.from('\n'));
  });

  test('of bytes is unchanged', () => {
    assert.deepEqual(formatted('BYTE_ARRAY', NOT_UTF8), NOT_UTF8);
    assert.deepEqual(formatted('BYTE_ARRAY', ''), Buffer.from(''));
  });

  test('with an invalid format is refused', () => {
    for (const data of ['', '{', '{"a":1}{}', 'NaN', NOT_UTF8]) {
      assert.equal(formatted('JSON', data), 'The record is not valid JSON.');
    }
    assert.equal(formatted('STRING', NOT_UTF8), 'The record is not valid UTF-8.');
  });
});

test('a rejected record is stored unchanged, with its place and the reason', () => {
  const record = {
    shardId: 'shardId-000000000000',
    sequenceNumber: '7',
    subSequenceNumber: 0,
    partitionKey: 'k',
    data: NOT_UTF8,
    arrivalMs: 0,
  };
  const line = deadLetter('arn:stream', { record, errorCode: 'InvalidRecordFormat', errorMessage: 'Why.' });
  assert.ok(line.endsWith('}\n'));
  assert.deepEqual(JSON.parse(line), {
    streamARN: 'arn:stream',
    shardId: 'shardId-000000000000',
    sequenceNumber: '7',
    partitionKey: 'k',
    approximateArrivalTimestamp: '1970-01-01T00:00:00.000Z',
    errorCode: 'InvalidRecordFormat',
    errorMessage: 'Why.',
    data: NOT_UTF8.toString('base64'),
  });
});
