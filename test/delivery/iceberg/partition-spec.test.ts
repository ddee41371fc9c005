import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  partitionPath,
  type PartitionValue,
  readPartitionFields,
  transformed,
} from '../../../src/delivery/iceberg/partition-spec.ts';
import { readSchema } from '../../../src/delivery/iceberg/schema.ts';

const schema = readSchema({
  fields: [
    { id: 1, name: 'd', type: 'date', required: false },
    { id: 2, name: 'ts', type: 'timestamptz', required: false },
    { id: 3, name: 's', type: 'string', required: false },
    {
      id: 4,
      name: 'o',
      type: { type: 'struct', fields: [{ id: 5, name: 'in', type: 'int', required: false }] },
    },
    { id: 6, name: 'l', type: { type: 'list', 'element-id': 7, element: 'int', 'element-required': false } },
  ],
});

const field = (sourceId: number, transform: string) => {
  const [read] = readPartitionFields(
    [{ 'source-id': sourceId, 'field-id': 1000, name: 'p', transform }],
    schema,
  );
  assert.ok(read);
  return read;
};

/** Of Iceberg's own tests: TestDates and TestTimestamps, https://github.com/apache/iceberg (api/src/test/java). */
test('time transforms count from 1970, also before it', () => {
  const dates = [17_501, 0, -1].map((day) =>
    ['year', 'month', 'day'].map((transform) => transformed(field(1, transform), day)),
  );
  assert.deepEqual(dates, [
    [47, 575, 17_501],
    [0, 0, 0],
    [-1, -1, -1],
  ]);
  // 2017-12-01T10:12:55.038194, 1970-01-01T00:00:01.000001, 1969-12-31T23:59:58.999999
  const times = [1_512_123_175_038_194n, 1_000_001n, -1_000_001n].map((micros) =>
    ['year', 'month', 'day', 'hour'].map((transform) => transformed(field(2, transform), micros)),
  );
  assert.deepEqual(times, [
    [47, 575, 17_501, 420_034],
    [0, 0, 0, 0],
    [-1, -1, -1, -1],
  ]);
});

test('null stays null, and a field may come from within a struct', () => {
  assert.equal(transformed(field(2, 'hour'), null), null);
  assert.deepEqual(field(5, 'identity').path, ['o', 'in']);
});

test('other transforms, and sources that a transform does not accept, are refused by name', () => {
  assert.throws(() => field(3, 'bucket[4]'), /has the transform bucket\[4\]/);
  assert.throws(() => field(3, 'truncate[4]'), /has the transform truncate\[4\]/);
  assert.throws(() => field(1, 'hour'), /is the hour of a date/);
  assert.throws(() => field(3, 'day'), /is the day of a string/);
  assert.throws(() => field(6, 'identity'), /is the identity of a list/);
  assert.throws(() => field(7, 'identity'), /no source column outside of lists and maps/);
});

const path = (sourceId: number, transform: string, value: PartitionValue): string =>
  partitionPath([field(sourceId, transform)], [value]);

test('folders are named as other writers name them', () => {
  assert.equal(path(2, 'year', 54), 'p=2024/');
  assert.equal(path(2, 'month', -1), 'p=1969-12/');
  assert.equal(path(2, 'day', 19_782), 'p=2024-02-29/');
  assert.equal(path(2, 'hour', -1), 'p=1969-12-31-23/');
  assert.equal(path(3, 'identity', 'a/b=ü'), 'p=a%2Fb%3D%C3%BC/');
  assert.equal(path(3, 'identity', null), 'p=null/');
});
