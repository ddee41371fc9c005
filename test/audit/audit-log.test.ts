import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { appendFile, readFile, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import {
  CreateStreamCommand,
  DescribeStreamSummaryCommand,
  GetRecordsCommand,
  GetShardIteratorCommand,
  KinesisClient,
  PutRecordCommand,
} from '@aws-sdk/client-kinesis';
import type { Config } from '../../src/config.ts';
import { startServer } from '../../src/server/start.ts';
import { silentLog } from '../../src/support/log.ts';
import {
  clientOptions,
  spawnServer,
  startTestServer,
  testConfig,
  temporaryFolder,
} from '../support/server.ts';
import { removeFolder } from '../support/temporary-folder.ts';
import { until } from '../support/until.ts';

type Json = Readonly<Record<string, unknown>>;

const KEY = { accessKeyId: 'AKIAROOTKEY', secretAccessKey: 'the-secret-of-the-root-key' };
const AUDIT = { fileBytesMax: 1024 * 1024, filesMax: 3, data: 'none', required: false } as const;

function kinesisAt(endpoint: string, credentials = KEY): KinesisClient {
  return new KinesisClient({ ...clientOptions(endpoint), credentials, maxAttempts: 1 });
}

async function recordsIn(path: string): Promise<Json[]> {
  const text = existsSync(path) ? await readFile(path, 'utf8') : '';
  return text
    .split('\n')
    .filter((line) => line.endsWith('}'))
    .map((line) => JSON.parse(line) as Json);
}

/** A server with a root key, and what it has audited. */
async function withAudit(
  settings: Partial<NonNullable<Config['audit']>>,
  run: (server: { endpoint: string; records: (count: number) => Promise<Json[]> }) => Promise<void>,
): Promise<void> {
  const folder = await temporaryFolder();
  const file = join(folder, 'audit.log');
  try {
    await using server = await startTestServer({ rootKey: KEY, audit: { ...AUDIT, file, ...settings } });
    await run({
      endpoint: server.endpoint,
      async records(count) {
        await until(async () => (await recordsIn(file)).length >= count);
        return recordsIn(file);
      },
    });
  } finally {
    await removeFolder(folder);
  }
}

const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/;
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

describe('the audit log', () => {
  it("has a record of each operation on resources, in CloudTrail's format", async () => {
    await withAudit({}, async ({ endpoint, records }) => {
      const kinesis = kinesisAt(endpoint);
      const { $metadata } = await kinesis.send(new CreateStreamCommand({ StreamName: 's', ShardCount: 1 }));
      const [record, ...others] = await records(1);
      assert.ok(record);
      const { eventTime, eventID, userAgent, ...rest } = record;
      assert.match(String(eventTime), TIME);
      assert.match(String(eventID), UUID);
      assert.match(String(userAgent), /^aws-sdk-js/);
      assert.deepEqual(rest, {
        eventVersion: '1.11',
        userIdentity: {
          type: 'Root',
          principalId: '000000000000',
          arn: 'arn:aws:iam::000000000000:root',
          accountId: '000000000000',
          accessKeyId: KEY.accessKeyId,
        },
        eventSource: 'kinesis.amazonaws.com',
        eventName: 'CreateStream',
        awsRegion: 'us-east-1',
        sourceIPAddress: '127.0.0.1',
        requestParameters: { streamName: 's', shardCount: 1 },
        responseElements: null,
        requestID: $metadata.requestId,
        readOnly: false,
        eventType: 'AwsApiCall',
        managementEvent: true,
        recipientAccountId: '000000000000',
        eventCategory: 'Management',
      });
      assert.deepEqual(others, []);
    });
  });

  it('says why a request was refused, and that an unknown caller is not who it claims to be', async () => {
    await withAudit({}, async ({ endpoint, records }) => {
      const describe = new DescribeStreamSummaryCommand({ StreamName: 'missing' });
      await assert.rejects(kinesisAt(endpoint).send(describe));
      const wrong = { accessKeyId: KEY.accessKeyId, secretAccessKey: 'wrong' };
      await assert.rejects(kinesisAt(endpoint, wrong).send(describe));
      await fetch(`${endpoint}/_nagare/apply`, { method: 'POST', body: '{}' });
      const told = (await records(3)).map(
        ({ eventSource, eventName, errorCode, userIdentity, requestParameters }) => [
          `${String(eventSource)} ${String(eventName)}`,
          errorCode,
          (userIdentity as Json)['type'],
          requestParameters,
        ],
      );
      assert.deepEqual(told, [
        [
          'kinesis.amazonaws.com DescribeStreamSummary',
          'ResourceNotFoundException',
          'Root',
          { streamName: 'missing' },
        ],
        ['kinesis.amazonaws.com DescribeStreamSummary', 'InvalidSignatureException', 'Unknown', null],
        ['nagare POST /_nagare/apply', '403', 'AWSAccount', null],
      ]);
    });
  });

  it('has operations on data only as far as it is told to', async () => {
    for (const [data, expected] of [
      ['none', ['CreateStream', 'DescribeStreamSummary']],
      ['write', ['CreateStream', 'PutRecord', 'DescribeStreamSummary']],
      ['all', ['CreateStream', 'PutRecord', 'GetShardIterator', 'GetRecords', 'DescribeStreamSummary']],
    ] as const) {
      await withAudit({ data }, async ({ endpoint, records }) => {
        const kinesis = kinesisAt(endpoint);
        await kinesis.send(new CreateStreamCommand({ StreamName: 's', ShardCount: 1 }));
        const Data = Buffer.from('the data of the record');
        await kinesis.send(new PutRecordCommand({ StreamName: 's', PartitionKey: 'k', Data }));
        await readAll(kinesis, 's');
        await kinesis.send(new DescribeStreamSummaryCommand({ StreamName: 's' }));
        const found = await records(expected.length);
        assert.deepEqual(
          found.map(({ eventName }) => eventName),
          expected,
        );
        for (const { eventName, eventCategory, managementEvent, readOnly, requestParameters } of found) {
          const isData = /Record|Iterator/.test(String(eventName));
          assert.deepEqual([eventCategory, managementEvent], [isData ? 'Data' : 'Management', !isData]);
          assert.equal(readOnly, /^(?:Get|Describe)/.test(String(eventName)));
          if (eventName !== 'PutRecord') continue;
          const data = 'HIDDEN_DUE_TO_SECURITY_REASONS';
          assert.deepEqual(requestParameters, { streamName: 's', partitionKey: 'k', data });
        }
      });
    }
  });

  it('goes to a stream too, whose readers do not add to it', async () => {
    await using server = await startTestServer({
      rootKey: KEY,
      audit: { ...AUDIT, data: 'all', stream: 'audit' },
    });
    const kinesis = kinesisAt(server.endpoint);
    // Nothing is lost because the stream does not exist yet.
    await kinesis.send(new CreateStreamCommand({ StreamName: 'other', ShardCount: 1 }));
    await kinesis.send(new CreateStreamCommand({ StreamName: 'audit', ShardCount: 1 }));
    let records: { key: string; record: Json }[] = [];
    await until(
      async () => {
        const found = await readAll(kinesis, 'audit');
        records = found.map(({ PartitionKey, Data }) => ({
          key: PartitionKey ?? '',
          record: JSON.parse(Buffer.from(Data ?? '').toString()) as Json,
        }));
        return records.length >= 2;
      },
      { what: 'the first records in the stream' },
    );
    await readAll(kinesis, 'audit');
    await kinesis.send(new DescribeStreamSummaryCommand({ StreamName: 'other' }));
    await until(async () => (await readAll(kinesis, 'audit')).length >= 3);
    const found = await readAll(kinesis, 'audit');
    assert.deepEqual(
      found.map(({ Data }) => (JSON.parse(Buffer.from(Data ?? '').toString()) as Json)['eventName']),
      ['CreateStream', 'CreateStream', 'DescribeStreamSummary'],
    );
    assert.equal(records[0]?.key, 'arn:aws:iam::000000000000:root');
  });

  it('is not needed for requests while its disk is full, unless it is required', async () => {
    for (const required of [false, true]) {
      const audit = { ...AUDIT, file: '/dev/full', required };
      await using server = await startTestServer({ rootKey: KEY, audit });
      const kinesis = kinesisAt(server.endpoint);
      await kinesis.send(new CreateStreamCommand({ StreamName: 's', ShardCount: 1 }));
      await until(async () => (await (await fetch(`${server.endpoint}/health`)).text()).includes('audit'));
      const health = (await (await fetch(`${server.endpoint}/health`)).json()) as Json;
      assert.deepEqual(health['warnings'], ['audit records cannot be written: the disk is full']);
      const put = new PutRecordCommand({ StreamName: 's', PartitionKey: 'k', Data: Buffer.from('data') });
      if (required) await assert.rejects(kinesis.send(put), { name: 'ServiceUnavailable' });
      else await kinesis.send(put);
    }
  });

  it('refuses the start when its file cannot be written', async () => {
    const folder = await temporaryFolder();
    const audit = { ...AUDIT, file: join(folder, 'missing', 'audit.log') };
    await assert.rejects(startServer(testConfig(folder, { audit }), silentLog), {
      name: 'AuditError',
      message: /audit\.log cannot be written: no such file or directory$/,
    });
    await removeFolder(folder);
  });

  it('continues in a new file after SIGHUP, and on a new line after a crash', async () => {
    await using server = await spawnServer({ args: ['--audit-log', 'audit.log'] });
    const folder = join(server.dataDir, '..');
    const file = join(folder, 'audit.log');
    const kinesis = kinesisAt(server.endpoint);
    const list = async (): Promise<unknown> =>
      kinesis.send(new DescribeStreamSummaryCommand({ StreamName: 'missing' })).catch(() => undefined);
    await list();
    await until(async () => (await recordsIn(file)).length === 1);
    await rename(file, `${file}.old`);
    process.kill(server.pid, 'SIGHUP');
    await until(async () => {
      await list();
      return existsSync(file);
    });
    await server.kill();
    await appendFile(file, '{"eventVersion":');
    const before = (await recordsIn(file)).length;
    await server.start();
    await list();
    await until(async () => (await recordsIn(file)).length === before + 1);
  });
});

async function readAll(kinesis: KinesisClient, StreamName: string) {
  const { ShardIterator } = await kinesis.send(
    new GetShardIteratorCommand({
      StreamName,
      ShardId: 'shardId-000000000000',
      ShardIteratorType: 'TRIM_HORIZON',
    }),
  );
  const { Records } = await kinesis.send(new GetRecordsCommand({ ShardIterator }));
  return Records ?? [];
}
