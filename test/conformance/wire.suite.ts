import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { Decoder, Encoder } from 'cbor-x';
import { type Answer, sendSigned } from './signed-request.ts';
import { onlyLocally, openSubject } from './subject.ts';

const JSON_1_1 = 'application/x-amz-json-1.1';
const CBOR_1_1 = 'application/x-amz-cbor-1.1';
const encoder = new Encoder({ useRecords: false, tagUint8Array: false });
// int64AsNumber is known to the decoder, not to its types.
const decoding: object = { useRecords: false, mapsAsObjects: true, int64AsNumber: true };
const decoder = new Decoder(decoding);

const subject = await openSubject();
after(() => subject.close());
let StreamName: string;

before(async () => {
  StreamName = await subject.stream();
});

async function send(
  operation: string,
  body: string | Uint8Array<ArrayBuffer>,
  headers: Readonly<Record<string, string>> = {},
): Promise<Answer> {
  const target = `Kinesis_20131202.${operation}`;
  return await sendSigned(subject, { 'content-type': JSON_1_1, 'x-amz-target': target, ...headers }, body);
}

function assertRefused(answer: Answer, name: string, message?: RegExp): void {
  assert.deepEqual([answer.status, answer.body['__type']], [400, name], answer.text);
  if (message !== undefined) assert.match(String(answer.body['message'] ?? answer.body['Message']), message);
}

test('a response has its content type, its request id, and an extended id', async () => {
  const { status, headers, body } = await send('ListStreams', '{"Limit":1}');
  assert.equal(status, 200);
  assert.equal(headers.get('content-type'), JSON_1_1);
  assert.match(headers.get('x-amzn-requestid') ?? '', /^[0-9a-f-]{36}$/);
  assert((headers.get('x-amz-id-2') ?? '').length > 20);
  assert('HasMoreStreams' in body);
});

test('an operation without output has an empty body', async () => {
  const input = { StreamName, Tags: { a: '1' } };
  const { status, text } = await send('AddTagsToStream', JSON.stringify(input));
  assert.deepEqual([status, text], [200, '']);
});

test('times are seconds with a fraction, data is base64', async () => {
  await subject.put(StreamName, 'hello');
  const ShardIterator = await subject.iterator(StreamName);
  const { body } = await send('GetRecords', JSON.stringify({ ShardIterator }));
  const [record] = body['Records'] as Record<string, unknown>[]; // what GetRecords answers
  assert.equal(record?.['Data'], 'aGVsbG8=');
  const time = record['ApproximateArrivalTimestamp'];
  assert(typeof time === 'number' && Math.abs(time - Date.now() / 1000) < 60, String(time));
});

test('CBOR responses are equivalent: data is bytes', async () => {
  await subject.put(StreamName, 'hello');
  const ShardIterator = await subject.iterator(StreamName);
  const body = new Uint8Array(encoder.encode({ ShardIterator }));
  const headers = { 'content-type': CBOR_1_1, 'x-amz-target': 'Kinesis_20131202.GetRecords' };
  const answer = await sendSigned(subject, headers, body);
  assert.equal(answer.status, 200);
  assert.equal(answer.headers.get('content-type'), CBOR_1_1);
  const { Records } = decoder.decode(answer.bytes) as { Records: { Data: Buffer }[] }; // what GetRecords answers
  assert.equal(Buffer.from(Records[0]?.Data ?? []).toString(), 'hello');
});

test('CBOR errors are CBOR', async () => {
  const answer = await send('DescribeStream', new Uint8Array(encoder.encode({ StreamName: 'no/name' })), {
    'content-type': CBOR_1_1,
  });
  assert.equal(answer.status, 400);
  const { __type } = decoder.decode(answer.bytes) as { __type: string }; // as errors are
  assert.equal(__type, 'ValidationException');
});

test('malformed JSON, and JSON that is not an object, are reported as such', async () => {
  for (const body of ['{', '{"StreamName":', '[]', '"text"', '5', 'x']) {
    assertRefused(await send('DescribeStream', body), 'SerializationException');
  }
});

