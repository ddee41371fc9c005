import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { processor, query, record, run } from './support.ts';

const none = { dynamicPartitioning: false, partitionKeys: [] };

/** Takes a regular expression practically for ever. */
const slow = (number: number) => record(`{"t":"${'a'.repeat(60)}!"}`, number);

suite('RecordDeAggregation', () => {
  const json = processor('RecordDeAggregation', { SubRecordType: 'JSON' });
  const k = query('{k: .k}');

  test('splits JSON objects, with and without space between them', async () => {
    const text = '{"k":1}{"k":"}{\\"","a":[{"b":[]}]}\n {"k":3}\r\n';
    const { texts, keys, records } = await run({
      processors: [json, k],
      records: [record(text), record('{"k":4}', 2)],
    });
    assert.deepEqual(texts, ['{"k":1}', '{"k":"}{\\"","a":[{"b":[]}]}', '{"k":3}', '{"k":4}']);
    assert.deepEqual(
      keys.map((key) => key['partitionKeyFromQuery:k']),
      ['1', '}{"', '3', '4'],
    );
    assert.deepEqual(
      records.map(({ subSequenceNumber }) => subSequenceNumber),
      [0, 1, 2, 0],
    );
  });

  test('refuses records that are not a sequence of objects, and passes the others on', async () => {
    for (const bad of ['[{"k":1}]', '{"k":1} x', '{"k":1', '"{}"', '{"k":1]']) {
      const { texts, refused } = await run({
        processors: [json, k],
        records: [record(bad), record('{"k":2}', 2)],
      });
      assert.deepEqual(texts, ['{"k":2}'], bad);
      assert.equal(refused[0]?.text, bad);
      assert.equal(refused[0]?.outputType, 'processing-failed');
    }
  });

  test('splits at a base64-encoded delimiter', async () => {
    const delimited = processor('RecordDeAggregation', {
      SubRecordType: 'DELIMITED',
      Delimiter: Buffer.from('##').toString('base64'),
    });
    const { texts } = await run({
      processors: [delimited, k],
      records: [record('{"k":1}##{"k":2}####{"k":3}##')],
    });
    assert.deepEqual(texts, ['{"k":1}', '{"k":2}', '{"k":3}']);
  });
});

suite('MetadataExtraction', () => {
  const info = { partitionKeys: ['partitionKeyFromQuery:k', 'partitionKeyFromQuery:year'] };

  test('extracts keys from a record with jq: texts, numbers and booleans', async () => {
    const { keys } = await run({
      processors: [query('{k: .a.b, year: .at | strftime("%Y")}')],
      info,
      records: ['{"a":{"b":"x"},"at":1565382027}', '{"a":{"b":12.5},"at":0}', '{"a":{"b":false},"at":0}'].map(
        (text, at) => record(text, at),
      ),
    });
    assert.deepEqual(
      keys.map((key) => [key['partitionKeyFromQuery:k'], key['partitionKeyFromQuery:year']]),
      [
        ['x', '2019'],
        ['12.5', '1970'],
        ['false', '1970'],
      ],
    );
  });

  test('refuses records without a key, and records that are not JSON', async () => {
    const bad = ['no json', '{"k":null}', '{"k":""}', '{}', '{"k":{"x":1}}', '{"k":[1]}', '[]', ''];
    const { texts, refused } = await run({
      processors: [query('{k: .k}')],
      records: [...bad, '{"k":"good"}'].map((text, at) => record(text, at)),
    });
    assert.deepEqual(texts, ['{"k":"good"}']);
    assert.deepEqual(
      refused.map(({ text }) => text),
      bad,
    );
    for (const { errorCode, outputType, attempts } of refused) {
      assert.deepEqual(
        { errorCode, outputType, attempts },
        {
          errorCode: 'DynamicPartitioning.MetadataExtractionFailed',
          outputType: 'processing-failed',
          attempts: 1,
        },
      );
    }
  });

  test('refuses records for which the program returns no object or several', async () => {
    const { refused } = await run({
      processors: [query('{k: .k[]}')],
      records: ['{"k":[1,2]}', '{"k":[]}'].map(record),
    });
    assert.equal(refused.length, 2);
  });

  test('truncates messages that quote the record', async () => {
    const text = JSON.stringify({ k: 'x'.repeat(100_000) });
    const { refused } = await run({ processors: [query('{k: error(.k)}')], records: [record(text)] });
    assert.match(refused[0]?.errorMessage ?? '', /^The jq program failed: x+\.\.\.$/);
    assert.equal(refused[0]?.errorMessage.length, 1_003);
  });

  test('stops a program that does not end for a record, and continues with the next', async () => {
    const { texts, refused } = await run({
      processors: [query('def f: f; if .loop then f else {k: .k} end')],
      records: [record('{"loop":true}'), record('{"k":1}', 2)],
    });
    assert.deepEqual(texts, ['{"k":1}']);
    assert.match(refused[0]?.errorMessage ?? '', /calls functions more than 200 deep|more than 100000 steps/);
  });

  test('stops a regular expression that takes too long', { timeout: 120_000 }, async () => {
    const { texts, refused } = await run({
      processors: [query('{k: (if .t | test("^(a+)+$") then "yes" else "no" end)}')],
      records: [record('{"t":"aa"}', 1), slow(2), slow(3), record('{"t":"b"}', 4)],
    });
    assert.deepEqual(texts, ['{"t":"aa"}', '{"t":"b"}']);
    assert.deepEqual(
      refused.map(({ errorMessage }) => errorMessage),
      Array.from({ length: 2 }, () => 'The jq program takes too long for the record.'),
    );
  });

  test('lets other work run for as long as a record took that takes long', { timeout: 120_000 }, async () => {
    const records = [1, 2].map(slow);
    let turns = 0;
    const timer = setInterval(() => turns++, 10);
    await run({ processors: [query('{k: .t | test("^(a+)+$") | tostring}')], records });
    clearInterval(timer);
    assert.ok(turns >= 10, `${turns} turns of a timer`);
  });

  test('lets other work run between small records that take long', async () => {
    const records = Array.from({ length: 1000 }, (_, at) => record('{"k":1}', at));
    let turns = 0;
    let ended = false;
    const count = (): void => {
      turns++;
      if (!ended) setImmediate(count);
    };
    setImmediate(count);
    await run({ processors: [query('{k: [range(20000)] | length | tostring}')], records });
    ended = true;
    // One turn of work takes 10 ms; all of it in one turn would leave two.
    assert.ok(turns >= 4, `${turns} turns of the event loop`);
  });

  test('has varying results only if it uses regular expressions, whose time is limited', async () => {
    const same = await run({ processors: [query('{k: .k | ascii_downcase}')], records: [] });
    assert.equal(same.processing.mayVary, false);
    const timed = await run({ processors: [query('{k: .k | sub("a"; "b")}')], records: [] });
    assert.equal(timed.processing.mayVary, true);
  });

  test("returns the record's arrival time as now", async () => {
    const { keys } = await run({ processors: [query('{k: now | todate}')], records: [record('{}')] });
    assert.equal(keys[0]?.['partitionKeyFromQuery:k'], '2026-01-02T03:04:05Z');
  });
});

