import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import * as fc from 'fast-check';
import {
  DEFAULT_LINE_FORMAT,
  LineFormatError,
  lineFormat,
} from '../../../src/services/listlog/line-format.ts';

const arrivalMs = Date.UTC(2019, 10, 3, 22, 24, 19, 223);

function line(data: string, format = DEFAULT_LINE_FORMAT, timeZone = 'UTC'): string {
  const record = { sequenceNumber: '49', partitionKey: 'pk', shardId: 'shardId-000000000000', arrivalMs };
  const { text, raw } = lineFormat(format, timeZone)({ ...record, data: Buffer.from(data) });
  return (raw ? 'RAW ' : '') + text;
}

describe('a line of the list log', () => {
  it('has arrival time and message', () => {
    assert.equal(line('{"message":0}'), '2019/11/03 22:24:19.223,0\n');
    assert.equal(line('{"message":"hello, world"}'), '2019/11/03 22:24:19.223,hello, world\n');
    assert.equal(line('{"message":null}'), '2019/11/03 22:24:19.223,null\n');
    assert.equal(line('{"message":{"a":[1]}}'), '2019/11/03 22:24:19.223,{"a":[1]}\n');
  });

  it('is in the configured time zone, across its changes', () => {
    assert.equal(line('{"message":1}', DEFAULT_LINE_FORMAT, 'Asia/Tokyo'), '2019/11/04 07:24:19.223,1\n');
    assert.equal(line('{"message":1}', '{time:HH:mmXXX}', '+05:30'), '03:54+05:30\n');
    const format = lineFormat('{time:HH:mm XXX}', 'Europe/Berlin');
    const at = (ms: number) =>
      format({ sequenceNumber: '', partitionKey: '', shardId: '', arrivalMs: ms, data: Buffer.alloc(0) })
        .text;
    assert.equal(at(Date.UTC(2026, 2, 29, 0, 59, 59)), '01:59 +01:00\n');
    assert.equal(at(Date.UTC(2026, 2, 29, 1, 0, 0)), '03:00 +02:00\n');
  });

  it('contains fields by path, and properties of the record', () => {
    const format =
      "{user.name} {tags[1]} {['odd.key']} {$.data} {partitionKey} {sequenceNumber} {shardId} {{x}}";
    assert.equal(
      line('{"user":{"name":"A"},"tags":[1,"b"],"odd.key":2,"data":3}', format),
      'A b 2 3 pk 49 shardId-000000000000 {x}\n',
    );
    assert.equal(line('anything at all', '{data}'), 'anything at all\n');
  });

  it('contains the raw text when a field is missing or the record is not JSON, and says so', () => {
    assert.equal(line('no json'), 'RAW 2019/11/03 22:24:19.223,no json\n');
    assert.equal(line('{"other":1}'), 'RAW 2019/11/03 22:24:19.223,{"other":1}\n');
    assert.equal(line('"text"'), 'RAW 2019/11/03 22:24:19.223,"text"\n');
    assert.equal(line(''), 'RAW 2019/11/03 22:24:19.223,\n');
    assert.equal(line('{"a":1}', '{a};{b};{partitionKey}'), 'RAW {"a":1};;pk\n');
    assert.equal(line('{"message":1,"constructor":2}', '{toString}'), 'RAW {"message":1,"constructor":2}\n');
  });

  it('keeps all digits of a number', () => {
    assert.equal(line('{"message":12345678901234567890}', '{message}'), '12345678901234567890\n');
    assert.equal(line('{"message":0.10}', '{message}'), '0.10\n');
  });

  it('stays one line, whatever the record contains', () => {
    assert.equal(line('{"message":"a\\nb\\r\\nc"}', '{message}'), 'a\\nb\\r\\nc\n');
    const record = { sequenceNumber: '49', partitionKey: 'pk', shardId: 's', arrivalMs };
    const field = lineFormat('{time:HH:mm},{message}');
    const whole = lineFormat('{data}');
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (message) => {
        const json = Buffer.from(JSON.stringify({ message }));
        const lines = [field({ ...record, data: json }), whole({ ...record, data: Buffer.from(message) })];
        for (const { text } of lines) {
          assert.equal(text.indexOf('\n'), text.length - 1);
          assert.ok(!text.includes('\r'));
        }
      }),
    );
  });

  it('requires a valid format', () => {
    for (const [format, zone] of [
      ['{', 'UTC'],
      ['a}', 'UTC'],
      ['{}', 'UTC'],
      ['{a..b}', 'UTC'],
      ['{time:yyyyT}', 'UTC'],
      ["{time:'open}", 'UTC'],
      ['{time:yyyy}\n', 'UTC'],
      ['{time:yyyy}', 'Mars/Olympus'],
    ] as const) {
      assert.throws(() => lineFormat(format, zone), LineFormatError, format);
    }
  });
});