test('a value of the wrong type is reported before any bound', async () => {
  for (const body of [
    '{"StreamName": 5}',
    '{"StreamName": ["a"]}',
    '{"StreamName": {}}',
    '{"StreamName": true}',
    '{"StreamName":"", "Limit":"many"}',
    '{"StreamName":"", "Limit":true}',
    '{"StreamName":"", "Limit":{}}',
  ]) {
    assertRefused(await send('DescribeStream', body), 'SerializationException');
  }
  assertRefused(await send('PutRecords', '{"Records":{}}'), 'SerializationException');
  assertRefused(await send('PutRecords', '{"Records":[5]}'), 'SerializationException');
});

test('unknown members are ignored', async () => {
  const { status } = await send('DescribeStreamSummary', JSON.stringify({ StreamName, Unknown: { a: [1] } }));
  assert.equal(status, 200);
});

test('a null member is treated as absent', async () => {
  const { status } = await send('DescribeStream', JSON.stringify({ StreamName, Limit: null }));
  assert.equal(status, 200);
  assertRefused(
    await send('PutRecord', JSON.stringify({ StreamName, Data: null, PartitionKey: 'k' })),
    'ValidationException',
    /^1 validation error detected: Value null at 'data' failed to satisfy constraint: Member must not be null$/,
  );
});

test('an unknown operation of a known target', async () => {
  assertRefused(await send('Dance', '{}'), 'UnknownOperationException');
});

test('an unknown target, and a missing one', async () => {
  for (const target of ['Nothing_1.ListStreams', 'nonsense', '']) {
    const answer = await sendSigned(subject, { 'content-type': JSON_1_1, 'x-amz-target': target }, '{}');
    assert(answer.status >= 400 && answer.status < 500, `${target}: ${answer.status} ${answer.text}`);
    assert.match(answer.text, /UnknownOperationException|AccessDeniedException|MissingAction/, target);
  }
});

test('a wrong content type', async () => {
  for (const type of ['text/plain', 'application/xml']) {
    const answer = await send('ListStreams', '{}', { 'content-type': type });
    assert(answer.status >= 400 && answer.status < 500, `${type}: ${answer.status}`);
    assert.match(answer.text, /UnknownOperationException|AccessDeniedException/);
  }
});

test('a compressed body is decompressed or refused, never stored as it is', async () => {
  const Data = Buffer.from('compressed').toString('base64');
  const body = gzipSync(JSON.stringify({ StreamName, PartitionKey: 'k', Data }));
  const answer = await send('PutRecord', new Uint8Array(body), { 'content-encoding': 'gzip' });
  if (answer.status !== 200) assertRefused(answer, 'SerializationException');
});

test('the number of records in a call is checked before the records', async () => {
  const Records = Array.from({ length: 501 }, () => ({ PartitionKey: '', Data: '' }));
  assertRefused(
    await send('PutRecords', JSON.stringify({ StreamName, Records })),
    'ValidationException',
    /at 'records' failed to satisfy constraint: Member must have length less than or equal to 500/,
  );
});

test('data that is not base64', async () => {
  const input = { StreamName, PartitionKey: 'k', Data: '%%%' };
  assertRefused(await send('PutRecord', JSON.stringify(input)), 'SerializationException');
});

test(
  'a call repeated with the same invocation id stores nothing again',
  { skip: onlyLocally('AWS stores the record twice') },
  async () => {
    const stream = await subject.stream();
    const input = { StreamName: stream, PartitionKey: 'k', Data: 'aGVsbG8=' };
    const headers = { 'amz-sdk-invocation-id': '0d5e1a34-6f8a-4a44-9d0a-3b6f6f5f8a11' };
    const first = await send('PutRecord', JSON.stringify(input), headers);
    const second = await send('PutRecord', JSON.stringify(input), headers);
    assert.deepEqual(second.body, first.body);
    const records = await subject.read(await subject.iterator(stream), 1);
    assert.equal(records.length, 1);
  },
);