suite('Decompression and CloudWatchLogProcessing', () => {
  const decompress = processor('Decompression', { CompressionFormat: 'GZIP' });
  const extract = processor('CloudWatchLogProcessing', { DataMessageExtraction: 'True' });
  const envelope = {
    messageType: 'DATA_MESSAGE',
    logGroup: '/aws/lambda/x',
    logEvents: [
      { id: '1', timestamp: 1, message: 'first' },
      { id: '2', timestamp: 2, message: '' },
      { id: '3', timestamp: 3, message: 'thïrd' },
    ],
  };
  const zipped = gzipSync(JSON.stringify(envelope));

  test('decompresses the JSON of CloudWatch Logs', async () => {
    const { texts } = await run({ processors: [decompress], info: none, records: [record(zipped)] });
    assert.deepEqual(texts, [JSON.stringify(envelope)]);
  });

  test('writes messages as lines, and control messages as empty records', async () => {
    const control = gzipSync(JSON.stringify({ messageType: 'CONTROL_MESSAGE', logEvents: [] }));
    const { texts } = await run({
      // The order is Firehose's, not that of the configuration.
      processors: [extract, decompress],
      info: none,
      records: [record(zipped), record(control, 2)],
    });
    assert.deepEqual(texts, ['first\n\nthïrd\n', '']);
  });

  test('refuses records that are not compressed, not JSON or not an envelope, with their original data', async () => {
    const bad = [Buffer.from('plain'), gzipSync('no json'), gzipSync('{"a":1}'), zipped.subarray(0, 40)];
    const { refused, texts } = await run({
      processors: [decompress, extract],
      info: none,
      records: bad.map((data, at) => record(data, at)),
    });
    assert.deepEqual(texts, []);
    assert.deepEqual(
      refused.map(({ text }) => text),
      bad.map(String),
    );
    assert.equal(refused[0]?.errorCode, 'Decompression failed.');
    assert.equal(refused[0]?.outputType, 'decompression-failed');
  });

  test('refuses a few bytes that decompress to gigabytes', async () => {
    const bomb = gzipSync(Buffer.alloc(64 * 1024 * 1024));
    const { refused } = await run({ processors: [decompress], info: none, records: [record(bomb)] });
    assert.equal(refused.length, 1);
  });

  test('bounds the decompressed size of a range', async () => {
    const mib = 1024 * 1024;
    const zeros = gzipSync(`[${' '.repeat(30 * mib)}]`);
    const { records, refused } = await run({
      processors: [decompress],
      info: none,
      records: Array.from({ length: 10 }, (_, at) => record(zeros, at)),
    });
    assert.deepEqual([records.length, refused.length], [8, 2]);
    assert.match(refused[0]?.errorMessage ?? '', /more than 256 MiB/);
  });

  test('counts a record by its stated uncompressed size', async () => {
    const { processing } = await run({ processors: [decompress], info: none, records: [] });
    const sizeOf = (data: Uint8Array) => processing.sizeOf?.({ data });
    assert.equal(sizeOf(gzipSync(Buffer.alloc(100_000))), 100_000);
    assert.equal(sizeOf(Buffer.from('not compressed')), 14);
    const lies = gzipSync('x');
    lies.writeUInt32LE(0xffff_ffff, lies.length - 4);
    assert.equal(sizeOf(lies), 32 * 1024 * 1024, 'no more than a record may have');
    lies.writeUInt32LE(0, lies.length - 4);
    assert.equal(sizeOf(lies), lies.length);
  });
});

test('AppendDelimiterToRecord ends each record with a newline, after all other processors', async () => {
  const { texts, keys } = await run({
    processors: [
      processor('AppendDelimiterToRecord', { Delimiter: String.raw`\n` }),
      processor('RecordDeAggregation', { SubRecordType: 'JSON' }),
      query('{k: .k}'),
    ],
    records: [record('{"k":1}{"k":2}')],
  });
  assert.deepEqual(texts, ['{"k":1}\n', '{"k":2}\n']);
  assert.equal(keys.length, 2);
});
