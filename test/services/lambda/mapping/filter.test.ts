import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { EventPatternError } from '../../../../src/aws/event-pattern/types.ts';
import { compileFilter, compileStoredFilters } from '../../../../src/services/lambda/mapping/filter.ts';
import { records } from './records.ts';

function matches(pattern: object, data: unknown, partitionKey = 'key'): boolean {
  const [record] = records([typeof data === 'string' ? data : JSON.stringify(data)]);
  assert.ok(record !== undefined);
  const filter = compileFilter(JSON.stringify(pattern));
  return filter({ ...record, partitionKey });
}

/** [pattern of data, data that match, data that do not] */
const cases: [string, object, unknown[], unknown[]][] = [
  [
    'a value',
    { a: ['x', 1, null, true] },
    [{ a: 'x' }, { a: 1 }, { a: null }, { a: true }],
    [{ a: 'y' }, {}, { a: '1' }],
  ],
  ['an empty text', { a: [''] }, [{ a: '' }], [{ a: ' ' }, {}]],
  ['members of members', { a: { b: ['x'] } }, [{ a: { b: 'x' } }], [{ a: 'x' }, { b: 'x' }]],
  ['several members', { a: [1], b: [2] }, [{ a: 1, b: 2, c: 3 }], [{ a: 1 }, { a: 1, b: 3 }]],
  ['one of a list', { a: ['x'] }, [{ a: ['w', 'x'] }], [{ a: ['w'] }, { a: [] }]],
  ['lists of objects', { a: { b: [1] } }, [{ a: [{ b: 0 }, { b: 1 }] }], [{ a: [{ b: 0 }] }]],
  ['prefix', { a: [{ prefix: 'ab' }] }, [{ a: 'abc' }], [{ a: 'cab' }, { a: 1 }, {}]],
  ['prefix in any case', { a: [{ prefix: { 'equals-ignore-case': 'AB' } }] }, [{ a: 'aBc' }], [{ a: 'b' }]],
  ['suffix', { a: [{ suffix: '.png' }] }, [{ a: 'x.png' }], [{ a: 'x.PNG' }]],
  ['equals-ignore-case', { a: [{ 'equals-ignore-case': 'Ab' }] }, [{ a: 'aB' }], [{ a: 'abc' }]],
  ['wildcard', { a: [{ wildcard: 'a*c*' }] }, [{ a: 'abcd' }, { a: 'ac' }], [{ a: 'bac' }, { a: 'ab' }]],
  [
    'wildcard to the end',
    { a: [{ wildcard: '*aa' }] },
    [{ a: 'baa' }, { a: 'aaa' }],
    [{ a: 'aab' }, { a: 'a' }],
  ],
  [
    'anything-but',
    { a: [{ 'anything-but': ['x', 'z'] }] },
    [{ a: 'y' }, { a: 2 }],
    [{ a: 'x' }, { a: 'z' }, {}],
  ],
  ['anything-but prefix', { a: [{ 'anything-but': { prefix: 'x' } }] }, [{ a: 'yx' }], [{ a: 'xy' }]],
  ['numeric', { a: [{ numeric: ['>', 1, '<=', 5] }] }, [{ a: 5 }, { a: 1.5 }], [{ a: 1 }, { a: '3' }, {}]],
  ['numeric equality', { a: [{ numeric: ['=', 3] }] }, [{ a: 3 }], [{ a: 4 }]],
  ['exists', { a: [{ exists: true }] }, [{ a: null }, { a: 0 }], [{}, { a: {} }]],
  ['not exists', { a: [{ exists: false }] }, [{ b: 1 }], [{ a: 1 }]],
  ['or', { $or: [{ a: [1] }, { b: [2] }] }, [{ a: 1 }, { b: 2 }], [{ a: 2, b: 1 }]],
];

describe('a filter', () => {
  for (const [name, pattern, matching, others] of cases) {
    test(`by ${name}`, () => {
      for (const data of matching) assert.ok(matches({ data: pattern }, data), JSON.stringify(data));
      for (const data of others) assert.ok(!matches({ data: pattern }, data), JSON.stringify(data));
    });
  }

  test("tests the record's own fields", () => {
    assert.ok(matches({ partitionKey: [{ prefix: 'us-' }] }, 'no json', 'us-1'));
    assert.ok(!matches({ partitionKey: [{ prefix: 'us-' }] }, 'no json', 'eu-1'));
  });

  test('on data drops a record whose data is not a JSON object', () => {
    assert.ok(!matches({ data: { a: [{ exists: false }] } }, 'no json'));
    assert.ok(!matches({ data: { a: [{ exists: false }] } }, '[1]'));
    assert.ok(!matches({ data: { a: [{ exists: false }] } }, 'null'));
  });

  test('without conditions accepts everything', () => assert.ok(matches({}, 'x')));

  test('is one of several', () => {
    const filter = compileStoredFilters(['{"partitionKey":["a"]}', '{"partitionKey":["b"]}'], assert.fail);
    assert.deepEqual(
      records(['a', 'b', 'c']).map((record) => filter?.(record)),
      [true, true, false],
    );
    assert.equal(compileStoredFilters([], assert.fail), undefined);
  });

  test('that is invalid is refused', () => {
    const wrong = [
      '',
      'x',
      '[]',
      '{"data":"x"}',
      '{"data":["x"]}',
      '{"a":"x"}',
      '{"a":[]}',
      '{"a":[{"unknown":1}]}',
      '{"a":[{"prefix":1}]}',
      '{"a":[{"prefix":"a","suffix":"b"}]}',
      '{"a":[{"numeric":[">"]}]}',
      '{"a":[{"numeric":["!",1]}]}',
      '{"a":[{"exists":1}]}',
      '{"a":[{"anything-but":[]}]}',
      '{"a":[{"wildcard":"a**"}]}',
      '{"$or":[]}',
      '{"a":[["x"]]}',
    ];
    for (const pattern of wrong) assert.throws(() => compileFilter(pattern), EventPatternError, pattern);
  });

  test('tests fields and data in alternatives', () => {
    const pattern = { $or: [{ partitionKey: ['a'] }, { data: { b: [1] } }] };
    assert.ok(matches(pattern, { b: 1 }, 'x'));
    assert.ok(matches(pattern, { b: 2 }, 'a'));
    assert.ok(!matches(pattern, { b: 2 }, 'x'));
  });

  test('accepted by an older version keeps its meaning and is named', () => {
    // The old filter took the first of two operators; event-ruler refuses both.
    const old = '{"partitionKey":[{"anything-but":{"prefix":"a","suffix":"b"}}]}';
    const named: string[] = [];
    const filter = compileStoredFilters([old], (pattern, reason) => named.push(`${pattern}: ${reason}`));
    assert.deepEqual(named, [`${old}: Too many elements in numeric expression`]);
    assert.deepEqual(
      records(['a1', 'xb']).map((record, index) =>
        filter?.({ ...record, partitionKey: index === 0 ? 'a1' : 'xb' }),
      ),
      [false, true],
    );
  });
});
