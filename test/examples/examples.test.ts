import assert from 'node:assert/strict';
import { readdir, readFile } from 'node:fs/promises';
import { after, before, test } from 'node:test';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { CloudWatchClient, DescribeAlarmsCommand } from '@aws-sdk/client-cloudwatch';
import { GetObjectCommand, ListObjectsV2Command, NoSuchKey, S3Client } from '@aws-sdk/client-s3';
import { readConfig } from '../../src/config.ts';
import { until } from '../support/until.ts';
import { sectionsOf } from '../../src/declarations/plan.ts';
import { registrations } from '../../src/services/index.ts';
import { clientEnvironment, clientOptions, startTestServer, type TestServer } from '../support/server.ts';
import { runTool } from '../support/tools.ts';

const examples = fileURLToPath(new URL('../../examples', import.meta.url));

let server: TestServer;
let s3: S3Client;

before(async () => {
  const { declarations, baseDir } = await readConfig({
    flags: { config: 'nagare.yaml' },
    environment: {},
    workingFolder: examples,
    sections: sectionsOf(registrations),
  });
  server = await startTestServer({ declarations, baseDir });
  s3 = new S3Client({ ...clientOptions(server.endpoint), forcePathStyle: true });
});

after(async () => {
  s3.destroy();
  await server.close();
});

async function run(file: string, ...args: string[]): Promise<string> {
  return await runTool(process.execPath, [join(examples, file), ...args], {
    env: clientEnvironment(server.endpoint),
  });
}

async function messagesIn(key: string): Promise<string[]> {
  try {
    const { Body } = await s3.send(new GetObjectCommand({ Bucket: 'my-bucket-name', Key: key }));
    const text = (await Body?.transformToString()) ?? '';
    return text
      .split('\n')
      .slice(0, -1)
      .map((line) => line.slice(line.lastIndexOf(',') + 1));
  } catch (error) {
    if (error instanceof NoSuchKey) return [];
    throw error;
  }
}

async function untilLines(key: string, count: number): Promise<string[]> {
  return await until(
    async () => {
      const messages = await messagesIn(key);
      return messages.length >= count && messages;
    },
    { what: `${count} lines in ${key}` },
  );
}

test("with 100 concurrent producers, the handler's log and the list log both have each message once, in the same order", async () => {
  assert.equal(await run('fire.ts'), '100 invocations accepted\n');
  const byListLog = await untilLines('log.txt', 100);
  const byHandler = await untilLines('log-by-handler.txt', 100);
  const all = Array.from({ length: 100 }, (_, message) => String(message));
  assert.deepEqual(byListLog.toSorted(), all.toSorted());
  assert.deepEqual(byHandler, byListLog);
});

async function deliveredLines(): Promise<string[]> {
  const { Contents = [] } = await s3.send(
    new ListObjectsV2Command({ Bucket: 'my-bucket-name', Prefix: 'delivered/' }),
  );
  const texts = await Promise.all(
    Contents.map(async ({ Key }) => {
      const { Body } = await s3.send(new GetObjectCommand({ Bucket: 'my-bucket-name', Key }));
      return (await Body?.transformToString()) ?? '';
    }),
  );
  return texts.join('').split('\n').slice(0, -1);
}

test('the delivery stream has taken them to S3, each once, through the function', async () => {
  const delivered = await until(
    async () => (await deliveredLines()).length >= 100 && (await deliveredLines()),
    {
      what: '100 delivered lines',
    },
  );
  const all = Array.from({ length: 100 }, (_, message) => String(message));
  assert.deepEqual(delivered.toSorted(), all.toSorted());
});

test('put.ts puts a record, which becomes a line', async () => {
  const before = (await messagesIn('log.txt')).length;
  assert.match(await run('put.ts', 'log-sample-stream', '{"message":"hi"}'), /^in shardId-\d{12} at \d+\n$/);
  const messages = await untilLines('log.txt', before + 1);
  assert.equal(messages.at(-1), 'hi');
});

test('alarm.ts creates an alarm on the given stream', async () => {
  const output = await run('alarm.ts', 'log-sample-stream');
  assert.match(output, /^alarm log-sample-stream-is-busy tells arn:aws:sns:/);
  const cloudWatch = new CloudWatchClient(clientOptions(server.endpoint));
  const { MetricAlarms = [] } = await cloudWatch.send(
    new DescribeAlarmsCommand({ AlarmNames: ['log-sample-stream-is-busy'] }),
  );
  assert.equal(MetricAlarms[0]?.Threshold, 10);
  cloudWatch.destroy();
});

test('the alarm that nagare.yaml declares counts the 100 records', async () => {
  const cloudWatch = new CloudWatchClient(clientOptions(server.endpoint));
  await until(
    async () => {
      const { MetricAlarms = [] } = await cloudWatch.send(
        new DescribeAlarmsCommand({ AlarmNames: ['busy'] }),
      );
      return MetricAlarms[0]?.StateValue === 'ALARM';
    },
    { what: 'ALARM' },
  );
  cloudWatch.destroy();
});

// A machine's own node may be too old to run them as they are; npx takes the one that npm installed here.
test('the examples are run with npx, which works with any installed Node', async () => {
  const folder = fileURLToPath(new URL('../../examples', import.meta.url));
  for (const name of await readdir(folder, { recursive: true })) {
    if (!/\.(ts|yaml|md)$/.test(name)) continue;
    assert.doesNotMatch(await readFile(join(folder, name), 'utf8'), /(?<!npx )\bnode examples\//, name);
  }
});

test('a second start with the same declarations changes and duplicates nothing', async () => {
  const before = await messagesIn('log.txt');
  await server.restart();
  await run('put.ts', 'log-sample-stream', '{"message":"again"}');
  assert.deepEqual(await untilLines('log.txt', before.length + 1), [...before, 'again']);
  assert.deepEqual((await untilLines('log-by-handler.txt', before.length + 1)).at(-1), 'again');
});
