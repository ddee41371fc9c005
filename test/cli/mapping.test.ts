import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { KinesisClient, PutRecordCommand } from '@aws-sdk/client-kinesis';
import { LambdaClient, ListEventSourceMappingsCommand } from '@aws-sdk/client-lambda';
import { callRest } from '../../src/cli/api.ts';
import { runCommand } from '../support/command.ts';
import { clientOptions, spawnServer, startTestServer, temporaryFolder } from '../support/server.ts';
import { until } from '../support/until.ts';

interface Described {
  readonly State: string;
  readonly Progress: {
    readonly Shards: readonly {
      readonly ShardId: string;
      readonly Position: string;
      readonly MillisBehindLatest: number;
      readonly Blockages: readonly { readonly Records: number; readonly Reason: string }[];
    }[];
  };
}

const SHARD = 'shardId-000000000000';

/** A server with a mapping whose function notes its records, and fails for "bad" ones. */
async function setUp(t: TestContext) {
  const cwd = await temporaryFolder();
  const notes = join(cwd, 'notes');
  await writeFile(notes, '');
  await writeFile(
    join(cwd, 'note.mjs'),
    `import { appendFileSync } from 'node:fs';
     export const handler = async ({ Records }) => {
       const texts = Records.map(({ kinesis }) => Buffer.from(kinesis.data, 'base64').toString());
       if (texts.includes('bad')) throw new Error('bad');
       appendFileSync(${JSON.stringify(notes)}, texts.map((text) => text + '\\n').join(''));
     };`,
  );
  const eventSource = '{ stream: s, batchSize: 1 }';
  await writeFile(
    join(cwd, 'nagare.yaml'),
    `streams:\n  s: { shardCount: 1 }\nfunctions:\n  note:\n    path: note.mjs\n    eventSources: [${eventSource}]\n`,
  );
  const server = await spawnServer({ cwd, args: ['--function-isolation', 'off'] });
  t.after(() => server.close());
  const kinesis = new KinesisClient(clientOptions(server.endpoint));
  const lambda = new LambdaClient(clientOptions(server.endpoint));
  t.after(() => [kinesis, lambda].forEach((client) => client.destroy()));
  const { EventSourceMappings: [mapping] = [] } = await lambda.send(new ListEventSourceMappingsCommand());
  const run = (...args: string[]) => runCommand(['mapping', ...args, '--endpoint', server.endpoint]);
  const uuid = mapping?.UUID ?? assert.fail('there is no mapping');
  return {
    server,
    uuid,
    run,
    describe: async () => JSON.parse((await run('describe', uuid, '--json')).output) as Described,
    noted: async () => (await readFile(notes, 'utf8')).split('\n').filter((line) => line !== ''),
    forget: async () => await writeFile(notes, ''),
    put: async (text: string) => {
      const command = new PutRecordCommand({ StreamName: 's', Data: Buffer.from(text), PartitionKey: 'k' });
      const { SequenceNumber: sequenceNumber = '' } = await kinesis.send(command);
      return sequenceNumber;
    },
  };
}

test('list, describe, pause and resume, on a running server', async (t) => {
  const { uuid, run, describe, noted, put, server } = await setUp(t);
  await put('a');
  await until(async () => (await noted()).length === 1);
  assert.equal((await run('ls')).output, `${uuid}\ts\tnote\tEnabled\tOK\n`);
  const [listed] = JSON.parse((await run('list', '--json')).output) as { readonly UUID: string }[];
  assert.equal(listed?.UUID, uuid);
  assert.equal((await run('bisect', uuid)).output, `${uuid} halves batches that fail\n`);
  const whole = JSON.parse((await run('bisect', uuid, '--off', '--json')).output) as object;
  assert.deepEqual(whole, { UUID: uuid, State: 'Enabled', BisectBatchOnFunctionError: false });
  assert.equal((await run('pause', uuid)).output, `${uuid} is Disabled\n`);
  await put('b');
  await until(async () => ((await describe()).Progress.Shards[0]?.MillisBehindLatest ?? 0) > 0);
  const { State: state, Progress: progress } = await describe();
  assert.equal(state, 'Disabled');
  assert.match(progress.Shards[0]?.Position ?? '', /^AFTER_SEQUENCE_NUMBER \d+$/);
  // The pause is durable.
  await server.kill();
  await server.start();
  assert.equal((await describe()).State, 'Disabled');
  assert.equal((await run('resume', uuid)).output, `${uuid} is Enabled\n`);
  await until(async () => (await noted()).length === 2);
  assert.deepEqual(await noted(), ['a', 'b']);
  const missing = await run('pause', 'none');
  assert.equal(missing.code, 4);
  assert.match(missing.errors, /ResourceNotFoundException: The resource you requested does not exist/);
});

