import { signedFor } from '../../support/admission.ts';
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { after, before, describe, it } from 'node:test';
import {
  CreateStreamCommand,
  KinesisClient,
  PutRecordsCommand,
  waitUntilStreamExists,
} from '@aws-sdk/client-kinesis';
import type { CreateListLogInput, ListLogDescription } from '../../../src/services/listlog/api-types.ts';
import { clientOptions, startTestServer, type TestServer } from '../../support/server.ts';
import { until } from '../../support/until.ts';

describe('the API of list logs', () => {
  let server: TestServer;
  let kinesis: KinesisClient;
  before(async () => {
    server = await startTestServer();
    kinesis = new KinesisClient(clientOptions(server.endpoint));
    await kinesis.send(new CreateStreamCommand({ StreamName: 'stream', ShardCount: 1 }));
    await waitUntilStreamExists(
      { client: kinesis, maxWaitTime: 10, minDelay: 0.01, maxDelay: 0.05 },
      { StreamName: 'stream' },
    );
  });
  after(async () => {
    kinesis.destroy();
    await server.close();
  });

  async function call(
    operation: string,
    input: object,
  ): Promise<{ status: number; answer: Record<string, unknown> }> {
    const response = await fetch(server.endpoint, {
      method: 'POST',
      headers: {
        ...signedFor('listlog'),
        'content-type': 'application/x-amz-json-1.1',
        'x-amz-target': `NagareListLog_20261101.${operation}`,
      },
      body: JSON.stringify(input),
    });
    return { status: response.status, answer: (await response.json()) as Record<string, unknown> };
  }

  async function describeLog(name: string): Promise<ListLogDescription> {
    const { answer } = await call('DescribeListLog', { ListLogName: name });
    return answer['ListLogDescription'] as ListLogDescription;
  }

  async function refusedAs(code: string, operation: string, input: object): Promise<void> {
    const { status, answer } = await call(operation, input);
    assert.deepEqual([status, answer['__type']], [400, code], JSON.stringify(answer));
  }

  async function put(...messages: unknown[]): Promise<void> {
    const Records = messages.map((message) => ({
      PartitionKey: 'k',
      Data: Buffer.from(JSON.stringify({ message })),
    }));
    await kinesis.send(new PutRecordsCommand({ StreamName: 'stream', Records }));
  }

  const textOf = (bucket: string, key: string) =>
    readFile(`${server.dataDir}/objects/${bucket}/${key}`, 'utf8').catch(() => '');

  async function untilText(bucket: string, key: string, text: string): Promise<void> {
    await until(async () => (await textOf(bucket, key)) === text, { what: `${key} is ${text}` });
  }

  it('creates one with its bucket, writes lines and shows its progress, also after a restart', async () => {
    const input: CreateListLogInput = {
      ListLogName: 'log',
      Stream: 'stream',
      Bucket: 'my-bucket',
      Key: 'log.txt',
      Format: '{message}',
    };
    const { answer } = await call('CreateListLog', input);
    assert.equal((answer['ListLogDescription'] as ListLogDescription).Status, 'ACTIVE');
    await put(1, 2);
    await untilText('my-bucket', 'log.txt', '1\n2\n');
    await server.restart();
    await put(3);
    await untilText('my-bucket', 'log.txt', '1\n2\n3\n');
    const described = await until(async () => {
      const now = await describeLog('log');
      return now.Lines === 3 && now;
    });
    assert.equal(described.ObjectSizeBytes, 6);
    assert.deepEqual(
      described.Shards?.map(({ ShardId }) => ShardId),
      ['shardId-000000000000'],
    );
    await call('DeleteListLog', { ListLogName: 'log' });
    assert.equal(await textOf('my-bucket', 'log.txt'), '1\n2\n3\n');
  });

  it('starts at the newest record, or at a time', async () => {
    const at = { Stream: 'stream', Bucket: 'my-bucket', Format: '{message}' };
    await call('CreateListLog', { ...at, ListLogName: 'new', Key: 'new.txt', StartingPosition: 'LATEST' });
    const made = Date.now();
    await until(() => Date.now() > made);
    const StartingPositionTimestamp = Date.now() / 1000;
    const timed = { StartingPosition: 'AT_TIMESTAMP', StartingPositionTimestamp };
    await call('CreateListLog', { ...at, ListLogName: 'timed', Key: 'timed.txt', ...timed });
    await server.restart();
    await put('after');
    await untilText('my-bucket', 'new.txt', 'after\n');
    await untilText('my-bucket', 'timed.txt', 'after\n');
  });

  it("adds lines after the object's existing content", async () => {
    await fetch(`${server.endpoint}/my-bucket/old.txt`, {
      method: 'PUT',
      headers: signedFor('s3'),
      body: 'of old',
    });
    const at = { Stream: 'stream', Bucket: 'my-bucket', Format: '{message}', StartingPosition: 'LATEST' };
    await call('CreateListLog', { ...at, ListLogName: 'old', Key: 'old.txt' });
    await put('new');
    await untilText('my-bucket', 'old.txt', 'of old\nnew\n');
    await call('DeleteListLog', { ListLogName: 'old' });
  });

  it('waits for a stream that does not exist yet', async () => {
    const target = { Stream: 'later', Bucket: 'my-bucket', Key: 'later.txt', Format: '{data}' };
    await call('CreateListLog', { ListLogName: 'later', ...target });
    assert.equal((await describeLog('later')).Status, 'WAITING_FOR_STREAM');
    await kinesis.send(new CreateStreamCommand({ StreamName: 'later', ShardCount: 1 }));
    await waitUntilStreamExists(
      { client: kinesis, maxWaitTime: 10, minDelay: 0.01, maxDelay: 0.05 },
      { StreamName: 'later' },
    );
    const Records = [{ PartitionKey: 'k', Data: Buffer.from('x') }];
    await kinesis.send(new PutRecordsCommand({ StreamName: 'later', Records }));
    await untilText('my-bucket', 'later.txt', 'x\n');
  });

  it('reports why one cannot continue', async () => {
    await call('CreateListLog', {
      ListLogName: 'failing',
      Stream: 'stream',
      Bucket: 'my-bucket',
      Key: 'failing.txt',
    });
    await put('more');
    await until(async () => ((await describeLog('failing')).Lines ?? 0) > 0);
    await fetch(`${server.endpoint}/my-bucket/failing.txt`, {
      method: 'PUT',
      headers: signedFor('s3'),
      body: 'mine',
    });
    await put('more');
    await until(async () => (await describeLog('failing')).Status === 'FAILING');
    assert.match(
      (await describeLog('failing')).StatusReason ?? '',
      /was overwritten: it no longer has the positions/,
    );
    assert.equal(await textOf('my-bucket', 'failing.txt'), 'mine');
  });

  it('lists them by name, in pages', async () => {
    const { answer } = await call('ListListLogs', { Limit: 2 });
    const names = (answer['ListLogs'] as ListLogDescription[]).map(({ ListLogName }) => ListLogName);
    assert.deepEqual([names, answer['HasMoreListLogs']], [['failing', 'later'], true]);
    const rest = await call('ListListLogs', { ExclusiveStartListLogName: 'later' });
    assert.equal(rest.answer['HasMoreListLogs'], false);
  });

  it('refuses invalid input', async () => {
    const input = { ListLogName: 'x', Stream: 'stream', Bucket: 'my-bucket', Key: 'x.txt' };
    await refusedAs('InvalidParameterValueException', 'CreateListLog', { ...input, Format: '{message' });
    await refusedAs('InvalidParameterValueException', 'CreateListLog', { ...input, TimeZone: 'Mars' });
    await refusedAs('InvalidParameterValueException', 'CreateListLog', {
      ...input,
      StartingPosition: 'AT_TIMESTAMP',
    });
    await refusedAs('InvalidParameterValueException', 'CreateListLog', { ...input, Region: 'eu-west-1' });
    await refusedAs('ResourceInUseException', 'CreateListLog', { ...input, ListLogName: 'later' });
    await refusedAs('ResourceInUseException', 'CreateListLog', { ...input, Key: 'later.txt' });
    await refusedAs('ResourceNotFoundException', 'DescribeListLog', { ListLogName: 'nothing' });
    await refusedAs('ResourceNotFoundException', 'DeleteListLog', { ListLogName: 'nothing' });
    await refusedAs('ValidationException', 'CreateListLog', { ...input, ListLogName: 'a b' });
  });
});
