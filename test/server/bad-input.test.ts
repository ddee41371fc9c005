import { jsonFor, signedFor } from '../support/admission.ts';
import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { declared } from '../support/declarations.ts';
import { startTestServer, temporaryFolder, type TestServer } from '../support/server.ts';

/** What users get wrong, and what their functions do wrong, through the wire: each a clear AWS error, and nothing lost. */
let server: TestServer;

before(async () => {
  const folder = await temporaryFolder();
  const functions: Record<string, string> = {
    throws: "export const handler = () => { throw new TypeError('as if') };",
    exits: 'export const handler = () => process.exit(3);',
    hangs: 'export const handler = () => new Promise((resolve) => setTimeout(resolve, 1e9));',
    talks: "export const handler = async () => { console.log('x'.repeat(1024 * 1024)); return 'said'; };",
  };
  const declaredFunctions = Object.fromEntries(
    Object.keys(functions).map((name) => [name, { path: `./${name}.mjs`, timeout: 1 }]),
  );
  for (const [name, code] of Object.entries(functions)) await writeFile(join(folder, `${name}.mjs`), code);
  server = await startTestServer({
    baseDir: folder,
    declarations: declared({ streams: { s: { shardCount: 1 } }, functions: declaredFunctions }),
  });
  await expectOk('PutRecord', { StreamName: 's', PartitionKey: 'k', Data: data('before') });
});

after(async () => {
  const records = await recordsOf('s');
  await server.close();
  assert.deepEqual(records.slice(0, 1), ['before'], 'what was there before is still there');
});

function data(text: string): string {
  return Buffer.from(text).toString('base64');
}

async function send(
  headers: Record<string, string>,
  body: string,
): Promise<{ status: number; answer: string }> {
  const answer = await fetch(server.endpoint, {
    method: 'POST',
    headers: { ...signedFor('kinesis'), ...headers },
    body,
  });
  assert.ok(answer.headers.get('x-amzn-requestid'), 'every answer has a request id');
  return { status: answer.status, answer: await answer.text() };
}

async function kinesis(operation: string, input: unknown): Promise<{ status: number; answer: string }> {
  return await send(
    { 'content-type': 'application/x-amz-json-1.1', 'x-amz-target': `Kinesis_20131202.${operation}` },
    typeof input === 'string' ? input : JSON.stringify(input),
  );
}

async function expectOk(operation: string, input: unknown): Promise<Record<string, unknown>> {
  const { status, answer } = await kinesis(operation, input);
  assert.equal(status, 200, answer);
  // What the operation answers is looked at by the caller.
  return JSON.parse(answer === '' ? '{}' : answer) as Record<string, unknown>;
}

async function expectError(operation: string, input: unknown, code: string, message: RegExp): Promise<void> {
  const { status, answer } = await kinesis(operation, input);
  const error = JSON.parse(answer) as { __type: string; message?: string };
  assert.deepEqual([status, error.__type], [400, code], answer);
  assert.match(error.message ?? '', message);
}

async function iteratorOf(stream: string): Promise<unknown> {
  const { ShardIterator } = await expectOk('GetShardIterator', {
    StreamName: stream,
    ShardId: 'shardId-000000000000',
    ShardIteratorType: 'TRIM_HORIZON',
  });
  return ShardIterator;
}

async function recordsOf(stream: string): Promise<string[]> {
  const { Records } = await expectOk('GetRecords', { ShardIterator: await iteratorOf(stream) });
  return (Records as { Data: string }[]).map(({ Data }) => Buffer.from(Data, 'base64').toString());
}

test('an unknown stream, shard or iterator', async () => {
  const unknown = /nowhere.*not found/;
  const put = { StreamName: 'nowhere', PartitionKey: 'k', Data: data('x') };
  await expectError('PutRecord', put, 'ResourceNotFoundException', unknown);
  await expectError('DescribeStreamSummary', { StreamName: 'nowhere' }, 'ResourceNotFoundException', unknown);
  const shard = { StreamName: 's', ShardId: 'shardId-000000000009', ShardIteratorType: 'LATEST' };
  await expectError('GetShardIterator', shard, 'ResourceNotFoundException', /shardId-000000000009/);
  await expectError('GetRecords', { ShardIterator: 'AAAA' }, 'InvalidArgumentException', /[Ii]terator/);
});

test('an iterator of a deleted stream, also when a stream of that name was created again', async () => {
  await expectOk('CreateStream', { StreamName: 'gone', ShardCount: 1 });
  const iterator = await iteratorOf('gone');
  await expectOk('DeleteStream', { StreamName: 'gone' });
  await expectError('GetRecords', { ShardIterator: iterator }, 'ResourceNotFoundException', /gone/);
  await expectOk('CreateStream', { StreamName: 'gone', ShardCount: 1 });
  const { status } = await kinesis('GetRecords', { ShardIterator: iterator });
  assert.equal(status, 400);
});