test('rewind moves a mapping to the horizon, a time, a sequence number and the tip', async (t) => {
  const { uuid, run, noted, forget, put } = await setUp(t);
  await put('a');
  const b = await put('b');
  await until(async () => (await noted()).length === 2);
  await until(async () => Date.now() % 2 === 0);
  const refused = await run('rewind', uuid, 'trim-horizon');
  assert.equal(refused.code, 2);
  assert.match(
    refused.errors,
    /nothing was changed: --yes is missing\n {2}try: nagare mapping rewind .* --yes\n/,
  );
  await forget();
  const moved = await run('rewind', uuid, 'trim-horizon', '--yes');
  assert.equal(moved.output, `${uuid} is at trim-horizon and Enabled\n`);
  await until(async () => (await noted()).length === 2);
  await forget();
  await run('rewind', uuid, b, '--yes', '--shard', SHARD);
  await until(async () => (await noted()).length === 1);
  assert.deepEqual(await noted(), ['b']);
  await forget();
  await run('rewind', uuid, '2026-01-01T00:00:00Z', '--yes');
  await until(async () => (await noted()).length === 2);
  await run('pause', uuid);
  await put('never');
  await run('rewind', uuid, 'LATEST', '--yes');
  await forget();
  await run('resume', uuid);
  await put('c');
  await until(async () => (await noted()).length === 1);
  assert.deepEqual(await noted(), ['c']);
  assert.match((await run('rewind', uuid, 'yesterday', '--yes')).errors, /must be trim-horizon, latest/);
  assert.match(
    (await run('rewind', uuid, 'latest', '--yes', '--shard', 'shardId-000000000009')).errors,
    /The stream has no shard shardId-000000000009/,
  );
});

test('skip discards the batch that blocks a shard, durably', async (t) => {
  const { uuid, run, describe, noted, put, server } = await setUp(t);
  assert.match((await run('skip', uuid)).errors, /no batch fails now/);
  const bad = await put('bad');
  await put('good');
  await until(async () => (await describe()).Progress.Shards[0]?.Blockages.length === 1);
  const [blockage] = (await describe()).Progress.Shards[0]?.Blockages ?? [];
  assert.equal(blockage?.Reason, 'PROBLEM: Function call failed');
  assert.match(
    (await run('skip', uuid)).errors,
    /^nagare: this discards 1 record .*\n {2}why: nothing was changed: --yes is missing\n/,
  );
  const skipped = await run('skip', uuid, '--yes');
  assert.equal(skipped.output, `discarded 1 record of ${SHARD}, ${bad} to ${bad}\n`);
  await server.kill();
  await server.start();
  await until(async () => (await noted()).includes('good'));
  assert.deepEqual((await describe()).Progress.Shards[0]?.Blockages, []);
});

test('requests with a query are signed as AWS does it', async (t) => {
  const rootKey = { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY' };
  const server = await startTestServer({ rootKey });
  t.after(() => server.close());
  const caller = { endpoint: server.endpoint, region: 'us-east-1', credentials: rootKey };
  const path = '/2015-03-31/event-source-mappings?MaxItems=1&FunctionName=no%20such:function';
  const refused = callRest(caller, { service: 'lambda', method: 'GET', path });
  // The signature is accepted: what is refused is the name.
  await assert.rejects(refused, { code: 'ValidationException' });
  const listed = callRest(caller, { service: 'lambda', method: 'GET', path: path.replace('no%20such:', '') });
  assert.deepEqual(await listed, { EventSourceMappings: [] });
});