test('a record can have 0 bytes; one that is too large, and 501 of them, are refused', async () => {
  await expectOk('CreateStream', { StreamName: 'sizes', ShardCount: 1 });
  await expectOk('PutRecord', { StreamName: 'sizes', PartitionKey: 'k', Data: '' });
  const large = {
    StreamName: 'sizes',
    PartitionKey: 'k',
    Data: Buffer.alloc(1024 * 1024 + 1).toString('base64'),
  };
  const { status, answer } = await kinesis('PutRecord', large);
  assert.equal(status, 400);
  assert.match(answer, /ValidationException|InvalidArgumentException/);
  const records = Array.from({ length: 501 }, () => ({ PartitionKey: 'k', Data: data('x') }));
  await expectError('PutRecords', { StreamName: 'sizes', Records: records }, 'ValidationException', /500/);
  assert.deepEqual(await recordsOf('sizes'), ['']);
});

test('a missing, empty or too long partition key is reported with all other violations', async () => {
  await expectError('PutRecord', { StreamName: 's', Data: data('x') }, 'ValidationException', /partitionKey/);
  const wrong = { StreamName: 'no/such name', PartitionKey: 'k'.repeat(257), Data: data('x') };
  await expectError('PutRecord', wrong, 'ValidationException', /^2 validation errors detected/);
});

test('malformed JSON, and JSON of another structure', async () => {
  for (const body of [
    '{',
    '',
    'null',
    '[]',
    '"text"',
    '{"StreamName": 5}',
    '{"StreamName":"s","Records":{}}',
  ]) {
    const { status, answer } = await kinesis('PutRecords', body);
    assert.equal(status, 400, body);
    assert.match(answer, /"__type":"(SerializationException|ValidationException)"/, body);
  }
});

test('data that is not base64', async () => {
  const { status, answer } = await kinesis('PutRecord', { StreamName: 's', PartitionKey: 'k', Data: '%%%' });
  assert.equal(status, 400);
  assert.match(answer, /SerializationException/);
});

test('a wrong content type, an unknown target and an unknown operation', async () => {
  const target = { 'x-amz-target': 'Kinesis_20131202.ListStreams' };
  const text = await fetch(server.endpoint, {
    method: 'POST',
    headers: { ...target, 'content-type': 'text/plain' },
    body: '{}',
  });
  assert.equal(text.status, 404);
  assert.match(await text.text(), /UnknownOperationException/);
  for (const unknown of ['Kinesis_20131202.Dance', 'Nothing_1.ListStreams', 'nonsense', '']) {
    const answer = await fetch(server.endpoint, {
      method: 'POST',
      headers: { 'x-amz-target': unknown, 'content-type': 'application/x-amz-json-1.1' },
      body: '{}',
    });
    assert.equal(answer.status, 400, unknown);
    assert.match(await answer.text(), /UnknownOperationException/, unknown);
  }
});

test('a bucket that does not exist', async () => {
  const got = await fetch(`${server.endpoint}/no-such-bucket/key`);
  assert.equal(got.status, 404);
  assert.match(await got.text(), /<Code>NoSuchBucket<\/Code>/);
  const put = await fetch(`${server.endpoint}/no-such-bucket/key`, {
    method: 'PUT',
    headers: signedFor('s3'),
    body: 'x',
  });
  assert.equal(put.status, 404);
  assert.match(await put.text(), /<Code>NoSuchBucket<\/Code>/);
});

async function invoke(name: string): Promise<{ error: string | null; payload: string }> {
  const answer = await fetch(`${server.endpoint}/2015-03-31/functions/${name}/invocations`, {
    method: 'POST',
    headers: jsonFor('lambda'),
    body: '{}',
  });
  assert.equal(answer.status, name === 'nobody' ? 404 : 200);
  return { error: answer.headers.get('x-amz-function-error'), payload: await answer.text() };
}

test('a function that throws, exits, hangs, or does not exist is reported as on Lambda', async () => {
  const thrown = await invoke('throws');
  assert.equal(thrown.error, 'Unhandled');
  assert.match(thrown.payload, /"errorType":"TypeError","errorMessage":"as if"/);
  const exited = await invoke('exits');
  assert.match(exited.payload, /Runtime exited with error: exit status 3/);
  const hung = await invoke('hangs');
  assert.match(hung.payload, /Task timed out after 1\.00 seconds/);
  assert.match((await invoke('nobody')).payload, /Function not found/);
});

test('a function that prints a megabyte still returns', async () => {
  assert.deepEqual(await invoke('talks'), { error: null, payload: '"said"' });
});

test('bytes that are not HTTP close their connection and have no other effect', async () => {
  const { connect } = await import('node:net');
  const port = Number(new URL(server.endpoint).port);
  for (const bytes of [
    '\0\0\0\0',
    'GET\r\n\r\n',
    'PRI * HTTP/2.0\r\n\r\nXX\r\n\r\n',
    `GET / HTTP/1.1\r\nx: ${'x'.repeat(100_000)}\r\n\r\n`,
  ]) {
    const socket = connect(port, '127.0.0.1', () => socket.write(bytes));
    socket.on('error', () => {});
    socket.resume();
    await new Promise((resolve) => socket.once('close', resolve));
  }
  assert.equal((await fetch(`${server.endpoint}/health`)).status, 200);
});
